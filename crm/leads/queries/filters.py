"""The filters of the list of leads: what may be asked, and the conditions it becomes.

Column names and operators are all here; nothing of a request reaches SQL but as a bound value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, or_, select

from crm.companies.kinds import HonourKind
from crm.companies.models import Company, Honour
from crm.companies.queries import name_condition
from crm.core.permissions import Actor, Visibility
from crm.leads.kinds import InvestorKind, Sector
from crm.leads.lights import Color, Cutoffs
from crm.leads.models import Lead, LeadNode, lead_anchors
from crm.leads.queries.lights import has_color
from crm.leads.stages import OPEN_STATUSES, Stage, Status


@dataclass(frozen=True)
class LeadFilters:
    """What a list is narrowed to; empty fields do not narrow, several values are alternatives.

    Amounts are in 万元, land in 亩. `quiet_days` is the number of days without contact at least.
    """

    q: str = ""
    stages: tuple[Stage, ...] = ()
    statuses: tuple[Status, ...] = ()
    teams: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()
    visibilities: tuple[Visibility, ...] = ()
    sectors: tuple[Sector, ...] = ()
    investor_kinds: tuple[InvestorKind, ...] = ()
    lights: tuple[Color, ...] = ()
    honours: tuple[HonourKind, ...] = ()
    node: str = ""
    anchor: int | None = None
    company: int | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    land_min: Decimal | None = None
    land_max: Decimal | None = None
    received_from: date | None = None
    received_to: date | None = None
    quiet_days: int | None = None
    mine: bool = False
    no_next: bool = False
    unowned: bool = False

    @property
    def is_default(self) -> bool:
        """Whether nothing narrows the list but its usual statuses."""
        return replace(self, statuses=()) == LeadFilters() and set(self.statuses) <= {
            *OPEN_STATUSES
        }


def conditions(
    filters: LeadFilters, actor: Actor, today: date, limits: Cutoffs
) -> list[ColumnElement[bool]]:
    """The conditions on `Lead`; access is not among them."""
    return [
        condition
        for group in (
            _of_columns(filters),
            _of_ranges(filters, today),
            _of_people(filters, actor),
            _of_relations(filters, today),
        )
        for condition in group
    ] + ([has_color(limits, filters.lights)] if filters.lights else [])


def _of_columns(filters: LeadFilters) -> Iterable[ColumnElement[bool]]:
    for column, values in (
        (Lead.stage, filters.stages),
        (Lead.status, filters.statuses),
        (Lead.team_id, filters.teams),
        (Lead.owner_id, filters.owners),
        (Lead.source_id, filters.sources),
        (Lead.visibility, filters.visibilities),
        (Lead.sector, filters.sectors),
        (Lead.investor_kind, filters.investor_kinds),
    ):
        if values:
            yield column.in_(values)
    if filters.company is not None:
        yield Lead.company_id == filters.company
    if filters.q:
        yield or_(
            Lead.title.contains(filters.q, autoescape=True),
            Lead.company_id.in_(select(Company.id).where(name_condition(filters.q))),
        )


def _of_ranges(filters: LeadFilters, today: date) -> Iterable[ColumnElement[bool]]:
    for column, least, most in (
        (Lead.investment_wan_cny, filters.amount_min, filters.amount_max),
        (Lead.land_mu, filters.land_min, filters.land_max),
    ):
        if least is not None:
            yield column >= least
        if most is not None:
            yield column <= most
    if filters.received_from is not None:
        yield Lead.received_on >= filters.received_from
    if filters.received_to is not None:
        yield Lead.received_on <= filters.received_to
    if filters.quiet_days is not None:
        last = func.coalesce(Lead.last_contact_on, Lead.received_on)
        yield last <= today - timedelta(days=filters.quiet_days)


def _of_people(filters: LeadFilters, actor: Actor) -> Iterable[ColumnElement[bool]]:
    if filters.mine:
        yield Lead.owner_id == actor.id
    if filters.unowned:
        yield Lead.owner_id.is_(None)
    if filters.no_next:
        yield Lead.next_step == ""


def _of_relations(filters: LeadFilters, today: date) -> Iterable[ColumnElement[bool]]:
    if filters.node:
        yield exists().where(LeadNode.lead_id == Lead.id, LeadNode.node_id == filters.node)
    if filters.anchor is not None:
        yield exists().where(
            lead_anchors.c.lead_id == Lead.id, lead_anchors.c.company_id == filters.anchor
        )
    if filters.honours:
        # A subsidiary shows its group's titles: the parent's count like its own.
        holders = select(Honour.company_id).where(
            Honour.kind.in_(filters.honours),
            or_(Honour.valid_until.is_(None), Honour.valid_until >= today),
        )
        firms = select(Company.id).where(
            or_(Company.id.in_(holders), Company.parent_id.in_(holders))
        )
        yield Lead.company_id.in_(firms)
