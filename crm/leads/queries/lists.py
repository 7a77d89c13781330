"""The list of leads: one page of rows, and count and sum of the whole within the viewer's access."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.core import clock
from crm.core.pagination import Page, order_by
from crm.core.permissions import Actor, visible_leads
from crm.core.settings import ListItem
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.queries.filters import LeadFilters, conditions
from crm.leads.queries.lights import Standards, color_rank
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

_ROW_COLUMNS = (
    Lead.id, Lead.title, Lead.company_id, Lead.source_id, Lead.received_on, Lead.owner_id,
    Lead.team_id, Lead.visibility, Lead.stage, Lead.status, Lead.stage_since,
    Lead.investment_wan_cny, Lead.foreign_capital_wan_usd, Lead.land_mu, Lead.energy_tce,
    Lead.jobs, Lead.character, Lead.is_no1, Lead.likelihood, Lead.last_contact_on, Lead.next_step,
    Lead.next_on, Lead.contact_count, Lead.responded_on, Lead.version,
)  # fmt: skip


@dataclass(frozen=True)
class LeadPage(Page[Lead]):
    """A page of leads; `amount` sums the investment of the whole list in 万元."""

    amount: Decimal = Decimal(0)


def lead_page(
    actor: Actor,
    filters: LeadFilters,
    sort: str = DEFAULT_SORT,
    page: int = 1,
    per_page: int = 80,
    *,
    today: date | None = None,
    standards: Standards | None = None,
    whole: bool = False,
) -> LeadPage:
    """One page of the leads that the person may see; two statements besides the standards' two.

    An unknown sort key falls back to the default. With `whole` the rows carry every column and
    their chain nodes and anchors, as the API and the export need them.
    """
    standards = standards or Standards.of(today or clock.today())
    where = list_conditions(actor, filters, standards)
    total, amount = db.session.execute(
        select(func.count(), func.sum(Lead.investment_wan_cny)).where(*where)
    ).one()
    per_page = max(1, min(per_page, MOST))
    page = max(1, min(page, 10**6))
    order = (*sort_terms(sort, standards), Lead.id.desc())
    # Only ids are sorted, mostly from one index; the rows with their texts are read for the page.
    ids = select(Lead.id).where(*where).order_by(*order).limit(per_page)
    wanted = ids.offset((page - 1) * per_page).subquery()
    query = select(Lead).join(wanted, wanted.c.id == Lead.id).order_by(*order)
    rows = db.session.scalars(_with_relations(query, whole=whole)).unique().all()
    return LeadPage(
        items=rows, total=total, page=page, per_page=per_page, amount=amount or Decimal(0)
    )


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


def _with_relations(query: Select[Any], *, whole: bool) -> Select[Any]:
    options: list[Any] = [
        joinedload(Lead.company).load_only(Company.name, Company.short_name, Company.ref),
        joinedload(Lead.owner).options(load_only(User.name, User.username), lazyload(User.team)),
        joinedload(Lead.team).load_only(Team.name),
        joinedload(Lead.source).load_only(ListItem.label),
    ]
    if whole:
        options.append(joinedload(Lead.lost_reason).load_only(ListItem.label))
        options += [
            selectinload(Lead.nodes),
            selectinload(Lead.anchors).load_only(Company.name, Company.ref),
            selectinload(Lead.people),
        ]
    else:
        options.append(load_only(*_ROW_COLUMNS))
    return query.options(*options)
