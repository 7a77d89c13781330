"""Leads on the desk: those that need attention first, and the response clock of new ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, lazyload, load_only

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core.calendar import workdays_between
from crm.core.permissions import visible_leads
from crm.extensions import db
from crm.leads.clocks import Clock, ClockKind
from crm.leads.lights import Color, Light
from crm.leads.models import Lead
from crm.leads.queries import Standards
from crm.leads.queries.lights import color_rank
from crm.leads.stages import Stage, Status
from crm.pipeline.queries.scope import Scope

MOST_LEADS = 10
MOST_CLOCKS = 6
_NEWEST = 60


@dataclass(frozen=True)
class LeadRow:
    """A lead with its light."""

    lead: Lead
    light: Light


@dataclass(frozen=True)
class ClockRow:
    """A lead with what is due first; `share` is how much of the time has passed, 0 to 100."""

    lead: Lead
    clock: Clock
    share: int


@dataclass(frozen=True)
class MyLeads:
    """The worst lights first, with the numbers of all."""

    rows: Sequence[LeadRow]
    total: int
    red: int
    yellow: int


def my_leads(scope: Scope, standards: Standards) -> MyLeads:
    """Active leads in scope; two statements."""
    rank = color_rank(standards.cutoffs)
    where = (scope.lead(), Lead.status == Status.ACTIVE, visible_leads(scope.actor, Lead))
    counts = {
        row[0]: row[1]
        for row in db.session.execute(select(rank, func.count()).where(*where).group_by(rank))
    }
    query = (
        select(Lead)
        .where(*where)
        .order_by(rank.desc(), Lead.next_on.is_(None), Lead.next_on, Lead.id.desc())
        .limit(MOST_LEADS)
        .options(
            joinedload(Lead.company).load_only(Company.name, Company.short_name),
            joinedload(Lead.owner).options(load_only(User.name), lazyload(User.team)),
        )
    )
    rows = [LeadRow(lead, standards.light(lead)) for lead in db.session.scalars(query).unique()]
    return MyLeads(
        rows=rows,
        total=sum(counts.values()),
        red=counts.get(Color.RED.position, 0),
        yellow=counts.get(Color.YELLOW.position, 0),
    )


def awaiting(scope: Scope, standards: Standards) -> list[ClockRow]:
    """New leads whose response clock runs, what is due first on top; of the newest `_NEWEST`."""
    query = (
        select(Lead)
        .where(
            scope.lead(),
            Lead.status == Status.ACTIVE,
            Lead.stage == Stage.IDENTIFIED,
            visible_leads(scope.actor, Lead),
        )
        .order_by(Lead.received_on.desc(), Lead.id.desc())
        .limit(_NEWEST)
        .options(joinedload(Lead.company).load_only(Company.name, Company.short_name))
    )
    found = []
    for lead in db.session.scalars(query).unique():
        due = standards.clocks(lead)
        if due:
            found.append(ClockRow(lead, due[0], _share(lead, due[0], standards)))
    return sorted(found, key=lambda row: (row.clock.due_on, -row.lead.id))[:MOST_CLOCKS]


def awaiting_answer(rows: Sequence[ClockRow]) -> int:
    """How many of these have not been answered yet."""
    return sum(row.clock.kind is ClockKind.ANSWER for row in rows)


def _share(lead: Lead, clock: Clock, standards: Standards) -> int:
    whole = workdays_between(lead.received_on, clock.due_on, standards.exceptions)
    passed = workdays_between(lead.received_on, standards.today, standards.exceptions)
    return min(100, max(4, round(100 * passed / whole))) if whole > 0 else 100
