"""The page of one lead."""

import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.companies.queries import node_names
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.permissions import (
    Actor,
    Capability,
    Visibility,
    may_change_lead,
    may_reassign,
)
from crm.core.quantity import hectares
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, trigger, wants_fragment
from crm.interactions.kinds import InteractionKind
from crm.interactions.rights import may_complete
from crm.leads import services, stages
from crm.leads.fields import FIELDS
from crm.leads.models import Lead, StageEntry
from crm.leads.queries import Standards, facts_of
from crm.leads.queries.one import contacts_of, get_lead_with_relations, open_step
from crm.leads.queries.protection import protected_until
from crm.leads.queries.timeline import stage_days, timeline
from crm.leads.routes.blueprint import bp, load
from crm.leads.services.assignment import may_claim
from crm.leads.stages import Facts, Requirement, Stage, Status

SHOWS = ("visits", "talks", "changes")
MOST_HONOURS = 4
# The fields that the card of facts shows, in its order.
FACTS = (
    "sector", "investor_kind", "product", "industry", "site_kind", "fixed_investment_wan_cny",
    "foreign_capital_wan_usd", "floor_area_sqm", "output_wan_cny", "tax_wan_cny", "pollutants",
    "investor_registration", "likelihood_reason",
)  # fmt: skip


@bp.get("/<int:lead_id>")
@requires(Capability.SEE_BUSINESS)
def detail(lead_id: int) -> ResponseReturnValue:
    """One lead: can it go on, what is missing, what was said."""
    lead = get_lead_with_relations(current_actor(), lead_id)
    if lead is None:
        abort(404)
    return render_template("leads/detail.html", **_context(lead))


def _context(lead: Lead) -> dict[str, Any]:
    actor, today = current_actor(), clock.today()
    show = request.args.get("show", "")
    show = show if show in SHOWS else ""
    standards = Standards.of(today)
    facts = facts_of(lead)
    line = timeline(lead, show=show, whole=request.args.get("all") == "1")
    to = stages.next_stage(lead.stage)
    step = open_step(lead.id) if lead.next_step else None
    return {
        "lead": lead, "line": line, "show": show, "today": today,
        "light_of": standards.light(lead), "clocks": standards.clocks(lead),
        "gate_stage": to, "gate": gate_rows(actor, lead, facts, to) if to else [],
        "missing": len(stages.missing(facts, to)) if to else 0,
        "steps": _steps(lead, line.stages, standards),
        "step": step, "may_complete": step is not None and may_complete(actor, step, lead),
        "contacts": contacts_of(lead.company_id), "honours": _honours(lead, today),
        "nodes": node_names(node.node_id for node in lead.nodes),
        "protected_until": protected_until(lead, standards.rules["protection_days"]),
        "hectares": hectares(lead.land_mu) if lead.land_mu else None,
        "intensity": _intensity(lead), "FIELDS": FIELDS, "FACTS": FACTS, "Status": Status,
        "kinds": list(InteractionKind), "access_note": access_note(lead),
        "may_change": may_change_lead(actor, lead), "may_reassign": may_reassign(actor, lead),
        "submission_key": secrets.token_urlsafe(16),
    }  # fmt: skip


def _honours(lead: Lead, today: date) -> list[tuple[str, str]]:
    """The titles in force of the firm and its parent, as badge and explanation."""
    found = []
    firms = [company for company in (lead.company, lead.company.parent) if company is not None]
    for company in firms:
        for honour in company.honours:
            if honour.is_valid(today):
                words = [company.name] if company is not lead.company else []
                words += [_(honour.level.label)] if honour.level else []
                if honour.valid_until:
                    words.append(_("有效至 %(day)s", day=honour.valid_until.isoformat()))
                year = f" {honour.year}" if honour.year else ""
                found.append((_(honour.kind.label) + year, "，".join(words)))
    return found[:MOST_HONOURS]


def _intensity(lead: Lead) -> Decimal | None:
    """Investment per 亩 in 万元, fixed assets where they are known."""
    invested = lead.fixed_investment_wan_cny or lead.investment_wan_cny
    if not invested or not lead.land_mu:
        return None
    return (invested / lead.land_mu).quantize(Decimal("0.1"))


