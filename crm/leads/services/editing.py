"""Changing what is known of a lead; each change is logged with what stood there before."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from crm.core import activity, clock, notices, outbox
from crm.core.errors import FieldErrors
from crm.core.permissions import Actor
from crm.core.settings import ListKind, list_item
from crm.leads.models import Lead
from crm.leads.services import writing
from crm.leads.services.access import enqueue_with_notes, require_change, require_reassign
from crm.leads.services.assignment import place
from crm.leads.services.moves import REASON_LENGTH, add_stage_history, advance, set_status
from crm.leads.stages import MAY_BE_UNAVAILABLE, Status
from crm.leads.values import UNAVAILABLE, LeadValues

# What a lead's notes carry of it in the search index.
_SHOWN_ON_NOTES = {"title", "visibility", "company_id"}


def update_lead(
    *, actor: Actor, on: date, lead: Lead, values: LeadValues, historical: bool = False
) -> bool:
    """Write values onto a lead; returns whether anything changed.

    A stage or status among them goes through its own door with its gate and its log, an owner or
    team needs the right to reassign, and so does a passed appraisal. The first report cannot be
    changed by any value. Raises FieldErrors, NotAllowed, NotFound, GateClosed.
    """
    require_change(actor, lead)
    writing.check(values, today=max(on, clock.today()))
    changes = writing.apply(lead, values)
    if changes:
        # Nodes and anchors are rows of their own: the version must count their changes too.
        lead.updated_at = clock.now()
        flag_modified(lead, "updated_at")
        _record(actor, lead, changes)
    moved = [
        _write_appraisal(actor, lead, values, historical=historical),
        _write_people(actor, on, lead, values),
        _write_status(actor, on, lead, values),
        _write_stage(actor, on, lead, values, historical=historical),
    ]
    return bool(changes) or any(moved)


def _record(actor: Actor, lead: Lead, changes: dict[str, list[Any]]) -> None:
    activity.record(
        actor=actor, verb="lead.update", subject_type="lead", subject_id=lead.id,
        lead_id=lead.id, changes=changes,
    )  # fmt: skip
    if _SHOWN_ON_NOTES & changes.keys():
        enqueue_with_notes(lead.id)
    else:
        outbox.enqueue("lead", [lead.id])
    notices.tell(
        user_id=lead.owner_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("“%(title)s”的资料有改动", title=lead.title),
    )  # fmt: skip


def _write_appraisal(actor: Actor, lead: Lead, values: LeadValues, *, historical: bool) -> bool:
    passed_on = values.get("appraisal_passed_on", lead.appraisal_passed_on)
    evidence = values.get("appraisal_evidence", lead.appraisal_evidence).strip()
    if (passed_on, evidence) == (lead.appraisal_passed_on, lead.appraisal_evidence):
        return False
    if historical:
        lead.appraisal_passed_on, lead.appraisal_evidence = passed_on, evidence
        outbox.enqueue("lead", [lead.id])
    else:
        set_appraisal(actor=actor, lead=lead, passed_on=passed_on, evidence=evidence)
    return True


def _write_people(actor: Actor, on: date, lead: Lead, values: LeadValues) -> bool:
    owner_id = values.get("owner_id", lead.owner_id)
    team_id = values.get("team_id", lead.team_id)
    if (owner_id, team_id) == (lead.owner_id, lead.team_id):
        return False
    require_reassign(actor, lead)
    place(actor=actor, lead=lead, owner_id=owner_id, team_id=team_id, on=on)
    return True


def _write_status(actor: Actor, on: date, lead: Lead, values: LeadValues) -> bool:
    to = values.get("status", lead.status)
    if to is lead.status:
        return _correct_loss(actor, lead, values) if to is Status.LOST else False
    set_status(
        actor=actor, lead=lead, to=to, on=on, lost_reason=values.get("lost_reason"),
        lost_to=values.get("lost_to", ""),
    )  # fmt: skip
    return True


def _correct_loss(actor: Actor, lead: Lead, values: LeadValues) -> bool:
    """Another reason or place for a lead that is lost already; the status log keeps the first."""
    present = lead.lost_reason.label if lead.lost_reason else ""
    wanted = ListKind.LOST_REASON
    reason = values.get("lost_reason", present) or present
    place_lost_to = values.get("lost_to", lead.lost_to) or lead.lost_to
    if (reason, place_lost_to) == (present, lead.lost_to):
        return False
    changes = {"lost_reason": [present, reason], "lost_to": [lead.lost_to, place_lost_to]}
    lead.lost_reason = list_item(wanted, reason) if reason else None
    lead.lost_to = place_lost_to
    _record(actor, lead, {name: pair for name, pair in changes.items() if pair[0] != pair[1]})
    return True


def _write_stage(
    actor: Actor, on: date, lead: Lead, values: LeadValues, *, historical: bool
) -> bool:
    to = values.get("stage", lead.stage)
    if to is lead.stage:
        return False
    if historical:
        return add_stage_history(actor=actor, lead=lead, stage=to, on=on)[1]
    advance(actor=actor, lead=lead, to=to, on=on)
    return True


def set_appraisal(*, actor: Actor, lead: Lead, passed_on: date | None, evidence: str) -> None:
    """Note that the appraisal was passed, with evidence; a team lead's doing until review rounds
    exist. None takes it back. Raises FieldErrors, NotAllowed, NotFound."""
    require_reassign(actor, lead)
    errors = {}
    evidence = evidence.strip()
    if passed_on is not None and passed_on > clock.today():
        errors["appraisal_passed_on"] = [_("日期不能晚于今天。")]
    if passed_on is not None and not evidence:
        errors["appraisal_evidence"] = [_("请写明评审依据，如会议纪要编号。")]
    elif writing.text_fault(evidence, REASON_LENGTH):
        errors["appraisal_evidence"] = [writing.text_fault(evidence, REASON_LENGTH)]
    if errors:
        raise FieldErrors(errors)
    before = lead.appraisal_passed_on
    lead.appraisal_passed_on = passed_on
    lead.appraisal_evidence = evidence if passed_on else ""
    lead.appraisal_set_by_id = actor.id
    activity.record(
        actor=actor, verb="lead.appraise", subject_type="lead", subject_id=lead.id,
        lead_id=lead.id,
        changes={"appraisal_passed_on": [
            writing.shown_value(before), writing.shown_value(passed_on)]},
    )  # fmt: skip
    outbox.enqueue("lead", [lead.id])
    notices.tell(
        user_id=lead.owner_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("“%(title)s”已登记评审结论", title=lead.title),
    )  # fmt: skip


def mark_unavailable(*, actor: Actor, on: date, lead: Lead, field: str) -> bool:
    """Answer 暂不能提供 for one field; a value that stands there is kept away from this.

    Raises FieldErrors, NotAllowed, NotFound.
    """
    require_change(actor, lead)
    if field not in MAY_BE_UNAVAILABLE:
        raise FieldErrors({field: [_("这一项不能填“暂不能提供”。")]})
    if writing.present(lead, field) not in (None, "", [], UNAVAILABLE):
        raise FieldErrors({field: [_("这一项已经填写，不用再标“暂不能提供”。")]})
    values: Any = {field: UNAVAILABLE}
    return update_lead(actor=actor, on=on, lead=lead, values=values)
