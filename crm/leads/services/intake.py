"""Registering a lead: the first report is stamped, collisions are recorded."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core import activity, clock, notices, outbox
from crm.core.errors import FieldErrors, NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Actor, Capability, Visibility
from crm.core.settings import ListKind, list_item
from crm.extensions import db
from crm.leads.models import Collision, FirstReport, Lead, StageEntry, StatusEntry
from crm.leads.queries.collisions import open_leads_like
from crm.leads.reached import refresh_reached
from crm.leads.services import writing
from crm.leads.services.access import owner_to_be
from crm.leads.services.editing import set_appraisal
from crm.leads.services.moves import advance, lost_words
from crm.leads.stages import Stage, Status
from crm.leads.values import LeadValues


def create_lead(*, actor: Actor, on: date, values: LeadValues, historical: bool = False) -> Lead:
    """Register an intention; owner and team are the actor's unless `values` name others.

    `on` is the day of registration; `received_on` in `values` may be earlier. Other leads of the
    same firm are recorded as collisions and never hinder. `historical` lets a past stage in as it
    was elsewhere; otherwise the gates apply. A repeated `submission_key` of the same person gives
    the lead that it made the first time. Raises FieldErrors, NotAllowed, GateClosed.
    """
    if not actor.can(Capability.ADD_LEADS):
        raise NotAllowed(_("您的角色不能登记线索。"))
    again = _made_before(actor, values.get("submission_key"))
    if again is not None:
        return again
    writing.check(values, today=max(on, clock.today()))
    company = company_for(values)
    lead = new_lead(actor, on, values, company)
    changes = writing.apply(lead, plain_values(values))
    set_status_at_birth(lead, values, historical=historical)
    db.session.add(lead)
    db.session.flush()
    db.session.add_all(stamps(actor, on, lead, company, historical=historical))
    refresh_reached([lead.id])
    _record_collisions(actor, lead, company, values.get("collision_reason", ""))
    activity.record(
        actor=actor,
        verb="lead.create_historical" if historical else "lead.create",
        subject_type="lead",
        subject_id=lead.id,
        lead_id=lead.id,
        changes={name: pair for name, pair in changes.items() if pair[1] not in ("", N_("否"))},
    )
    notices.tell(
        user_id=lead.owner_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("给您一条新线索：%(title)s", title=lead.title),
    )  # fmt: skip
    outbox.enqueue("lead", [lead.id])
    if not historical and values.get("appraisal_passed_on"):
        set_appraisal(
            actor=actor, lead=lead, passed_on=values["appraisal_passed_on"],
            evidence=values.get("appraisal_evidence", ""),
        )  # fmt: skip
    wanted = values.get("stage", Stage.IDENTIFIED)
    if historical:
        lead.stage = wanted
    elif wanted is not Stage.IDENTIFIED:
        advance(actor=actor, lead=lead, to=wanted, on=on)
    return lead


def _made_before(actor: Actor, key: str | None) -> Lead | None:
    if not key:
        return None
    return db.session.scalar(
        select(Lead).where(Lead.submission_key == key, Lead.registrar_id == actor.id)
    )


def company_for(values: LeadValues) -> Company:
    """The company of a lead to be; it and a title are needed. Raises FieldErrors."""
    missing = {}
    if not values.get("company_id"):
        missing["company_id"] = [_("请选择企业。")]
    if not values.get("title", "").strip():
        missing["title"] = [_("请填写线索名称。")]
    if missing:
        raise FieldErrors(missing)
    return writing.company_of(values["company_id"])


def plain_values(values: LeadValues) -> LeadValues:
    """What `writing.apply` puts onto a new lead."""
    rest: Any = {k: v for k, v in values.items() if k not in ("company_id", "received_on")}
    found: LeadValues = rest
    return found


def new_lead(actor: Actor, on: date, values: LeadValues, company: Company) -> Lead:
    """The bare lead with its people; an import's runner is not the reporter of what it brings."""
    owner_id = values.get("owner_id", actor.id)
    owner = owner_to_be(actor, owner_id) if owner_id is not None else None
    owner_team = owner.team_id if owner else actor.team_id
    registrar_id = values.get("registrar_id", owner_id if actor.is_system else actor.id)
    received = values.get("received_on", on)
    return Lead(
        company=company,
        received_on=received,
        stage=Stage.IDENTIFIED,
        stage_since=received,
        status=Status.ACTIVE,
        visibility=values.get("visibility", Visibility.ZONE),
        registrar_id=registrar_id,
        owner_id=owner_id,
        team_id=values.get("team_id", owner_team),
        submission_key=values.get("submission_key"),
        unavailable=[],
        typed={},
        title="",
        **dict.fromkeys(("product", "industry", "pollutants", "summary", "lost_to", "likelihood_reason", "investor_registration", "appraisal_evidence", "next_step"), ""),
    )  # fmt: skip


def set_status_at_birth(lead: Lead, values: LeadValues, *, historical: bool) -> None:
    """The status a lead comes with, and for history its appraisal. Raises FieldErrors."""
    status = values.get("status", Status.ACTIVE)
    lead.status = status
    if status is Status.LOST:
        reason, place = lost_words(
            values.get("lost_reason"), values.get("lost_to", ""), strict=not historical
        )
        lead.lost_reason = list_item(ListKind.LOST_REASON, reason) if reason else None
        lead.lost_to = place
    if historical:
        lead.appraisal_passed_on = values.get("appraisal_passed_on")
        lead.appraisal_evidence = values.get("appraisal_evidence", "").strip()


def stamps(
    actor: Actor, on: date, lead: Lead, company: Company, *, historical: bool
) -> list[FirstReport | StageEntry | StatusEntry]:
    """The first report, and the log's first rows. A person's stamp bears the day of registration:
    a received date in the past must not win a protection period."""
    reporter = db.session.get(User, lead.registrar_id) if lead.registrar_id else None
    is_own = reporter is not None and reporter.id == actor.id
    rows: list[FirstReport | StageEntry | StatusEntry] = [
        FirstReport(
            lead_id=lead.id,
            reported_on=lead.received_on if historical or actor.is_system else on,
            reporter_id=lead.registrar_id,
            reporter_name=reporter.name if reporter else actor.name,
            team_id=reporter.team_id if reporter and (is_own or not lead.team_id)
            else lead.team_id,
            company_name=company.name,
        ),
        StageEntry(
            lead_id=lead.id, from_stage=None, to_stage=Stage.IDENTIFIED,
            entered_on=lead.received_on, by_id=actor.id or lead.registrar_id,
            is_historical=historical,
        ),
    ]  # fmt: skip
    if lead.status is not Status.ACTIVE:
        rows.append(
            StatusEntry(
                lead_id=lead.id, from_status=None, to_status=lead.status,
                changed_on=lead.received_on if historical else on, by_id=actor.id,
                lost_reason_id=lead.lost_reason_id, lost_to=lead.lost_to,
                note=_("登记时的状态，变更日期未知。") if historical else "",
            )
        )  # fmt: skip
    return rows


def _record_collisions(actor: Actor, lead: Lead, company: Company, reason: str) -> None:
    rows = [
        {
            "lead_id": lead.id, "other_lead_id": other_id, "matched_by": matched_by,
            "by_id": actor.id, "reason": reason.strip()[:2000],
        }
        for other_id, matched_by in open_leads_like(company, besides=lead.id)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Collision), rows)
