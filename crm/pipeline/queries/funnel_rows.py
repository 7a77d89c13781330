"""The leads behind a figure of the funnel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from crm.core.pagination import Page
from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.queries.lists import row_query
from crm.leads.queries.rows import LeadRow
from crm.leads.stages import Stage, next_stage
from crm.pipeline.queries.funnel import Funnel, amount_of


class FunnelRow(NamedTuple):
    """A lead with the days on which it reached the stage asked for and the next, in ordinals."""

    lead: LeadRow
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
    actor: Actor,
    found: Funnel,
    places: Sequence[int],
    stage: Stage | None,
    *,
    page: int,
    per_page: int,
) -> RowsPage:
    """One page of the leads at these places of a funnel, the newest at the stage first.

    One statement, for the page alone. Access is asked for again, though the funnel is the person's.
    """
    shown = stage or Stage.IDENTIFIED
    following = next_stage(stage) if stage else None
    reached = found.courses.reached[shown.position]
    then = found.courses.reached[following.position] if following else None
    ordered = sorted(places, key=lambda place: -(reached[place] or 0))
    asked = ordered[(page - 1) * per_page : page * per_page]
    ids = found.courses.ids(asked)
    query = row_query().where(Lead.id.in_(ids), visible_leads(actor, Lead))
    leads = {row[0]: LeadRow._make(row) for row in db.session.execute(query)}
    rows = [
        FunnelRow(leads[lead_id], reached[place], then[place] if then else None)
        for lead_id, place in zip(ids, asked, strict=True)
        if lead_id in leads
    ]
    amount = sum(found.courses.amounts[place] or 0 for place in places)
    return RowsPage(
        items=rows, total=len(places), page=page, per_page=per_page, amount=amount_of(amount)
    )
