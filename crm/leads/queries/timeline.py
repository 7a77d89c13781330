"""What happened on a lead: contacts, stages, status, changes of fields and of hands, in one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.core import clock
from crm.core.activity import Activity
from crm.extensions import db
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction, Participant
from crm.leads.models import Assignment, Lead, StageEntry, StatusEntry

EventKind = Literal["contact", "stage", "status", "change", "assignment", "report"]
VISITS = (InteractionKind.VISIT, InteractionKind.RECEPTION, InteractionKind.MEETING)
TALKS = tuple(kind for kind in InteractionKind if kind not in VISITS)
# Deeds that have rows of their own in the timeline are left out of the log's.
CHANGE_VERBS = ("lead.update", "lead.appraise", "lead.name", "lead.unname")
PAGE = 30
MOST = 500


@dataclass(frozen=True)
class Event:
    """One entry; `row` is the record it stands for. `recorded_at` settles the order of one day."""

    kind: EventKind
    on: date
    recorded_at: datetime
    row: Any


@dataclass(frozen=True)
class Timeline:
    """The newest events; `counts` of visits, talks and changes are of all there are."""

    events: list[Event]
    visits: int
    talks: int
    changes: int
    hidden: int
    stages: list[StageEntry]

    @property
    def total(self) -> int:
        """All events."""
        return self.visits + self.talks + self.changes


def timeline(lead: Lead, *, show: str = "", whole: bool = False) -> Timeline:
    """The events of a lead, newest first; `show` is visits, talks, changes or everything.

    Whoever may see the lead may see all of it. Six statements at most.
    """
    counts = _contact_counts(lead.id)
    changes = list(_changes(lead))
    events: list[Event] = []
    if show != "changes":
        kinds = {"visits": VISITS, "talks": TALKS}.get(show, tuple(InteractionKind))
        events += _contacts(lead.id, kinds, MOST if whole else PAGE)
    if show in ("", "changes"):
        events += changes
    events.sort(key=lambda event: (event.on, event.recorded_at), reverse=True)
    visits = sum(counts.get(kind, 0) for kind in VISITS)
    talks = sum(counts.get(kind, 0) for kind in TALKS)
    wanted = {"visits": visits, "talks": talks, "changes": len(changes)}
    there_are = wanted.get(show, visits + talks + len(changes))
    shown = events[: MOST if whole else PAGE]
    return Timeline(
        events=shown,
        visits=visits,
        talks=talks,
        changes=len(changes),
        hidden=max(0, there_are - len(shown)),
        stages=[event.row for event in changes if event.kind == "stage"],
    )


def _contact_counts(lead_id: int) -> dict[InteractionKind, int]:
    query = select(Interaction.kind, func.count()).where(Interaction.lead_id == lead_id)
    rows = db.session.execute(query.group_by(Interaction.kind))
    return {row[0]: row[1] for row in rows}


def _contacts(lead_id: int, kinds: tuple[InteractionKind, ...], most: int) -> Iterable[Event]:
    person = lazyload(User.team)
    query = (
        select(Interaction)
        .where(Interaction.lead_id == lead_id, Interaction.kind.in_(kinds))
        .order_by(Interaction.occurred_on.desc(), Interaction.id.desc())
        .limit(most)
        .options(
            joinedload(Interaction.author).options(person),
            selectinload(Interaction.participants).joinedload(Participant.user).options(person),
            selectinload(Interaction.contacts),
            selectinload(Interaction.attachments),
        )
    )
    for row in db.session.scalars(query).unique():
        yield Event("contact", row.occurred_on, row.created_at, row)


def _changes(lead: Lead) -> Iterable[Event]:
    by = joinedload(StageEntry.by).options(lazyload(User.team))
    for stage in db.session.scalars(
        select(StageEntry).where(StageEntry.lead_id == lead.id).options(by)
    ):
        yield Event("stage", stage.entered_on, stage.recorded_at, stage)
    by = joinedload(StatusEntry.by).options(lazyload(User.team))
    for status in db.session.scalars(
        select(StatusEntry)
        .where(StatusEntry.lead_id == lead.id)
        .options(by, joinedload(StatusEntry.lost_reason))
    ):
        yield Event("status", status.changed_on, status.recorded_at, status)
    people = (Assignment.from_owner, Assignment.to_owner, Assignment.by)
    for hand in db.session.scalars(
        select(Assignment)
        .where(Assignment.lead_id == lead.id)
        .options(*(joinedload(one).options(lazyload(User.team)) for one in people))
    ):
        yield Event("assignment", clock.day_of(hand.at), hand.at, hand)
    for deed in db.session.scalars(
        select(Activity)
        .where(Activity.lead_id == lead.id, Activity.verb.in_(CHANGE_VERBS))
        .order_by(Activity.id.desc())
        .limit(MOST)
    ):
        yield Event("change", clock.day_of(deed.at), deed.at, deed)
    if lead.first_report is not None:
        start = datetime.combine(lead.first_report.reported_on, time.min, tzinfo=clock.ZONE)
        yield Event("report", lead.first_report.reported_on, start, lead.first_report)


def stage_days(entries: Iterable[StageEntry]) -> dict[str, tuple[date, int | None]]:
    """By stage reached: the day it was last entered, and the days spent there (None: still)."""
    ordered = sorted(entries, key=lambda row: (row.entered_on, row.id))
    found: dict[str, tuple[date, int | None]] = {}
    for row, after in zip(ordered, [*ordered[1:], None], strict=False):
        days = (after.entered_on - row.entered_on).days if after is not None else None
        found[row.to_stage.value] = (row.entered_on, days)
    return found
