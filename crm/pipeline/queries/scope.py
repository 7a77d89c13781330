"""Whose work the desk shows: one's own, or that of the team; a manager's team is the whole zone."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute

from crm.accounts.models import User
from crm.core.permissions import Actor
from crm.leads.models import Lead


@dataclass(frozen=True)
class Scope:
    """Mine, or my team's; a person without a team has the zone in the second place."""

    actor: Actor
    is_team: bool = False

    @property
    def is_zone(self) -> bool:
        """Whether everybody's work is shown."""
        return self.is_team and self.actor.team_id is None

    def person(
        self, column: InstrumentedAttribute[int | None] | InstrumentedAttribute[int]
    ) -> ColumnElement[bool]:
        """The condition that a person's id is in scope."""
        if not self.is_team:
            return column == self.actor.id
        if self.actor.team_id is None:
            return true()
        return column.in_(select(User.id).where(User.team_id == self.actor.team_id))

    def team(
        self, column: InstrumentedAttribute[int | None] | InstrumentedAttribute[int]
    ) -> ColumnElement[bool]:
        """The condition that a team's id is that of the viewer; for the zone, any."""
        return true() if self.actor.team_id is None else column == self.actor.team_id

    def lead(self) -> ColumnElement[bool]:
        """The condition that a lead is in scope."""
        return self.team(Lead.team_id) if self.is_team else Lead.owner_id == self.actor.id
