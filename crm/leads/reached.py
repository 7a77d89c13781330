"""Keeps `lead_reached`: what the stage log says of each lead in short."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select

from crm.extensions import db
from crm.leads.models import LeadReached, StageEntry
from crm.leads.stages import Stage

_CHUNK = 5_000
_TABLE = cast(Table, LeadReached.__table__)


def refresh_reached(lead_ids: Collection[int]) -> None:
    """Bring these leads up to date with their rows of the stage log; whoever adds rows calls it."""
    db.session.flush()
    ordered = sorted(set(lead_ids))
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        log = db.session.execute(
            select(StageEntry.lead_id, StageEntry.to_stage, StageEntry.entered_on)
            .where(StageEntry.lead_id.in_(chunk))
            .order_by(StageEntry.lead_id, StageEntry.entered_on, StageEntry.id)
        ).all()
        rows = [
            {"lead_id": lead_id, **in_short((stage, day) for _, stage, day in entries)}
            for lead_id, entries in groupby(log, key=lambda row: row[0])
        ]
        db.session.execute(delete(LeadReached).where(LeadReached.lead_id.in_(chunk)))
        if rows:
            db.session.execute(insert(_TABLE), rows)


def in_short(entries: Iterable[tuple[Stage, date]]) -> Mapping[str, Any]:
    """The columns of `lead_reached` for a lead's log: stages with their days, in its order."""
    reached: dict[Stage, int | None] = dict.fromkeys(Stage)
    last_stage, last_on = Stage.IDENTIFIED, 0
    for last_stage, day in entries:
        last_on = day.toordinal()
        for stage in Stage:
            known = reached[stage]
            if stage.position <= last_stage.position and (known is None or last_on < known):
                reached[stage] = last_on
    return {
        **{stage.value: day for stage, day in reached.items()},
        "last_stage": last_stage,
        "last_on": last_on,
    }
