"""The list of companies with what the viewer may know of each, in a bounded number of statements.

Dates of contact and counts of leads are taken from what the viewer may see alone: a filter or a
sort by them must not tell more than the rows would.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.companies.kinds import NameKind
from crm.companies.models import Company, CompanyName, CompanyNode, Honour
from crm.companies.queries import Owner, name_condition, owned_ids, owners
from crm.core.pagination import Page, order_by, paginate
from crm.core.permissions import Actor, Capability, visible_by_lead, visible_leads
from crm.extensions import db
from crm.interactions.models import Interaction, interaction_companies
from crm.leads.models import Lead
from crm.leads.stages import OPEN_STATUSES
from crm.pipeline.company_pages.filters import CompanyFilters

SORT_KEYS = ("name", "region", "contact", "updated")
DEFAULT_SORT = "-updated"


@dataclass(frozen=True)
class CompanyPage(Page[Company]):
    """One page of the list; the maps are by company id and leave out who has nothing."""

    owners: dict[int, Owner] = field(default_factory=dict)
    last_contacts: dict[int, date] = field(default_factory=dict)
    open_leads: dict[int, int] = field(default_factory=dict)


def company_page(
    actor: Actor,
    filters: CompanyFilters,
    sort: str = DEFAULT_SORT,
    page: int = 1,
    per_page: int = 50,
    *,
    today: date,
) -> CompanyPage:
    """One page of the companies that the filters leave; at most nine statements."""
    query = select(Company).where(Company.merged_into_id.is_(None))
    if not actor.can(Capability.SEE_BUSINESS):
        query = query.where(Company.id.is_(None))
    query = query.where(*conditions(actor, filters, today))
    query = in_order(query, actor, sort).options(
        selectinload(Company.honours),
        selectinload(Company.nodes),
        joinedload(Company.parent),
    )
    found = paginate(query, page=page, per_page=per_page)
    ids = [company.id for company in found.items]
    return CompanyPage(
        items=found.items,
        total=found.total,
        page=found.page,
        per_page=found.per_page,
        owners=owners(ids),
        last_contacts=last_contacts(actor, ids),
        open_leads=open_leads(actor, ids),
    )


def last_contacts(actor: Actor, company_ids: Collection[int]) -> dict[int, date]:
    """Company id → day of the latest interaction that the person may see."""
    if not company_ids:
        return {}
    link = interaction_companies.c
    query = (
        select(link.company_id, func.max(Interaction.occurred_on))
        .join(Interaction, Interaction.id == link.interaction_id)
        .where(link.company_id.in_(company_ids), visible_by_lead(actor, Interaction.lead_id))
        .group_by(link.company_id)
    )
    return dict(db.session.execute(query).all())


def open_leads(actor: Actor, company_ids: Collection[int]) -> dict[int, int]:
    """Company id → number of its open leads that the person may see."""
    if not company_ids:
        return {}
    query = (
        select(Lead.company_id, func.count())
        .where(
            Lead.company_id.in_(company_ids),
            Lead.status.in_(OPEN_STATUSES),
            visible_leads(actor, Lead),
        )
        .group_by(Lead.company_id)
    )
    return dict(db.session.execute(query).all())


def leads_of(actor: Actor, company_ids: Collection[int]) -> list[Lead]:
    """The leads of these companies that the person may see, open ones first."""
    is_open = Lead.status.in_(OPEN_STATUSES)
    query = (
        select(Lead)
        .where(Lead.company_id.in_(company_ids), visible_leads(actor, Lead))
        .options(joinedload(Lead.company), joinedload(Lead.owner), joinedload(Lead.team))
        .order_by(is_open.desc(), Lead.received_on.desc(), Lead.id.desc())
        .limit(100)
    )
    return list(db.session.scalars(query).unique())


def regions(limit: int = 60) -> list[str]:
    """The regions that occur most, as suggestions for the filter."""
    query = (
        select(Company.region)
        .where(Company.region != "", Company.merged_into_id.is_(None))
        .group_by(Company.region)
        .order_by(func.count().desc(), Company.region)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def conditions(actor: Actor, filters: CompanyFilters, today: date) -> list[ColumnElement[bool]]:
    """What a company must meet, for the page and the API."""
    found = _of_columns(filters)
    if filters.q:
        found.append(name_condition(filters.q))
    if filters.honours or filters.honour_level or filters.honour_state != "valid":
        found.append(_with_honour(filters, today))
    if filters.nodes:
        nodes = select(CompanyNode.company_id).where(CompanyNode.node_id.in_(filters.nodes))
        found.append(Company.id.in_(nodes))
    if filters.owner_id is not None:
        owned = owned_ids(filters.owner_id)
        found.append(Company.id.in_(select(owned.c.id)))
    return found + _of_contacts(actor, filters)


def _of_columns(filters: CompanyFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.region:
        found.append(
            or_(
                Company.region.contains(filters.region, autoescape=True),
                Company.country.contains(filters.region, autoescape=True),
            )
        )
    if filters.natures:
        found.append(Company.investor_nature.in_(filters.natures))
    if filters.in_zone is not None:
        found.append(Company.in_zone.is_(filters.in_zone))
    if filters.is_anchor is not None:
        found.append(Company.is_anchor.is_(filters.is_anchor))
    return found


def _with_honour(filters: CompanyFilters, today: date) -> ColumnElement[bool]:
    """Holds an honour of these kinds; an expired one counts only when it was not renewed."""
    of_kind: list[ColumnElement[bool]] = [Honour.company_id == Company.id]
    if filters.honours:
        of_kind.append(Honour.kind.in_(filters.honours))
    if filters.honour_level:
        of_kind.append(Honour.level == filters.honour_level)
    is_valid = or_(Honour.valid_until.is_(None), Honour.valid_until >= today)
    valid = exists(select(1).where(*of_kind, is_valid))
    if filters.honour_state == "valid":
        return valid
    ever = exists(select(1).where(*of_kind))
    return ever if filters.honour_state == "any" else and_(ever, ~valid)


def _of_contacts(actor: Actor, filters: CompanyFilters) -> list[ColumnElement[bool]]:
    """The latest contact lies in the range: one on or after its start, none after its end."""
    found: list[ColumnElement[bool]] = []
    if filters.never_contacted:
        found.append(~_contacted(actor))
    if filters.contact_from:
        found.append(_contacted(actor, Interaction.occurred_on >= filters.contact_from))
    if filters.contact_to:
        found.append(_contacted(actor))
        found.append(~_contacted(actor, Interaction.occurred_on > filters.contact_to))
    return found


def _contacted(actor: Actor, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    link = interaction_companies.c
    said = (
        select(link.company_id)
        .join(Interaction, Interaction.id == link.interaction_id)
        .where(visible_by_lead(actor, Interaction.lead_id), *conditions)
    )
    return Company.id.in_(said)


def in_order(query: Select[Any], actor: Actor, sort: str) -> Select[Any]:
    """The query in order; by name means by pinyin, by contact the latest that may be seen."""
    key = sort.removeprefix("-")
    columns: dict[str, Any] = {"region": Company.region, "updated": Company.updated_at}
    if key == "name":
        sound = func.coalesce(func.nullif(CompanyName.pinyin, ""), CompanyName.key)
        columns["name"] = (
            select(func.min(sound))
            .where(CompanyName.company_id == Company.id, CompanyName.kind == NameKind.FULL)
            .scalar_subquery()
        )
    if key == "contact":
        link = interaction_companies.c
        latest = (
            select(link.company_id, func.max(Interaction.occurred_on).label("day"))
            .join(Interaction, Interaction.id == link.interaction_id)
            .where(visible_by_lead(actor, Interaction.lead_id))
            .group_by(link.company_id)
            .subquery()
        )
        query = query.outerjoin(latest, latest.c.company_id == Company.id)
        columns["contact"] = latest.c.day
    return query.order_by(*order_by(columns, sort, DEFAULT_SORT), Company.id)
