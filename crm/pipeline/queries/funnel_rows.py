"""The leads behind a figure of the funnel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.core.pagination import Page
from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.leads.models import Lead, LeadReached
from crm.leads.stages import Stage, Status, next_stage


class FunnelRow(NamedTuple):
    """A lead with the days on which it reached the stage asked for and the next, in ordinals."""

    id: int
    title: str
    company: str
    stage: Stage
    status: Status
    owner: str | None
    team: str | None
    investment_wan_cny: Decimal | None
    reached: int | None
    following: int | None

    @property
    def reached_on(self) -> date | None:
        """The day on which it reached the stage."""
        return date.fromordinal(self.reached) if self.reached else None

    @property
    def following_on(self) -> date | None:
        """The day on which it reached the next."""
        return date.fromordinal(self.following) if self.following else None

    @property
    def days(self) -> int | None:
        """From the one to the other."""
        if self.reached is None or self.following is None:
            return None
        return self.following - self.reached


@dataclass(frozen=True)
class RowsPage(Page[FunnelRow]):
    """A page of the rows; `amount` sums the investment of all of them in 万元."""

    amount: Decimal = Decimal(0)


def rows_of(
    actor: Actor, ids: Sequence[int], stage: Stage | None, *, page: int, per_page: int
) -> RowsPage:
    """One page of the leads, the newest at the stage first; two statements.

    Access is asked for again, though the ids come from a funnel of the same person.
    """
    following = next_stage(stage) if stage else None
    reached: Any = getattr(LeadReached, (stage or Stage.IDENTIFIED).value)
    then: Any = getattr(LeadReached, following.value) if following else func.null()
    start = (page - 1) * per_page
    wanted = (Lead.id.in_(ids), visible_leads(actor, Lead))
    total, amount = db.session.execute(
        select(func.count(), func.sum(Lead.investment_wan_cny)).where(*wanted)
    ).one()
    query = (
        select(
            Lead.id, Lead.title, func.coalesce(func.nullif(Company.short_name, ""), Company.name),
            Lead.stage, Lead.status, User.name, Team.name, Lead.investment_wan_cny, reached, then,
        )
        .join(LeadReached, LeadReached.lead_id == Lead.id)
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(User, User.id == Lead.owner_id)
        .outerjoin(Team, Team.id == Lead.team_id)
        .where(*wanted)
        .order_by(reached.desc(), Lead.id.desc())
        .offset(start)
        .limit(per_page)
    )  # fmt: skip
    rows = [FunnelRow._make(row) for row in db.session.execute(query)]
    return RowsPage(
        items=rows, total=total, page=page, per_page=per_page, amount=amount or Decimal(0)
    )
