"""What the team has done lately: contacts, stage moves, assignments, within the viewer's access."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core import clock
from crm.core.permissions import visible_by_lead, visible_leads
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Assignment, Lead, StageEntry
from crm.pipeline.queries.scope import Scope

MOST = 8
FeedKind = Literal["contact", "stage", "assignment"]


@dataclass(frozen=True)
class FeedItem:
    """One deed; `lead` is the one it happened on, with its company."""

    kind: FeedKind
    on: date
    at: datetime
    who: str
    row: Any
    lead: Lead | None = None

    @property
    def shown(self) -> date | datetime:
        """The moment where it was written down on its own day, else the day."""
        return self.at if clock.day_of(self.at) == self.on else self.on


def feed(scope: Scope) -> list[FeedItem]:
    """The newest deeds of the viewer's team, or of the zone; five statements."""
    found = [*_contacts(scope), *_moves(scope), *_assignments(scope)]
    found.sort(key=lambda item: (item.on, item.at), reverse=True)
    return found[:MOST]


def _contacts(scope: Scope) -> Iterable[FeedItem]:
    query = (
        select(Interaction)
        .where(
            scope.team(Interaction.author_team_id),
            visible_by_lead(scope.actor, Interaction.lead_id),
        )
        .order_by(Interaction.occurred_on.desc(), Interaction.id.desc())
        .limit(MOST)
        .options(
            joinedload(Interaction.author).options(lazyload(User.team)),
            selectinload(Interaction.companies).load_only(Company.name, Company.short_name),
        )
    )
    for row in db.session.scalars(query).unique():
        who = row.author.name if row.author else ""
        yield FeedItem("contact", row.occurred_on, row.created_at, who, row)


def _moves(scope: Scope) -> Iterable[FeedItem]:
    query = (
        select(StageEntry, Lead)
        .join(Lead, Lead.id == StageEntry.lead_id)
        .where(
            scope.team(Lead.team_id),
            StageEntry.from_stage.is_not(None),
            visible_leads(scope.actor, Lead),
        )
        .order_by(StageEntry.entered_on.desc(), StageEntry.id.desc())
        .limit(MOST)
        .options(
            joinedload(StageEntry.by).options(lazyload(User.team)),
            joinedload(Lead.company).load_only(Company.name, Company.short_name),
        )
    )
    for row, lead in db.session.execute(query).unique():
        who = row.by.name if row.by else ""
        yield FeedItem("stage", row.entered_on, row.recorded_at, who, row, lead)


def _assignments(scope: Scope) -> Iterable[FeedItem]:
    query = (
        select(Assignment, Lead)
        .join(Lead, Lead.id == Assignment.lead_id)
        .where(scope.team(Lead.team_id), visible_leads(scope.actor, Lead))
        .order_by(Assignment.at.desc(), Assignment.id.desc())
        .limit(MOST)
        .options(
            joinedload(Assignment.by).options(lazyload(User.team)),
            joinedload(Assignment.to_owner).options(lazyload(User.team)),
            joinedload(Lead.company).load_only(Company.name, Company.short_name),
        )
    )
    for row, lead in db.session.execute(query).unique():
        who = row.by.name if row.by else ""
        yield FeedItem("assignment", clock.day_of(row.at), row.at, who, row, lead)
