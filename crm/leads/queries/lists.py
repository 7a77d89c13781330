"""The list of leads: one page of rows, and count and sum of the whole within the viewer's access."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.core import clock
from crm.core.pagination import Page, T, order_by
from crm.core.permissions import Actor, visible_leads
from crm.core.settings import ListItem
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.queries.filters import LeadFilters, conditions
from crm.leads.queries.lights import Standards, color_rank
from crm.leads.queries.rows import LeadRow
from crm.leads.stages import Stage

DEFAULT_SORT = "-light"
MOST = 200

_STAGE_ORDER = case({stage.value: stage.position for stage in Stage}, value=Lead.stage)
# What may be sorted by; the light is added for the day of the question.
SORTS: Mapping[str, Any] = {
    "title": Lead.title,
    "stage": _STAGE_ORDER,
    "since": Lead.stage_since,
    "investment": Lead.investment_wan_cny,
    "land": Lead.land_mu,
    "received": Lead.received_on,
    "contact": Lead.last_contact_on,
    "next": Lead.next_on,
    "updated": Lead.updated_at,
    "id": Lead.id,
}
SORT_KEYS = frozenset({*SORTS, "light"})


@dataclass(frozen=True)
class LeadPage(Page[T]):
    """A page of leads; `amount` sums the investment of the whole list in 万元."""

    amount: Decimal = Decimal(0)


def lead_rows(
    actor: Actor,
    filters: LeadFilters,
    sort: str = DEFAULT_SORT,
    page: int = 1,
    per_page: int = 80,
    *,
    standards: Standards | None = None,
) -> LeadPage[LeadRow]:
    """One page of the leads that the person may see, as a list shows them.

    Two statements besides the standards' two.

    An unknown sort key falls back to the default.
    """
    standards = standards or Standards.of(clock.today())
    found = _LeadsFound.of(actor, filters, sort, page, per_page, standards)
    return found.page([LeadRow._make(row) for row in db.session.execute(found.narrow(row_query()))])


def row_query() -> Select[*tuple[Any, ...]]:
    """The columns of `LeadRow` in their order, of all leads."""
    return (
        select(
            Lead.id, Lead.title, Company.label,
            Lead.stage, Lead.status, Lead.stage_since, Lead.received_on, Lead.last_contact_on,
            Lead.next_step, Lead.next_on, User.name, Team.name, ListItem.label,
            Lead.investment_wan_cny, Lead.land_mu, Lead.energy_tce, Lead.jobs, Lead.visibility,
        )
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(User, User.id == Lead.owner_id)
        .outerjoin(Team, Team.id == Lead.team_id)
        .outerjoin(ListItem, ListItem.id == Lead.source_id)
    )  # fmt: skip


def whole_leads(
    actor: Actor,
    filters: LeadFilters,
    sort: str = DEFAULT_SORT,
    page: int = 1,
    per_page: int = 80,
) -> LeadPage[Lead]:
    """As `lead_rows`, with every field, chain nodes, anchors and people, as the API needs them.

    Seven statements, those of the standards among them.
    """
    found = _LeadsFound.of(actor, filters, sort, page, per_page, Standards.of(clock.today()))
    query = found.narrow(select(Lead)).options(
        joinedload(Lead.company).load_only(Company.name, Company.short_name, Company.ref),
        joinedload(Lead.owner).options(load_only(User.name, User.username), lazyload(User.team)),
        joinedload(Lead.team).load_only(Team.name),
        joinedload(Lead.source).load_only(ListItem.label),
        joinedload(Lead.lost_reason).load_only(ListItem.label),
        selectinload(Lead.nodes),
        selectinload(Lead.anchors).load_only(Company.name, Company.ref),
        selectinload(Lead.people),
    )
    return found.page(db.session.scalars(query).unique().all())


@dataclass(frozen=True)
class _LeadsFound:
    """What a list asks for, counted."""

    where: Sequence[ColumnElement[bool]]
    order: Sequence[ColumnElement[Any]]
    number: int
    per_page: int
    total: int
    amount: Decimal

    @classmethod
    def of(
        cls, actor: Actor, filters: LeadFilters, sort: str, page: int, per_page: int,
        standards: Standards,
    ) -> "_LeadsFound":  # fmt: skip
        """Count and sum the list."""
        where = list_conditions(actor, filters, standards)
        counted = select(func.count(), func.sum(Lead.investment_wan_cny)).where(*where)
        total, amount = db.session.execute(counted).one()
        return cls(
            where, (*sort_terms(sort, standards), Lead.id.desc()), max(1, min(page, 10**6)),
            max(1, min(per_page, MOST)), total, amount or Decimal(0),
        )  # fmt: skip

    def narrow(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """A query of leads, for this page alone."""
        skipped = (self.number - 1) * self.per_page
        return stretch(query, self.where, self.order, self.per_page, skipped)

    def page(self, items: Sequence[T]) -> LeadPage[T]:
        """The page with its rows."""
        return LeadPage(
            items=items, total=self.total, page=self.number, per_page=self.per_page,
            amount=self.amount,
        )  # fmt: skip


def stretch(
    query: Select[*tuple[Any, ...]],
    where: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    most: int,
    skipped: int = 0,
) -> Select[*tuple[Any, ...]]:
    """A query of leads, for some of them in an order.

    Only ids are sorted, mostly from one index; the rows with their texts are read for the stretch.
    """
    ids = select(Lead.id).where(*where).order_by(*order).limit(most).offset(skipped)
    wanted = ids.subquery()
    return query.join(wanted, wanted.c.id == Lead.id).order_by(*order)


def list_conditions(
    actor: Actor, filters: LeadFilters, standards: Standards
) -> list[ColumnElement[bool]]:
    """Everything that a row of the list must meet, the viewer's access first."""
    return [
        visible_leads(actor, Lead),
        *conditions(filters, actor, standards.today, standards.cutoffs),
    ]


def sort_terms(sort: str, standards: Standards) -> list[ColumnElement[Any]]:
    """Order terms for a key of the allow-list, `-` in front for falling."""
    wanted = sort if sort.removeprefix("-") in SORT_KEYS else DEFAULT_SORT
    by_light = wanted.removeprefix("-") == "light"
    allowed = {"light": color_rank(standards.cutoffs)} if by_light else SORTS
    return order_by(allowed, wanted, DEFAULT_SORT)
