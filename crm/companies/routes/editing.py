"""The pages on which a company is added and edited."""

import secrets
from typing import Any, cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.companies import queries, services, uscc
from crm.companies.fields import COMPANY
from crm.companies.form_values import in_words, present_values, stored, values_of
from crm.companies.forms import BLANK_ROWS, CompanyForm
from crm.companies.models import Company
from crm.companies.queries import NameMatch
from crm.companies.routes.blueprint import bp, load, show_refusal
from crm.companies.routes.picking import picked, picked_company, picked_nodes, picked_person
from crm.companies.services import CodeTaken, CompanyValues
from crm.core import clock, formatting
from crm.core.errors import Conflict, DomainError, FieldErrors, StaleVersion
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor

SURE = ("name", "alias")
LINKS = ("parent_id", "account_owner_id", "chain_nodes")


@bp.route("/new", methods=["GET", "POST"])
@requires(Capability.EDIT_COMPANIES)
def new() -> ResponseReturnValue:
    """Add a company; a firm of the same name is shown and needs a word of confirmation."""
    form = CompanyForm()
    if request.method == "GET":
        form.name.data = request.args.get("name", "").replace("\x00", "")[:200]
        form.submission_key.data = secrets.token_urlsafe(16)
        return _page(form)
    if adding := _added_rows():
        return _page(form, blank=adding)
    if not form.validate():
        return _page(form, status=422)
    actor = current_actor()
    saved = queries.by_submission(form.submission_key.data or "", actor.id)
    if saved is not None:
        return _saved(saved, "company:new", _("企业已新建。"))
    same = _same_name(form.name.data)
    if same and not form.is_another.data:
        return _page(form, status=422, same=same)
    try:
        with unit_of_work():
            values = _values(form)
            values["submission_key"] = form.submission_key.data or None
            company = services.create_company(actor=actor, on=clock.today(), values=values)
    except DomainError as error:
        saved = queries.by_submission(form.submission_key.data or "", actor.id)
        if saved is None or not isinstance(error, Conflict):
            return _refused(form, error, same=same)
        company = saved
    return _saved(company, "company:new", _("企业已新建。"))


