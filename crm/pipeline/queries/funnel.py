"""The funnel as the tables have it: the log in short, cut to what the viewer may see."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Row, Select, func, select, type_coerce

from crm.core import clock
from crm.core.base import Exact
from crm.core.permissions import Actor
from crm.core.settings import ListItem
from crm.extensions import db
from crm.leads.models import Lead, LeadReached, StageEntry, StatusEntry
from crm.leads.queries import LeadFilters, Standards
from crm.leads.queries.lists import list_conditions
from crm.leads.stages import OPEN_STATUSES, Stage, Status
from crm.pipeline.funnel import Course, Step, Terms, funnel

_REACHED = tuple(getattr(LeadReached, stage.value) for stage in Stage)
_PLACES = {stage: stage.position for stage in Stage}


@dataclass(frozen=True)
class FunnelAsk:
    """What is asked: a period, a span in days (None: ever), a day of account, and which leads."""

    start: date
    end: date
    as_of: date
    within: int | None = 90
    filters: LeadFilters = field(default_factory=LeadFilters)

    @property
    def terms(self) -> Terms:
        """The same in ordinals."""
        return Terms(
            self.start.toordinal(), self.end.toordinal(), self.within, self.as_of.toordinal()
        )


class Lost(NamedTuple):
    """Leads that were lost in the period for one reason to one place."""

    reason: str
    place: str
    lead_ids: list[int]
    amount: Decimal


@dataclass(frozen=True)
class Funnel:
    """The steps of the lead stages in order, and what was lost."""

    ask: FunnelAsk
    steps: Mapping[Stage, Step]
    lost: Sequence[Lost]
    leads: "FunnelLeads"


class _Status(NamedTuple):
    """How a lead stood on the day of account, since when it is not open, and why it was lost."""

    status: Status
    left: int | None
    reason_id: int | None
    place: str


@dataclass(frozen=True)
class FunnelLeads:
    """All leads that the viewer may see and the filters pass: rows of the database, and courses."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    courses: Sequence[Course]


def funnel_of(actor: Actor, ask: FunnelAsk) -> Funnel:
    """The funnel of the leads that a person may see, computed from the stage log alone.

    Four statements for today, five for a day in the past.
    """
    standards = Standards.of(clock.today())
    rows = db.session.execute(_rows(actor, ask, standards)).all()
    statuses = _statuses(ask.as_of)
    moved = _moved_later(ask.as_of) if any(row.last_on > ask.terms.as_of for row in rows) else {}
    courses = [_course(row, statuses.get(row.id), moved, ask.terms.as_of) for row in rows]
    leads = FunnelLeads(rows, courses)
    return Funnel(ask, steps_of(courses, ask.terms), _lost(rows, statuses, ask), leads)


def _rows(actor: Actor, ask: FunnelAsk, standards: Standards) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Lead.id, *_REACHED, LeadReached.last_stage, LeadReached.last_on,
            type_coerce(Lead.investment_wan_cny, BigInteger).label("amount"),
            Lead.team_id, Lead.owner_id, Lead.source_id, Lead.sector, Lead.investor_kind,
            Lead.company_id,
        )
        .join(LeadReached, LeadReached.lead_id == Lead.id)
        .where(*list_conditions(actor, ask.filters, standards))
    )  # fmt: skip


def _course(
    row: Row[*tuple[Any, ...]],
    status: _Status | None,
    moved: Mapping[int, Stage | None],
    as_of: int,
) -> Course:
    stage = row.last_stage if row.last_on <= as_of else moved.get(row.id)
    is_active = status is None or status.status is Status.ACTIVE
    return Course(
        lead_id=row.id,
        reached=row[1 : 1 + len(_REACHED)],
        amount=row.amount,
        current=_PLACES[stage] if is_active and stage is not None else None,
        left=status.left if status else None,
    )


def _moved_later(as_of: date) -> dict[int, Stage | None]:
    """The stage on a past day of the leads that have moved since; none for those not yet there."""
    later = select(LeadReached.lead_id).where(LeadReached.last_on > as_of.toordinal())
    place = func.row_number().over(
        partition_by=StageEntry.lead_id,
        order_by=(StageEntry.entered_on.desc(), StageEntry.id.desc()),
    )
    log = (
        select(StageEntry.lead_id, StageEntry.to_stage, place.label("place"))
        .where(StageEntry.entered_on <= as_of, StageEntry.lead_id.in_(later))
        .subquery()
    )
    rows = db.session.execute(select(log.c.lead_id, log.c.to_stage).where(log.c.place == 1))
    return {row.lead_id: row.to_stage for row in rows}


def _statuses(as_of: date) -> dict[int, _Status]:
    """The status on a day of the leads that ever changed theirs; the others are active."""
    log = db.session.execute(
        select(
            StatusEntry.lead_id, StatusEntry.to_status,
            StatusEntry.changed_on, StatusEntry.lost_reason_id, StatusEntry.lost_to,
        ).order_by(StatusEntry.lead_id, StatusEntry.changed_on, StatusEntry.id)
    )  # fmt: skip
    return {
        lead_id: _status_on(list(entries), as_of)
        for lead_id, entries in groupby(log, key=lambda row: row.lead_id)
    }


def _status_on(entries: Sequence[Row[*tuple[Any, ...]]], as_of: date) -> _Status:
    status = _Status(Status.ACTIVE, None, None, "")
    for entry in entries:
        if entry.changed_on > as_of:
            break
        is_open = entry.to_status in OPEN_STATUSES
        since = status.left if status.left is not None else entry.changed_on.toordinal()
        status = _Status(
            entry.to_status, None if is_open else since, entry.lost_reason_id, entry.lost_to
        )
    return status


def steps_of(courses: Iterable[Course], terms: Terms) -> dict[Stage, Step]:
    """The steps by the stage of each."""
    return dict(zip(Stage, funnel(courses, terms, len(Stage)), strict=True))


def _lost(
    rows: Iterable[Row[*tuple[Any, ...]]], statuses: Mapping[int, _Status], ask: FunnelAsk
) -> list[Lost]:
    """What was lost in the period and still is on the day of account, most first."""
    terms = ask.terms
    found: defaultdict[tuple[int | None, str], list[Any]] = defaultdict(list)
    for row in rows:
        status = statuses.get(row.id)
        if status is None or status.status is not Status.LOST or status.left is None:
            continue
        if terms.start <= status.left <= min(terms.end, terms.as_of):
            found[status.reason_id, status.place].append(row)
    names = labels(ListItem.id, ListItem.label, {reason for reason, _ in found})
    lost = [
        Lost(names.get(reason, ""), place, [row.id for row in leads], _sum(leads))
        for (reason, place), leads in found.items()
    ]
    return sorted(lost, key=lambda one: (-len(one.lead_ids), one.reason, one.place))


def _sum(rows: Iterable[Row[*tuple[Any, ...]]]) -> Decimal:
    return amount_of(sum(row.amount or 0 for row in rows))


def amount_of(millionths: int) -> Decimal:
    """Millionths as 万元."""
    return Decimal(millionths) / Exact.SCALE


def labels(key: Any, label: Any, wanted: Iterable[Any]) -> dict[Any, str]:
    """The names of some rows by their ids; one statement at most."""
    ids = [one for one in wanted if one is not None]
    rows = db.session.execute(select(key, label).where(key.in_(ids))) if ids else ()
    return {row[0]: row[1] for row in rows}