def gate_rows(actor: Actor, lead: Lead, facts: Facts, to: Stage) -> list[dict[str, Any]]:
    """What a stage asks for, as the macro `gate_list` draws it, each with its way to mend it."""
    may_change = may_change_lead(actor, lead)
    rows = []
    for requirement, met in stages.checklist(facts, to):
        rows.append(
            {
                "label": _(requirement.label),
                "ok": met,
                "value": _("暂不能提供") if requirement.is_excused(facts) else "",
                **({} if met else _way(actor, lead, requirement)),
                "unavailable_url": url_for(
                    "leads.unavailable",
                    lead_id=lead.id,
                    field=requirement.answers[0],
                )
                if requirement.answers and may_change
                else None,
            }
        )
    return rows


def _way(actor: Actor, lead: Lead, requirement: Requirement) -> dict[str, Any]:
    """How this person can mend what is missing: a page that he may open, a button, or who can."""
    if requirement.field == "owner":
        return _way_to_an_owner(actor, lead)
    if requirement.field == "appraisal_passed_on":
        if may_reassign(actor, lead):
            return {"href": url_for("leads.appraisal", lead_id=lead.id)}
        return {"who_can": _("由科室负责人登记")}
    if not may_change_lead(actor, lead):
        return {}
    return {"href": _place_to_fill(lead, requirement)}


def _way_to_an_owner(actor: Actor, lead: Lead) -> dict[str, Any]:
    """Who may give the lead away gets the page for it, who may take it the button, others a word."""
    if may_reassign(actor, lead):
        return {"href": url_for("leads.assign", lead_id=lead.id)}
    if may_claim(actor, lead):
        return {"claim_url": url_for("leads.claim", lead_id=lead.id)}
    return {"who_can": _("由科室负责人分派")}


def _place_to_fill(lead: Lead, requirement: Requirement) -> str:
    """The address of the field in which a requirement is given."""
    field = requirement.field
    if field in ("log", "next_step"):
        return url_for("contact_log.new", lead=lead.id)
    if field == "contacts":
        return url_for("companies.detail", company_id=lead.company_id, _anchor="contacts")
    return url_for("leads.edit", lead_id=lead.id, _anchor=field)


def _steps(lead: Lead, entries: list[StageEntry], standards: Standards) -> list[dict[str, Any]]:
    """The stepper: what lies behind with its days, where it stands, what comes."""
    entered = stage_days(entries)
    steps: list[dict[str, Any]] = []
    for stage in Stage:
        step: dict[str, Any] = {"label": _(stage.label), "state": "todo"}
        if stage.position < lead.stage.position:
            step["state"] = "done"
        elif stage is lead.stage:
            step["state"] = "now"
        if stage is lead.stage:
            step["sub"] = _standing(lead, standards)
        elif stage.value in entered and step["state"] == "done":
            day, days = entered[stage.value]
            step["sub"] = _("%(day)s 进入，%(days)s 天", day=day.isoformat(), days=days or 0)
        steps.append(step)
    return steps


def _standing(lead: Lead, standards: Standards) -> str:
    days = max(0, (standards.today - lead.stage_since).days)
    standard = standards.rules.get(f"dwell_days_{lead.stage}")
    if standard is None:
        return _("已 %(days)s 天", days=days)
    return _("已 %(days)s 天，标准 %(standard)s 天", days=days, standard=standard)


def access_note(lead: Lead) -> str:
    """Who else sees this lead, in words."""
    team = lead.team.name if lead.team else ""
    if lead.visibility is Visibility.ZONE:
        return _("全区可见。搜索、统计、导出用同一范围。")
    if lead.visibility is Visibility.TEAM:
        return _(
            "%(team)s、列名人员与分管领导可见。搜索、统计、导出用同一范围。",
            team=team or _("本科室"),
        )
    return _("仅负责人、列名人员、科室负责人与分管领导可见。搜索、统计、导出用同一范围。")


@bp.post("/<int:lead_id>/unavailable/<field>")
@requires(Capability.ADD_LEADS)
def unavailable(lead_id: int, field: str) -> ResponseReturnValue:
    """Answer 暂不能提供 for one field of the gate; a page with script is drawn anew."""
    lead = load(lead_id)
    actor = current_actor()
    try:
        with unit_of_work():
            services.mark_unavailable(actor=actor, on=clock.today(), lead=lead, field=field)
    except DomainError as error:
        if error.status == 404:
            raise
        if wants_fragment():
            return trigger(Response(status=204), toast=_(error.message))
        flash(error.message, "error")
        return redirect(url_for("leads.detail", lead_id=lead_id), 303)
    flash(_("已记为暂不能提供。"))
    if wants_fragment():
        # The list stands twice on the page, and its number in headings and buttons: all anew.
        return Response(status=204, headers={"HX-Refresh": "true"})
    return redirect(url_for("leads.detail", lead_id=lead_id, _anchor="gate-list"), 303)