@bp.route("/<int:company_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_COMPANIES)
def edit(company_id: int) -> ResponseReturnValue:
    """Edit a company; of two who do so at once, the second chooses field by field."""
    company = queries.load_detail(load(company_id).id)
    if company.id != company_id:
        return redirect(url_for("companies.edit", company_id=company.id), 303)
    if request.method == "GET":
        return _page(CompanyForm(data=stored(company)), company=company)
    form = CompanyForm()
    if adding := _added_rows():
        return _page(form, company=company, blank=adding)
    if not form.validate():
        return _page(form, company=company, status=422)
    try:
        changed = _update(form, company)
    except StaleVersion:
        return _show_conflict(form, queries.load_detail(company_id))
    except DomainError as error:
        return _refused(form, error, company=queries.load_detail(company_id))
    text = _("已保存。") if changed else _("没有改动。")
    return _saved(company, f"company:{company_id}", text)


@bp.get("/rows/<kind>")
@requires(Capability.EDIT_COMPANIES)
def row(kind: str) -> ResponseReturnValue:
    """One more blank row of a repeated part, for a form that is open."""
    if kind not in ("aliases", "honours"):
        abort(404)
    form = CompanyForm(formdata=None)
    rows = form[kind]
    # Any number that the form does not use yet will do: rows are read in the order of numbers.
    rows.last_index = 1000 + secrets.randbelow(10**6)
    return render_template(f"companies/_{kind}_row.html", row=rows.append_entry())


def _added_rows() -> int:
    """How many blank rows to show when the button for more was pressed instead of saving."""
    return BLANK_ROWS + 2 if request.form.get("more") else 0


def _saved(company: Company, draft: str, text: str) -> ResponseReturnValue:
    flash(text)
    if company.uscc and uscc.inner_check_fails(company.uscc):
        flash(_(uscc.INNER_WARNING), "warning")
    flash(draft, "draft-clear")
    return redirect(url_for("companies.detail", company_id=company.id), 303)


def _same_name(name: str) -> list[NameMatch]:
    """Firms that bear exactly this name, legal suffixes set aside."""
    found = queries.find_matches(name=name)
    return [match for match in found if match.matched_by in SURE and match.score >= 100]


def _values(form: CompanyForm) -> CompanyValues:
    values = values_of(form)
    errors: dict[str, list[str]] = {}
    try:
        parent = picked_company("parent_id", _("没有找到这家企业，请从列表里选择。"))
        values["parent_id"] = parent.id if parent else None
    except FieldErrors as error:
        errors.update(error.errors)
    try:
        owner = picked_person("account_owner_id")
        values["account_owner_id"] = owner.id if owner else None
    except FieldErrors as error:
        errors.update(error.errors)
    try:
        values["chain_nodes"] = picked_nodes("chain_nodes")
    except FieldErrors as error:
        errors.update(error.errors)
    if errors:
        raise FieldErrors(errors)
    return values


def _update(form: CompanyForm, company: Company) -> bool:
    values = cast("dict[str, Any]", _values(form))
    chosen = {
        name: value
        for name, value in values.items()
        if request.form.get(f"choose-{name}") != "theirs"
    }
    sent = form.version.data or ""
    version = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
    with unit_of_work():
        return services.update_company(
            actor=current_actor(),
            on=clock.today(),
            company=company,
            values=cast(CompanyValues, chosen),
            version=version,
        )


def _show_conflict(form: CompanyForm, company: Company) -> ResponseReturnValue:
    """Both versions side by side; the form goes out with the new version and everything typed."""
    try:
        mine = cast("dict[str, Any]", _values(form))
    except FieldErrors as error:
        return _refused(form, error, company=company)
    theirs = cast("dict[str, Any]", present_values(company))
    nodes = queries.node_names([*mine["chain_nodes"], *theirs["chain_nodes"]])
    records = _record_names(mine, theirs)
    rows = []
    for name, value in mine.items():
        shown = [in_words(name, v, labels=nodes, records=records) for v in (theirs[name], value)]
        if shown[0] != shown[1]:
            row = {"field": name, "label": _(COMPANY[name]), "theirs": shown[0], "mine": shown[1]}
            rows.append(row)
    form.version.data = str(company.version)
    change = queries.last_change(company.id)
    return _page(
        form, company=company, status=412, rows=rows, who=change[0] if change else "",
        when=formatting.ago(change[1]) if change else "",
    )  # fmt: skip


def _record_names(*versions: dict[str, Any]) -> dict[tuple[str, Any], str]:
    """Names of the companies and people that two versions point to."""
    found: dict[tuple[str, Any], str] = {}
    for values in versions:
        if parent_id := values["parent_id"]:
            found["parent_id", parent_id] = queries.get_company(parent_id).name
        if owner_id := values["account_owner_id"]:
            owner = queries.person(owner_id)
            found["account_owner_id", owner_id] = owner.name if owner else str(owner_id)
    return found


def _refused(form: CompanyForm, error: DomainError, **more: Any) -> ResponseReturnValue:
    taken = (error.company_id, error.company_name) if isinstance(error, CodeTaken) else None
    return _page(form, status=show_refusal(form, error), taken=taken, **more)


def _page(
    form: CompanyForm,
    *,
    company: Company | None = None,
    status: int = 200,
    blank: int = BLANK_ROWS,
    **more: Any,
) -> ResponseReturnValue:
    form.add_blank_rows(blank)
    body = render_template(
        "companies/form.html", form=form, company=company, labels=COMPANY,
        chosen=_chosen(company), typed={name: picked(name).text for name in LINKS}, **more,
    )  # fmt: skip
    return body, status


def _chosen(company: Company | None) -> dict[str, list[tuple[Any, str]]]:
    """What the typeaheads show as chosen: (id, label) by field."""
    if request.method == "POST":
        parents, people, nodes = (picked(name).ids for name in LINKS)
    else:
        parents = [str(company.parent_id)] if company and company.parent_id else []
        owner_id = company.account_owner_id if company else current_actor().id
        people = [str(owner_id)] if company and owner_id else []
        nodes = [row.node_id for row in company.nodes] if company else []
    chosen: dict[str, list[tuple[Any, str]]] = {"parent_id": [], "account_owner_id": []}
    for text in parents[:1]:
        if text.isdigit() and len(text) < 10:
            parent = load(int(text))
            chosen["parent_id"].append((parent.id, parent.name))
    for text in people[:1]:
        user = queries.person(int(text)) if text.isdigit() and len(text) < 10 else None
        if user is not None:
            chosen["account_owner_id"].append((user.id, user.name))
    chosen["chain_nodes"] = list(queries.node_names(nodes).items())
    return chosen
