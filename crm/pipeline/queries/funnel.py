"""The funnel as the tables have it: the log in short, cut to what the viewer may see."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby, repeat
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Row, String, func, select, type_coerce

from crm.core import clock
from crm.core.base import Exact
from crm.core.permissions import Actor
from crm.core.settings import ListItem
from crm.extensions import db
from crm.leads.models import Lead, LeadReached, StageEntry, StatusEntry
from crm.leads.queries import LeadFilters, Standards
from crm.leads.queries.lists import list_conditions
from crm.leads.stages import OPEN_STATUSES, Stage, Status
from crm.pipeline.funnel import Courses, Step, Terms, funnel

_REACHED = tuple(getattr(LeadReached, stage.value) for stage in Stage)
_PLACES = {stage.value: stage.position for stage in Stage}


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
    """Leads, by their places in the courses, that were lost for one reason to one place."""

    reason: str
    lost_to: str
    places: list[int]
    amount: Decimal


@dataclass(frozen=True)
class Funnel:
    """The steps of the lead stages in order, what was lost, and what they were counted from.

    `values` has for each lead, in the order of the courses, what leads differ in by column name.
    """

    ask: FunnelAsk
    steps: Mapping[Stage, Step]
    lost: Sequence[Lost]
    courses: Courses
    values: Mapping[str, Sequence[Any]]


class _Status(NamedTuple):
    """How a lead stood on the day of account, since when it is not open, and why it was lost."""

    status: Status
    left: int | None
    reason_id: int | None
    lost_to: str


_ACTIVE = _Status(Status.ACTIVE, None, None, "")


def funnel_of(actor: Actor, ask: FunnelAsk) -> Funnel:
    """The funnel of the leads that a person may see, computed from the stage log alone.

    Five statements for today, six for a day in the past.
    """
    columns = _columns(actor, ask)
    statuses = _statuses(ask.as_of)
    courses = _courses(columns, statuses, ask)
    steps = dict(zip(Stage, funnel(courses, ask.terms), strict=True))
    return Funnel(ask, steps, _lost(courses, statuses, ask), courses, columns)


def _columns(actor: Actor, ask: FunnelAsk) -> dict[str, Sequence[Any]]:
    """The leads in columns, values as the database keeps them: a row of objects costs too much."""
    wanted: list[Any] = [
        Lead.id, *_REACHED, type_coerce(LeadReached.last_stage, String).label("last_stage"),
        LeadReached.last_on, type_coerce(Lead.investment_wan_cny, BigInteger).label("amount"),
        Lead.team_id, Lead.owner_id, Lead.source_id,
        type_coerce(Lead.sector, String).label("sector"),
        type_coerce(Lead.investor_kind, String).label("investor_kind"), Lead.company_id,
    ]  # fmt: skip
    query = (
        select(*wanted)
        .join(LeadReached, LeadReached.lead_id == Lead.id)
        .where(*list_conditions(actor, ask.filters, Standards.of(clock.today())))
    )
    rows = db.session.connection().execute(query).all()
    names = [column.name for column in query.selected_columns]
    return dict(zip(names, zip(*rows, strict=True) if rows else repeat(()), strict=False))


def _courses(
    columns: Mapping[str, Sequence[Any]], statuses: Mapping[int, _Status], ask: FunnelAsk
) -> Courses:
    ids = columns["id"]
    as_of = ask.terms.as_of
    is_past = any(day > as_of for day in columns["last_on"])
    moved = _moved_later(ask.as_of) if is_past else {}
    stages: list[int | None] = [_PLACES[stage] for stage in columns["last_stage"]]
    left: list[int | None] = [None] * len(ids)
    for place, lead_id in enumerate(ids):
        if is_past and columns["last_on"][place] > as_of:
            stages[place] = moved.get(lead_id)
        if (status := statuses.get(lead_id)) is not None:
            left[place] = status.left
            if status.status is not Status.ACTIVE:
                stages[place] = None
    reached = [columns[stage.value] for stage in Stage]
    return Courses(ids, reached, columns["amount"], stages, left)


def _moved_later(as_of: date) -> dict[int, int]:
    """Where the leads that have moved since stood on a past day; those not yet there are missing."""
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
    return {row.lead_id: row.to_stage.position for row in rows}


def _statuses(as_of: date) -> dict[int, _Status]:
    """The status on a day of the leads that were ever anything but active."""
    changed = select(StatusEntry.lead_id).where(StatusEntry.to_status != Status.ACTIVE)
    log = db.session.execute(
        select(
            StatusEntry.lead_id, StatusEntry.to_status, StatusEntry.changed_on,
            StatusEntry.lost_reason_id, StatusEntry.lost_to,
        )
        .where(StatusEntry.lead_id.in_(changed))
        .order_by(StatusEntry.lead_id, StatusEntry.changed_on, StatusEntry.id)
    )  # fmt: skip
    return {
        lead_id: _status_on(entries, as_of)
        for lead_id, entries in groupby(log, key=lambda row: row.lead_id)
    }


def _status_on(entries: Iterable[Row[*tuple[Any, ...]]], as_of: date) -> _Status:
    """The status after the entries up to a day; before its first change a lead is active."""
    status = _ACTIVE
    for entry in entries:
        if entry.changed_on > as_of:
            break
        is_open = entry.to_status in OPEN_STATUSES
        since = status.left if status.left is not None else entry.changed_on.toordinal()
        status = _Status(
            entry.to_status, None if is_open else since, entry.lost_reason_id, entry.lost_to
        )
    return status


def _lost(courses: Courses, statuses: Mapping[int, _Status], ask: FunnelAsk) -> list[Lost]:
    """What was lost in the period and still is on the day of account, most first."""
    terms = ask.terms
    found: defaultdict[tuple[int | None, str], list[int]] = defaultdict(list)
    for place, day in enumerate(courses.left):
        if day is not None and terms.start <= day <= min(terms.end, terms.as_of):
            status = statuses[courses.lead_ids[place]]
            if status.status is Status.LOST:
                found[status.reason_id, status.lost_to].append(place)
    names = labels(ListItem.id, ListItem.label, {reason for reason, _ in found})
    lost = [
        Lost(
            reason=names.get(reason, ""),
            lost_to=lost_to,
            places=places,
            amount=amount_of(sum(courses.amounts[one] or 0 for one in places)),
        )
        for (reason, lost_to), places in found.items()
    ]
    return sorted(lost, key=lambda one: (-len(one.places), one.reason, one.lost_to))


def amount_of(millionths: int) -> Decimal:
    """Millionths as 万元."""
    return Decimal(millionths) / Exact.SCALE


def labels(key: Any, label: Any, wanted: Iterable[Any]) -> dict[Any, str]:
    """The names of some rows by their ids; one statement at most."""
    ids = [one for one in wanted if one is not None]
    rows = db.session.execute(select(key, label).where(key.in_(ids))) if ids else ()
    return {row[0]: row[1] for row in rows}
