"""Moving a lead: through its stages, and from one status to another."""

from datetime import date

from flask_babel import gettext as _, ngettext
from sqlalchemy import select

from crm.core import activity, clock, notices
from crm.core.errors import Conflict, FieldErrors, GateClosed, MissingItem
from crm.core.permissions import Actor, may_reassign
from crm.core.settings import ListKind, list_item
from crm.extensions import db
from crm.leads import stages
from crm.leads.models import Lead, StageEntry, StatusEntry
from crm.leads.queries.facts import facts_of
from crm.leads.reached import refresh_reached
from crm.leads.services.access import enqueue_with_notes, require_change
from crm.leads.services.writing import text_fault
from crm.leads.stages import Stage, Status

REASON_LENGTH = 2000


def advance(
    *,
    actor: Actor,
    lead: Lead,
    to: Stage,
    on: date,
    override_reason: str = "",
    evidence: str = "",
    historical: bool = False,
) -> StageEntry:
    """Move a lead to another stage on its actual date.

    Forward, every gate passed must be open; a team lead may override with a reason. Back, a reason
    is enough. Raises GateClosed with what is missing, Conflict, FieldErrors, NotAllowed, NotFound.
    `historical` takes over a past move as it was, in the order of its date (see
    `add_stage_history`).
    """
    if historical:
        require_change(actor, lead)
        return add_stage_history(actor=actor, lead=lead, stage=to, on=on)[0]
    require_change(actor, lead)
    reason, evidence = _texts(override_reason=override_reason, evidence=evidence)
    _check_move(lead, to)
    _refuse_future(on)
    forward = stages.is_forward(lead.stage, to)
    missing = stages.missing(facts_of(lead), to)
    if missing:
        _override(actor, lead, to, missing, reason)
    elif not forward and not reason:
        raise FieldErrors({"override_reason": [_("退回上一阶段，请写明原因。")]})
    _check_order(lead, on)
    entry = StageEntry(
        lead_id=lead.id, from_stage=lead.stage, to_stage=to, entered_on=on, by_id=actor.id,
        evidence=evidence, override_reason=reason if missing or not forward else "",
    )  # fmt: skip
    before = lead.stage
    db.session.add(entry)
    lead.stage, lead.stage_since = to, on
    refresh_reached([lead.id])
    _log_move(actor, lead, before, verb="lead.override" if missing else
              "lead.advance" if forward else "lead.back")  # fmt: skip
    return entry


def _texts(**texts: str) -> tuple[str, ...]:
    errors = {name: [fault] for name, text in texts.items()
              if (fault := text_fault(text, REASON_LENGTH))}  # fmt: skip
    if errors:
        raise FieldErrors(errors)
    return tuple(text.strip() for text in texts.values())


def _check_move(lead: Lead, to: Stage) -> None:
    if to is lead.stage:
        raise Conflict(_("线索已经在“%(stage)s”。", stage=_(to.label)), field="stage")
    if lead.status is not Status.ACTIVE:
        raise Conflict(
            _("线索现在是“%(status)s”，恢复正常后才能推进。", status=_(lead.status.label)),
            field="stage",
        )


def _refuse_future(on: date) -> None:
    if on > clock.today():
        raise FieldErrors({"on": [_("日期不能晚于今天。")]})


def _check_order(lead: Lead, on: date) -> None:
    """The log runs forward in time; asked after the gate, whose open items say more."""
    last = db.session.scalar(
        select(StageEntry.entered_on)
        .where(StageEntry.lead_id == lead.id)
        .order_by(StageEntry.entered_on.desc(), StageEntry.id.desc())
        .limit(1)
    )
    if last is not None and on < last:
        raise FieldErrors(
            {"on": [_("不能早于上一次阶段变动的日期 %(day)s。", day=last.isoformat())]}
        )


def _override(actor: Actor, lead: Lead, to: Stage, missing: list[MissingItem], reason: str) -> None:
    """Let a closed gate be passed, or raise GateClosed with what it asks for."""
    allowed = may_reassign(actor, lead)
    if reason and allowed:
        return
    text = ngettext(
        "进入“%(stage)s”还差 %(num)d 项。", "进入“%(stage)s”还差 %(num)d 项。",
        len(missing), stage=_(to.label),
    )  # fmt: skip
    if allowed:
        text += _("请写明越级原因，或先补齐。")
    elif reason:
        text += _("越级推进要由科室负责人办理。")
    raise GateClosed(text, missing)


