"""The pages on which a lead is registered and edited."""

import secrets
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.companies.models import Company
from crm.companies.queries import company_by_name, get_company, namesakes
from crm.companies.services import create_company
from crm.core import clock, formatting, settings
from crm.core.errors import Conflict, DomainError, FieldErrors, NotFound, StaleVersion
from crm.core.permissions import Capability, may_reassign
from crm.core.settings import ListKind
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor
from crm.leads import services
from crm.leads.fields import FIELDS
from crm.leads.form_values import fill, values_of
from crm.leads.forms import LeadForm
from crm.leads.models import Lead
from crm.leads.queries import CollisionLine, collision_lines
from crm.leads.queries.choices import node_choices, team_choices
from crm.leads.queries.conflict import last_change
from crm.leads.queries.one import lead_by_submission, person_named
from crm.leads.routes.blueprint import bp, check_version, load, show_refusal
from crm.leads.services.access import require_change
from crm.leads.services.writing import present, shown_value
from crm.leads.stages import MAY_BE_UNAVAILABLE
from crm.leads.values import LeadValues


@bp.route("/new", methods=["GET", "POST"])
@requires(Capability.ADD_LEADS)
def new() -> ResponseReturnValue:
    """Register a lead; a firm that is not known yet is added with it."""
    form = LeadForm()
    form.set_choices(node_choices())
    if request.method == "GET":
        form.submission_key.data = secrets.token_urlsafe(16)
        form.received_on.data = clock.today()
        return _page(form, company=_asked_company())
    if not form.validate():
        return _page(form, status=422)
    try:
        lead = _create(form)
    except Conflict as error:
        saved = lead_by_submission(current_actor(), form.submission_key.data or "")
        if saved is None:
            return _page(form, status=show_refusal(form, error))
        lead = saved
    except DomainError as error:
        return _page(form, status=show_refusal(form, error))
    flash(_("线索已登记。"))
    flash("lead:new", "draft-clear")
    return redirect(url_for("leads.detail", lead_id=lead.id), 303)


def _create(form: LeadForm) -> Lead:
    actor, today = current_actor(), clock.today()
    values = values_of(form)
    with unit_of_work():
        company = _company_of_form()
        lines = _collisions(company) if company else []
        reason = (form.collision_reason.data or "").strip()
        if lines and not reason:
            text = _("其他科室正在和这家企业接洽，请写明仍要登记的原因。")
            raise FieldErrors({"collision_reason": [text]})
        if company is None:
            name = request.form.get("company_id_text", "").strip()
            if not name:
                raise FieldErrors({"company_id": [_("请选择或填写企业。")]})
            company = create_company(actor=actor, on=today, values={"name": name})
        values["company_id"] = company.id
        values["collision_reason"] = reason
        values["submission_key"] = form.submission_key.data or None
        values["anchor_ids"] = _anchor_ids()
        _set_owner(values)
        return services.create_lead(actor=actor, on=today, values=values)


def _set_owner(values: LeadValues) -> None:
    """The owner that was chosen; nobody chosen is the person themselves."""
    typed = request.form.get("owner_id_text", "").strip()
    chosen = request.form.get("owner_id", "")
    if chosen or typed:
        person = person_named(chosen, typed)
        if person is None:
            raise FieldErrors({"owner_id": [_("没有找到“%(name)s”。", name=typed[:20])]})
        values["owner_id"] = person.id
    team = request.form.get("team_id", "")
    if team.isdigit() and int(team) in dict(team_choices()):
        values["team_id"] = int(team)


def _asked_company() -> Company | None:
    """The company that the address brings along."""
    asked = request.args.get("company", "")
    try:
        return get_company(int(asked)) if asked.isdigit() and len(asked) < 10 else None
    except NotFound:
        return None


def _company_of_form() -> Company | None:
    """The company that was picked, or the one whose name was typed; None for an unknown name."""
    picked = request.form.get("company_id", "")
    if picked.isdigit() and len(picked) < 10:
        try:
            return get_company(int(picked))
        except NotFound as error:
            raise FieldErrors({"company_id": [_("没有这家企业，请重新选择。")]}) from error
    typed = request.form.get("company_id_text", "").strip()
    return company_by_name(typed) if typed else None


def _collisions(company: Company) -> list[CollisionLine]:
    """Who else is surely talking with this firm.

    A firm that only sounds or looks alike is shown while typing, but needs no reason.
    """
    matches = namesakes(name=company.name, uscc=company.uscc or "")
    return [line for line in collision_lines(current_actor(), matches) if not line.is_own]


def _anchor_ids() -> list[int]:
    """The anchors that were chosen, by id, or by name where no script ran."""
    ids = [int(word) for word in request.form.getlist("anchor_ids") if word.isdigit()]
    if ids:
        return ids
    names = request.form.get("anchor_ids_text", "").replace(";", "；").split("；")
    found = [(name, company_by_name(name)) for name in map(str.strip, names) if name]
    unknown = [name for name, company in found if company is None]
    if unknown:
        raise FieldErrors({"anchor_ids": [_("没有找到“%(name)s”。", name=unknown[0][:30])]})
    return [company.id for _name, company in found if company is not None]


