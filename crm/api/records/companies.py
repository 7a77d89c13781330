"""Companies as JSON."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.api import answers, lookups
from crm.api.answers import Json, day, moment
from crm.api.schemas.companies import CompanyQuery
from crm.companies.kinds import NameKind
from crm.companies.models import Company, Honour
from crm.core import clock
from crm.core.permissions import Actor
from crm.extensions import db
from crm.find.results import FoundCompany
from crm.pipeline.company_pages.filters import CompanyFilters
from crm.pipeline.company_pages.queries import conditions, in_order


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


def named(company: Company | FoundCompany | None) -> Json | None:
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
    """One page of the companies, by the filters of the list's page; merged ones are left out."""
    where = [Company.merged_into_id.is_(None), *conditions(actor, _filters(asked), clock.today())]
    if asked.parent:
        where.append(Company.parent_id == lookups.company_filter(asked.parent))
    total = db.session.scalar(select(func.count()).select_from(Company).where(*where)) or 0
    query = _in_order(select(Company).where(*where), actor, asked.sort)
    query = query.limit(asked.per_page).offset((asked.page - 1) * asked.per_page)
    rows: Sequence[Company] = db.session.scalars(_with_relations(query)).unique().all()
    return answers.envelope(
        [as_json(row) for row in rows], total=total, page=asked.page, per_page=asked.per_page
    )


def _filters(asked: CompanyQuery) -> CompanyFilters:
    return CompanyFilters(
        q=asked.q.strip(),
        honours=asked.honour,
        honour_level=asked.honour_level,
        honour_state=asked.honour_state,
        region=asked.region.strip(),
        natures=asked.nature,
        nodes=asked.node,
        in_zone=asked.in_zone,
        is_anchor=asked.anchor,
        contact_from=asked.contact_from,
        contact_to=asked.contact_to,
        never_contacted=asked.never,
        owner_id=lookups.user_filter(asked.owner) if asked.owner else None,
    )


def _in_order(query: Select[Any], actor: Actor, sort: str) -> Select[Any]:
    if sort.removeprefix("-") == "id":
        return query.order_by(Company.id.desc() if sort.startswith("-") else Company.id)
    return in_order(query, actor, sort)