def _log_move(actor: Actor, lead: Lead, before: Stage, *, verb: str) -> None:
    activity.record(
        actor=actor, verb=verb, subject_type="lead", subject_id=lead.id, lead_id=lead.id,
        changes={"stage": [before.label, lead.stage.label]},
    )  # fmt: skip
    enqueue_with_notes(lead.id)
    notices.tell(
        user_id=lead.owner_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("“%(title)s”进入%(stage)s", title=lead.title, stage=_(lead.stage.label)),
    )  # fmt: skip


def add_stage_history(
    *, actor: Actor, lead: Lead, stage: Stage, on: date, by_id: int | None = None
) -> tuple[StageEntry, bool]:
    """Add a past row to the stage log, for imports; the lead's stage is then its latest row's.

    Returns the row and whether it is new: an equal one (lead, stage, day) is not repeated. Rows of
    one day stand in the order in which they are added. Raises FieldErrors for a day to come.
    """
    if on > clock.today():
        raise FieldErrors({"entered_on": [_("日期不能晚于今天。")]})
    rows = list(
        db.session.scalars(
            select(StageEntry)
            .where(StageEntry.lead_id == lead.id)
            .order_by(StageEntry.entered_on, StageEntry.id)
        )
    )
    known = next((row for row in rows if (row.to_stage, row.entered_on) == (stage, on)), None)
    if known is not None:
        follow_log(lead, rows)
        return known, False
    before = [row for row in rows if row.entered_on <= on]
    entry = StageEntry(
        lead_id=lead.id, from_stage=before[-1].to_stage if before else None, to_stage=stage,
        entered_on=on, by_id=by_id or actor.id, is_historical=True,
    )  # fmt: skip
    db.session.add(entry)
    follow_log(lead, [*before, entry, *rows[len(before) :]])
    refresh_reached([lead.id])
    activity.record(
        actor=actor, verb="lead.stage_history", subject_type="lead", subject_id=lead.id,
        lead_id=lead.id, changes={"stage": ["", stage.label]},
    )  # fmt: skip
    enqueue_with_notes(lead.id)
    return entry, True


def follow_log(lead: Lead, rows: list[StageEntry]) -> None:
    """Set the lead's stage to that of its latest row, and the day since which it stands there."""
    stage, since = rows[-1].to_stage, rows[-1].entered_on
    for row in reversed(rows):
        if row.to_stage is not stage:
            break
        since = row.entered_on
    if (lead.stage, lead.stage_since) != (stage, since):
        lead.stage, lead.stage_since = stage, since


def lost_words(reason: str | None, place: str, *, strict: bool = True) -> tuple[str, str]:
    """Why a lead was lost and where to; both are required. Raises FieldErrors."""
    reason, place = (reason or "").strip(), place.strip()
    errors = {}
    if not reason and strict:
        errors["lost_reason"] = [_("请选择或填写流失原因。")]
    elif text_fault(reason, 60):
        errors["lost_reason"] = [text_fault(reason, 60)]
    if not place and strict:
        errors["lost_to"] = [_("请填写流失到哪里，不清楚就写“不详”。")]
    elif text_fault(place, 200):
        errors["lost_to"] = [text_fault(place, 200)]
    if errors:
        raise FieldErrors(errors)
    return reason, place


def set_status(
    *,
    actor: Actor,
    lead: Lead,
    to: Status,
    on: date,
    lost_reason: str | None = None,
    lost_to: str = "",
    note: str = "",
) -> StatusEntry:
    """Change a lead's status; its stage stays. 流失 asks why and where to.

    Raises Conflict, FieldErrors, NotAllowed, NotFound.
    """
    require_change(actor, lead)
    if to is lead.status:
        raise Conflict(_("线索已经是“%(status)s”。", status=_(to.label)), field="status")
    if on > clock.today():
        raise FieldErrors({"on": [_("日期不能晚于今天。")]})
    (note,) = _texts(note=note)
    before = lead.status
    if to is Status.LOST:
        reason, place = lost_words(lost_reason, lost_to)
        lead.lost_reason, lead.lost_to = list_item(ListKind.LOST_REASON, reason), place
    else:
        lead.lost_reason, lead.lost_to = None, ""
    lead.status = to
    db.session.flush()
    entry = StatusEntry(
        lead_id=lead.id, from_status=before, to_status=to, changed_on=on, by_id=actor.id,
        lost_reason_id=lead.lost_reason_id, lost_to=lead.lost_to, note=note,
    )  # fmt: skip
    db.session.add(entry)
    activity.record(
        actor=actor, verb="lead.status", subject_type="lead", subject_id=lead.id, lead_id=lead.id,
        changes={"status": [before.label, to.label]},
    )  # fmt: skip
    enqueue_with_notes(lead.id)
    notices.tell(
        user_id=lead.owner_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("“%(title)s”改为%(status)s", title=lead.title, status=_(to.label)),
    )  # fmt: skip
    return entry
