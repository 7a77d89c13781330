"""The list of companies, the page of one, duplicates while typing, and the merge."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.accounts.queries import get_user
from crm.accounts.services import own
from crm.chains import queries as chains
from crm.companies import queries
from crm.companies.fields import COMPANY
from crm.companies.forms import MergeForm, PressForm
from crm.companies.kinds import HonourKind, HonourLevel, InvestorNature
from crm.companies.models import Company
from crm.companies.routes import bp
from crm.companies.routes.blueprint import load, show_refusal
from crm.companies.routes.picking import MATCHED_BY, picked, picked_company
from crm.core import clock, settings
from crm.core.errors import DomainError, FieldErrors, NotFound
from crm.core.labels import N_
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, wants_fragment
from crm.interactions.queries import company_timeline
from crm.leads.queries import collision_lines
from crm.pipeline.company_pages import filters as company_filters, merging
from crm.pipeline.company_pages.queries import (
    DEFAULT_SORT,
    SORT_KEYS,
    company_page,
    leads_of,
    regions,
)

PER_PAGE = 50
EVENTS = 30
# Columns that may be shown, with those shown when neither the address nor the person says which.
COLUMNS = {
    "honours": N_("资质"), "nodes": N_("产业链环节"), "region": N_("所在地"), "owner": N_("客户负责人"),
    "leads": N_("在谈线索"), "contact": N_("最近接触"), "nature": N_("性质"), "parent": N_("上级企业"),
    "uscc": N_("信用代码"), "updated": N_("更新"),
}  # fmt: skip
SHOWN = ("honours", "nodes", "region", "owner", "leads", "contact")
PREFERENCE = "company_columns"


@bp.get("/", endpoint="list")
@requires(Capability.SEE_BUSINESS)
def show_list() -> ResponseReturnValue:
    """The list; htmx gets its part of the page alone."""
    actor, today = current_actor(), clock.today()
    asked = company_filters.read(request.args, own_id=actor.id)
    sort = request.args.get("sort", DEFAULT_SORT)
    sort = sort if sort.removeprefix("-") in SORT_KEYS else DEFAULT_SORT
    page = company_page(
        actor, asked.filters, sort, _number("page", 1), _number("per_page", PER_PAGE), today=today
    )
    owner = queries.person(asked.filters.owner_id) if asked.filters.owner_id else None
    labels = {node.id: node.name for node in chains.nodes().values()}
    context: dict[str, Any] = {
        "asked": asked, "filters": asked.filters, "page": page, "sort": sort, "today": today,
        "address": _address, "columns": COLUMNS, "shown": _shown_columns(), "owner": owner,
        "words": company_filters.in_words(
            asked.filters, owner=owner.name if owner else _("未知"), node_names=labels
        ),
        "kept": _kept_query(),
        "chains": chains.by_chain(), "regions": regions(), "people": queries.people(),
        "HonourKind": HonourKind, "HonourLevel": HonourLevel, "InvestorNature": InvestorNature,
        "states": company_filters.HONOUR_STATES,
    }  # fmt: skip
    if not wants_fragment():
        return render_template("companies/list.html", **context)
    # The address to come back to holds only what is set, not every empty field of the form.
    return render_template("companies/_list.html", **context), 200, {"HX-Push-Url": _address()}


@bp.post("/columns")
@requires(Capability.SEE_BUSINESS)
def columns() -> ResponseReturnValue:
    """Choose the columns: kept for this person, and put into the address of this view."""
    if not PressForm().validate():
        abort(400)
    chosen = [key for key in COLUMNS if key in request.form.getlist("cols")] or list(SHOWN)
    actor = current_actor()
    with unit_of_work():
        user = get_user(actor.id)
        own.set_preference(user=user, key=PREFERENCE, value=chosen)
    query = request.form.get("query", "")[:4000]
    address = url_for("companies.list")
    parts = [part for part in query.split("&") if part and not part.startswith("cols=")]
    return redirect(f"{address}?{'&'.join([*parts, 'cols=' + ','.join(chosen)])}", 303)


@bp.get("/<int:company_id>")
@requires(Capability.SEE_BUSINESS)
def detail(company_id: int) -> ResponseReturnValue:
    """One company: who it is, what was said with it and its group, what is being talked about."""
    kept = load(company_id)
    if kept.id != company_id:
        flash(_("您打开的企业已并入“%(name)s”。", name=kept.name), "info")
        return redirect(url_for("companies.detail", company_id=kept.id), 302)
    actor, today = current_actor(), clock.today()
    company = queries.load_detail(company_id)
    group = queries.group_of(company)
    whole = request.args.get("only") != "own"
    scope = group.ids if whole else (company.id,)
    context: dict[str, Any] = {
        "company": company, "group": group, "owner": queries.owner_of(company, group),
        "group_honours": queries.group_honours(group), "today": today, "whole": whole,
        "leads": leads_of(actor, group.ids), "labels": COMPANY, "nodes": chains.nodes(),
        "line": company_timeline(actor, scope, limit=EVENTS, before=_before()),
        "contacts": [one for one in company.contacts if one.archived_on is None],
        "archived": [one for one in company.contacts if one.archived_on is not None],
    }  # fmt: skip
    template = "companies/_timeline.html" if wants_fragment() else "companies/detail.html"
    return render_template(template, **context)


@bp.get("/duplicates")
@requires(Capability.EDIT_COMPANIES)
def duplicates() -> ResponseReturnValue:
    """Firms that the typed name or code may belong to already, and who is talking with them."""
    asked = request.args.get("except", "")
    found = queries.find_matches(
        name=request.args.get("name", ""), uscc=request.args.get("uscc", "")
    )
    matches = [match for match in found if str(match.company_id) != asked]
    lines = collision_lines(current_actor(), matches)
    days = settings.rule("protection_days") if lines else 0
    return render_template(
        "companies/_duplicates.html", matches=matches, lines=lines, protection_days=days,
        matched_by=MATCHED_BY,
    )  # fmt: skip


@bp.route("/<int:company_id>/merge", methods=["GET", "POST"])
@requires(Capability.MERGE_COMPANIES)
def merge(company_id: int) -> ResponseReturnValue:
    """Merge a duplicate into this company: choose it, see what moves, say why."""
    keep = queries.load_detail(load(company_id).id)
    form = MergeForm()
    if request.method == "GET":
        return _merge_page(form, keep, _asked_duplicate())
    try:
        gone = picked_company("gone_id", _("没有找到这家企业，请从列表里选择。"))
        if gone is None:
            raise FieldErrors({"gone_id": [_("请选择要并入的企业。")]})
    except FieldErrors as error:
        return _merge_page(form, keep, None, status=show_refusal(form, error))
    if not form.validate():
        return _merge_page(form, keep, gone, status=422)
    if form.confirmed.data != str(gone.id):
        return _merge_page(form, keep, gone)
    was = gone.name
    try:
        with unit_of_work():
            merging.merge(
                actor=current_actor(), keep=keep, gone=gone, reason=form.reason.data or ""
            )
    except DomainError as error:
        return _merge_page(form, load(company_id), gone, status=show_refusal(form, error))
    flash(_("“%(gone)s”已并入“%(keep)s”。", gone=was, keep=keep.name))
    return redirect(url_for("companies.detail", company_id=keep.id), 303)


def _merge_page(
    form: MergeForm, keep: Company, gone: Company | None, *, status: int = 200
) -> ResponseReturnValue:
    if gone is not None and gone.id == keep.id:
        form.add_errors({"gone_id": [_("请选择另一家企业：不能把企业并入它自己。")]})
        gone, status = None, 422
    body = render_template(
        "companies/merge.html", form=form, keep=keep, gone=gone, typed=picked("gone_id").text,
        preview=merging.preview(gone) if gone else None,
        likely=[
            match
            for match in queries.find_matches(name=keep.name)
            if match.company_id != keep.id
        ],
    )  # fmt: skip
    return body, status


def _asked_duplicate() -> Company | None:
    """The duplicate that the address names."""
    text = request.args.get("gone", "")
    try:
        return queries.get_company(int(text)) if text.isdigit() and len(text) < 10 else None
    except NotFound:
        return None


def _shown_columns() -> list[str]:
    """Columns of the address, else those that the person chose, else the usual ones."""
    wanted = [word for text in request.args.getlist("cols") for word in text.split(",")]
    if not any(key in COLUMNS for key in wanted):
        kept = get_user(current_actor().id).preferences or {}
        wanted = kept.get(PREFERENCE) or list(SHOWN)
    return [key for key in COLUMNS if key in wanted]


def _before() -> tuple[date, int] | None:
    """Where the timeline goes on: `2026-11-24.17`, a day and an interaction."""
    day, _dot, number = request.args.get("before", "").partition(".")
    try:
        return (date.fromisoformat(day), int(number)) if len(number) < 10 else None
    except ValueError:
        return None


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) or default if is_number else default


def _kept_query() -> str:
    """The query of this view without page and columns, for the form that chooses columns."""
    return urlencode(_set_parameters("page", "cols"), doseq=True)


def _set_parameters(*without: str) -> dict[str, Any]:
    """The parameters of this address that say something, but for some."""
    return {
        key: texts
        for key, given in request.args.lists()
        if key not in without and (texts := [text for text in given if text])
    }


def _address(**changes: Any) -> str:
    """The address of this list with some parameters changed; None takes one away."""
    kept = _set_parameters("page", *changes)
    kept.update({key: value for key, value in changes.items() if value not in (None, "", [])})
    query = urlencode(kept, doseq=True)
    base = url_for("companies.list")
    return f"{base}?{query}" if query else base


__all__ = ["bp"]
