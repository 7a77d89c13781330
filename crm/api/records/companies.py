"""Companies as JSON."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.api import answers, lookups
from crm.api.answers import Json, day, moment
from crm.api.schemas.companies import CompanyQuery
from crm.companies.kinds import NameKind
from crm.companies.models import Company, CompanyNode, Honour
from crm.companies.queries import name_condition
from crm.core import clock
from crm.core.pagination import order_by
from crm.core.permissions import Actor, visible_by_lead
from crm.extensions import db
from crm.interactions.models import Interaction, interaction_companies

_SORTS = {
    "name": Company.name,
    "region": Company.region,
    "updated_at": Company.updated_at,
    "created_at": Company.created_at,
    "id": Company.id,
}


def load(company_id: int) -> Json:
    """The record of a company as it is stored now."""
    query = _with_relations(select(Company).where(Company.id == company_id))
    found = db.session.scalars(query.execution_options(populate_existing=True)).unique().one()
    return as_json(found)


def _with_relations(query: Select[Any]) -> Select[Any]:
    return query.options(
        selectinload(Company.names),
        selectinload(Company.honours),
        selectinload(Company.nodes),
        joinedload(Company.parent),
        joinedload(Company.account_owner).options(lazyload(User.team)),
    )


def as_json(company: Company) -> Json:
    """Every column of the files, times, version and ETag; what it refers to is loaded."""
    own = {(company.name, NameKind.FULL), (company.short_name, NameKind.SHORT)}
    parent = company.parent
    return answers.with_etag(
        {
            "id": company.id,
            "ref": company.ref,
            "name": company.name,
            "short_name": company.short_name,
            "aliases": [row.name for row in company.names if (row.name, row.kind) not in own],
            "uscc": company.uscc,
            "country": company.country,
            "region": company.region,
            "investor_nature": company.investor_nature and company.investor_nature.value,
            "parent_id": company.parent_id,
            "parent_ref": parent.ref if parent else None,
            "parent": named(parent),
            "account_owner": company.account_owner.username if company.account_owner else None,
            "industry_code": company.industry_code,
            "industry_version": company.industry_version,
            "honours": [_honour_text(row) for row in company.honours],
            "honours_detail": [_honour(row) for row in company.honours],
            "in_zone": company.in_zone,
            "is_anchor": company.is_anchor,
            "chain_nodes": [row.node_id for row in company.nodes],
            "products": company.products,
            "summary": company.summary,
            "created_at": moment(company.created_at),
            "updated_at": moment(company.updated_at),
            "version": company.version,
        }
    )


def named(company: Company | None) -> Json | None:
    """A company as other records name it."""
    if company is None:
        return None
    return {"id": company.id, "ref": company.ref, "name": company.name}


def _honour_text(row: Honour) -> str:
    parts = [row.kind.value, row.level.label if row.level else "", str(row.year or "")]
    text = ":".join([*parts, day(row.valid_until) or ""])
    return text.rstrip(":")


def _honour(row: Honour) -> Json:
    return {
        "kind": row.kind.value,
        "level": row.level.value if row.level else None,
        "year": row.year,
        "rank_or_code": row.rank_or_code,
        "issuer": row.issuer,
        "valid_until": day(row.valid_until),
        "evidence_url": row.evidence_url,
    }


def page(actor: Actor, asked: CompanyQuery) -> Json:
    """One page of the companies; merged ones are left out."""
    where = [Company.merged_into_id.is_(None), *_conditions(actor, asked)]
    total = db.session.scalar(select(func.count()).select_from(Company).where(*where)) or 0
    query = (
        select(Company)
        .where(*where)
        .order_by(*order_by(_SORTS, asked.sort, "name"), Company.id)
        .limit(asked.per_page)
        .offset((asked.page - 1) * asked.per_page)
    )
    rows: Sequence[Company] = db.session.scalars(_with_relations(query)).unique().all()
    return answers.envelope(
        [as_json(row) for row in rows], total=total, page=asked.page, per_page=asked.per_page
    )


def _conditions(actor: Actor, asked: CompanyQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.q.strip():
        found.append(name_condition(asked.q))
    for column, text in ((Company.region, asked.region), (Company.country, asked.country)):
        if text.strip():
            found.append(column.contains(text.strip(), autoescape=True))
    for flag, wanted in ((Company.in_zone, asked.in_zone), (Company.is_anchor, asked.anchor)):
        if wanted is not None:
            found.append(flag.is_(wanted))
    if asked.honour:
        lasts = or_(Honour.valid_until.is_(None), Honour.valid_until >= clock.today())
        held = and_(Honour.company_id == Company.id, Honour.kind.in_(asked.honour), lasts)
        found.append(exists().where(held))
    if asked.node:
        found.append(
            exists().where(
                CompanyNode.company_id == Company.id, CompanyNode.node_id.in_(asked.node)
            )
        )
    if asked.parent:
        found.append(Company.parent_id == lookups.company_filter(asked.parent))
    if asked.account_owner:
        found.append(Company.account_owner_id == lookups.user_filter(asked.account_owner))
    return found + _by_contact(actor, asked)


def _by_contact(actor: Actor, asked: CompanyQuery) -> list[ColumnElement[bool]]:
    """By the last contact that the caller may see: another's would be given away by the filter."""
    if asked.contact_from is None and asked.contact_to is None:
        return []
    link = interaction_companies.c
    last = (
        select(func.max(Interaction.occurred_on))
        .join(interaction_companies, link.interaction_id == Interaction.id)
        .where(link.company_id == Company.id, visible_by_lead(actor, Interaction.lead_id))
        .correlate(Company)
        .scalar_subquery()
    )
    found: list[ColumnElement[bool]] = []
    if asked.contact_from is not None:
        found.append(last >= asked.contact_from)
    if asked.contact_to is not None:
        found.append(last <= asked.contact_to)
    return found
