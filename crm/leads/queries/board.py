"""The board: leads by stage, the longest waiting first, within the viewer's access."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import func, select

from crm.core.permissions import Actor
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.queries.filters import LeadFilters
from crm.leads.queries.lights import Standards
from crm.leads.queries.lists import list_conditions, row_query, stretch
from crm.leads.queries.rows import LeadRow
from crm.leads.stages import Stage

MOST = 30
"""Cards of a lane; the list shows them all."""


@dataclass(frozen=True)
class Lane:
    """One stage: how many leads, their investment in 万元, and the first cards."""

    stage: Stage
    total: int
    amount: Decimal
    cards: Sequence[LeadRow]


def lanes(actor: Actor, filters: LeadFilters, standards: Standards) -> list[Lane]:
    """All stages in order; a filter by stage leaves the others empty. Six statements at most."""
    where = list_conditions(actor, filters, standards)
    counted = select(Lead.stage, func.count(), func.sum(Lead.investment_wan_cny))
    sums = {
        stage: (total, amount or Decimal(0))
        for stage, total, amount in db.session.execute(counted.where(*where).group_by(Lead.stage))
    }
    return [
        Lane(stage, *sums.get(stage, (0, Decimal(0))), _cards(actor, filters, standards, stage))
        if stage in sums
        else Lane(stage, 0, Decimal(0), ())
        for stage in Stage
    ]


def _cards(actor: Actor, filters: LeadFilters, standards: Standards, stage: Stage) -> list[LeadRow]:
    where = list_conditions(actor, replace(filters, stages=(stage,)), standards)
    query = stretch(row_query(), where, (Lead.stage_since, Lead.id), MOST)
    return [LeadRow._make(row) for row in db.session.execute(query)]
