"""Next steps: overdue, today, this week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core.permissions import visible_by_lead
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.interactions.queries import LeadBrief, lead_briefs
from crm.pipeline.queries.scope import Scope

MOST = 12
GROUPS = ("overdue", "today", "week")


@dataclass(frozen=True)
class Steps:
    """Steps of each group with their numbers; `later` counts those beyond this week or undated."""

    overdue: Sequence[Interaction]
    today: Sequence[Interaction]
    week: Sequence[Interaction]
    counts: dict[str, int]
    leads: dict[int, LeadBrief]

    @property
    def total(self) -> int:
        """All open steps."""
        return sum(self.counts.values())


def steps(scope: Scope, on: date) -> Steps:
    """Open steps in scope, the earliest first, at most `MOST` of each group; six statements."""
    sunday = on + timedelta(days=6 - on.weekday())
    group = case(
        (Interaction.next_on < on, "overdue"),
        (Interaction.next_on == on, "today"),
        (Interaction.next_on <= sunday, "week"),
        else_="later",
    )
    counted = db.session.execute(_open(select(group, func.count()), scope).group_by(group))
    counts = {"overdue": 0, "today": 0, "week": 0, "later": 0} | {row[0]: row[1] for row in counted}
    # One ranked query gives the first of each group, however long the overdue list is.
    place = func.row_number().over(
        partition_by=group, order_by=(Interaction.next_on, Interaction.id)
    )
    ranked = (
        _open(select(Interaction.id, group.label("grp"), place.label("place")), scope)
        .where(Interaction.next_on <= sunday)
        .subquery()
    )
    query = (
        select(Interaction, ranked.c.grp)
        .join(ranked, ranked.c.id == Interaction.id)
        .where(ranked.c.place <= MOST)
        .order_by(Interaction.next_on, Interaction.id)
        .options(
            joinedload(Interaction.next_owner).options(lazyload(User.team)),
            selectinload(Interaction.companies).load_only(Company.name, Company.short_name),
        )
    )
    rows = db.session.execute(query).unique().all()
    groups: dict[str, list[Interaction]] = {name: [] for name in GROUPS}
    for row, name in rows:
        groups[name].append(row)
    leads = lead_briefs(scope.actor, [row.lead_id for row, _name in rows])
    return Steps(**groups, counts=counts, leads=leads)


def done_today(scope: Scope, on: date) -> list[Interaction]:
    """Steps that this person ticked off today, so that a slip can be taken back."""
    query = (
        select(Interaction)
        .where(
            Interaction.next_done_on == on,
            Interaction.next_done_by_id == scope.actor.id,
            visible_by_lead(scope.actor, Interaction.lead_id),
        )
        .order_by(Interaction.updated_at.desc())
        .limit(MOST)
    )
    return list(db.session.scalars(query))


def _open(query: Select[Any], scope: Scope) -> Select[Any]:
    """Narrow a query to open steps in scope that the viewer may see."""
    return query.where(
        scope.person(Interaction.next_owner_id),
        Interaction.next_step != "",
        Interaction.next_done_on.is_(None),
        visible_by_lead(scope.actor, Interaction.lead_id),
    )