@bp.route("/<int:lead_id>/edit", methods=["GET", "POST"])
@requires(Capability.ADD_LEADS)
def edit(lead_id: int) -> ResponseReturnValue:
    """Edit a lead; of two who do so at once, the second chooses field by field."""
    lead = load(lead_id)
    require_change(current_actor(), lead)
    form = LeadForm()
    if request.method == "GET":
        form.chain_nodes.data = [node.node_id for node in lead.nodes]
        form.set_choices(node_choices())
        fill(form, lead)
        return _page(form, lead=lead)
    form.set_choices(node_choices())
    if not form.validate():
        return _page(form, lead=lead, status=422)
    try:
        changed = _update(form, lead)
    except StaleVersion:
        return _show_conflict(form, load(lead_id))
    except DomainError as error:
        return _page(form, lead=load(lead_id), status=show_refusal(form, error))
    flash(_("已保存。") if changed else _("没有改动。"))
    flash(f"lead:{lead_id}", "draft-clear")
    return redirect(url_for("leads.detail", lead_id=lead_id), 303)


def _update(form: LeadForm, lead: Lead) -> bool:
    check_version(form, lead)
    values = _edited(form)
    kept = {name for name in values if request.form.get(f"choose-{name}") == "theirs"}
    chosen = cast(LeadValues, {n: value for n, value in values.items() if n not in kept})
    with unit_of_work():
        return services.update_lead(
            actor=current_actor(), on=clock.today(), lead=lead, values=chosen
        )


def _edited(form: LeadForm) -> LeadValues:
    values = values_of(form)
    company = _company_of_form()
    if company is None:
        raise FieldErrors({"company_id": [_("没有这家企业，请重新选择。")]})
    values["company_id"] = company.id
    values["anchor_ids"] = _anchor_ids()
    return values


def _show_conflict(form: LeadForm, lead: Lead) -> ResponseReturnValue:
    """Both versions side by side; the form goes out with the new version and everything typed."""
    rows = []
    for name, mine in _edited(form).items():
        theirs = present(lead, name) if name in FIELDS else mine
        if name in FIELDS and _differ(theirs, mine):
            rows.append(
                {
                    "field": name,
                    "label": _(FIELDS[name].label),
                    "theirs": _in_words(name, theirs),
                    "mine": _in_words(name, mine),
                }
            )
    form.version.data = str(lead.version)
    change = last_change(lead.id)
    return _page(
        form, lead=lead, status=412, rows=rows, who=change[0] if change else "",
        when=formatting.ago(change[1]) if change else "",
    )  # fmt: skip


def _differ(theirs: Any, mine: Any) -> bool:
    if isinstance(theirs, list) and isinstance(mine, list):
        return sorted(theirs) != sorted(mine)
    return bool((theirs or "") != (mine or ""))


def _in_words(name: str, value: Any) -> str:
    if name == "company_id":
        return get_company(value).name
    if name == "anchor_ids":
        return "；".join(get_company(one).name for one in value)
    shown = shown_value(value)
    return _(shown) if isinstance(shown, str) and shown else str(shown)


def _page(
    form: LeadForm,
    *,
    lead: Lead | None = None,
    company: Company | None = None,
    status: int = 200,
    **conflict: Any,
) -> ResponseReturnValue:
    actor = current_actor()
    if request.method == "POST":
        try:
            company = _company_of_form()
        except FieldErrors:
            company = None
    elif lead is not None:
        company = lead.company
    body = render_template(
        "leads/form.html", form=form, lead=lead, company=company, unavailable_names=MAY_BE_UNAVAILABLE, FIELDS=FIELDS,
        typed_company=request.form.get("company_id_text", ""),
        anchors=_shown_anchors(lead), typed_anchors=request.form.get("anchor_ids_text", ""),
        owner=_shown_owner(), typed_owner=request.form.get("owner_id_text", ""),
        sources=settings.list_items(ListKind.SOURCE), teams=team_choices(),
        team_id=request.form.get("team_id", ""),
        collisions=_collisions(company) if company and lead is None else [],
        may_reassign=lead is not None and may_reassign(actor, lead), **conflict,
    )  # fmt: skip
    return body, status


def _shown_anchors(lead: Lead | None) -> list[tuple[int, str]]:
    if request.method == "POST":
        try:
            return [(one, get_company(one).name) for one in _anchor_ids()]
        except DomainError:
            return []
    return [(company.id, company.name) for company in lead.anchors] if lead else []


def _shown_owner() -> list[tuple[int, str]]:
    person = person_named(request.form.get("owner_id", ""), "")
    return [(person.id, person.name)] if person else []
