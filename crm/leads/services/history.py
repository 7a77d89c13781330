"""Past rows of the stage log for many leads at once, by the rule of `add_stage_history`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import insert, select

from crm.core import clock
from crm.core.activity import Activity
from crm.core.errors import DomainError, FieldErrors
from crm.core.permissions import Actor
from crm.extensions import db
from crm.leads.models import Lead, StageEntry
from crm.leads.reached import refresh_reached
from crm.leads.services.access import enqueue_with_notes, require_change
from crm.leads.services.moves import follow_log
from crm.leads.stages import Stage


@dataclass(frozen=True)
class PastStage:
    """A lead was in a stage from a day on, by whose doing (None: unknown)."""

    lead: Lead
    stage: Stage
    on: date
    by_id: int | None = None


def add_stage_histories(*, actor: Actor, rows: Sequence[PastStage]) -> list[bool | DomainError]:
    """Add past rows in their order; for each whether it is new, or what is wrong with it.

    An equal row (lead, stage, day) is not repeated; each lead's stage is then its latest row's.
    """
    log = _log_of({row.lead.id for row in rows})
    moment = clock.now()
    results: list[bool | DomainError] = []
    added: list[PastStage] = []
    for row in rows:
        entries = log[row.lead.id]
        fault = _fault(actor, row)
        if fault is not None:
            results.append(fault)
            continue
        if any((one.to_stage, one.entered_on) == (row.stage, row.on) for one in entries):
            results.append(False)
            continue
        place = sum(one.entered_on <= row.on for one in entries)
        entry = StageEntry(
            lead_id=row.lead.id,
            from_stage=entries[place - 1].to_stage if place else None,
            to_stage=row.stage,
            entered_on=row.on,
            by_id=row.by_id or actor.id,
            is_historical=True,
            recorded_at=moment,
        )
        db.session.add(entry)
        entries.insert(place, entry)
        follow_log(row.lead, entries)
        added.append(row)
        results.append(True)
    _record(actor, added)
    return results


def _fault(actor: Actor, row: PastStage) -> DomainError | None:
    try:
        require_change(actor, row.lead)
    except DomainError as error:
        return error
    if row.on > clock.today():
        return FieldErrors({"entered_on": [_("日期不能晚于今天。")]})
    return None


def _log_of(lead_ids: set[int]) -> defaultdict[int, list[StageEntry]]:
    found: defaultdict[int, list[StageEntry]] = defaultdict(list)
    query = (
        select(StageEntry)
        .where(StageEntry.lead_id.in_(lead_ids))
        .order_by(StageEntry.entered_on, StageEntry.id)
    )
    for entry in db.session.scalars(query):
        found[entry.lead_id].append(entry)
    return found


def _record(actor: Actor, added: Sequence[PastStage]) -> None:
    if not added:
        return
    refresh_reached({row.lead.id for row in added})
    moment = clock.now()
    db.session.execute(
        insert(Activity),
        [
            {
                "at": moment,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "verb": "lead.stage_history",
                "subject_type": "lead",
                "subject_id": row.lead.id,
                "lead_id": row.lead.id,
                "summary": "",
                "changes": {"stage": ["", row.stage.label]},
            }
            for row in added
        ],
    )
    enqueue_with_notes(*(row.lead.id for row in added))
