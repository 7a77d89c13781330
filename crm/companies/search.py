"""What of a company can be found. Companies are the whole zone's."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crm.companies.models import CHAIN_NODES, Company
from crm.core.permissions import ZONE_TOKEN
from crm.extensions import db
from search.document import Document, Link


def load_documents(ids: Sequence[int]) -> list[Document]:
    """The present documents of these companies; merged ones have none."""
    query = (
        select(Company)
        .where(Company.id.in_(ids), Company.merged_into_id.is_(None))
        .options(
            selectinload(Company.names),
            selectinload(Company.honours),
            selectinload(Company.nodes),
            selectinload(Company.contacts),
            selectinload(Company.parent),
        )
    )
    companies = list(db.session.scalars(query))
    nodes = _node_words({node.node_id for company in companies for node in company.nodes})
    return [_document(company, nodes) for company in companies]


def all_ids() -> list[int]:
    """The ids of all companies that have a document."""
    query = select(Company.id).where(Company.merged_into_id.is_(None)).order_by(Company.id)
    return list(db.session.scalars(query))


def _document(company: Company, nodes: dict[str, list[str]]) -> Document:
    tags = [honour.kind.label for honour in company.honours]
    for node in company.nodes:
        tags += nodes.get(node.node_id, [])
    if company.investor_nature:
        tags.append(company.investor_nature.label)
    tags += [company.country, company.region, company.uscc or ""]
    parent = company.parent
    return Document(
        type="company",
        id=company.id,
        ref=company.ref,
        title=company.name,
        text="\n".join(part for part in (company.summary, company.products) if part),
        names=tuple(dict.fromkeys(name.name for name in company.names)),
        people=tuple(contact.name for contact in company.contacts),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        company=Link(company.id, company.name),
        other_companies=(Link(parent.id, parent.name),) if parent else (),
        owner=str(company.account_owner_id) if company.account_owner_id else None,
        access=frozenset({ZONE_TOKEN}),
        updated_at=company.updated_at,
        added_at=company.created_at,
    )


def _node_words(node_ids: set[str]) -> dict[str, list[str]]:
    """Names and other names of chain nodes by id."""
    if not node_ids:
        return {}
    query = select(CHAIN_NODES.c.id, CHAIN_NODES.c.name, CHAIN_NODES.c.aka).where(
        CHAIN_NODES.c.id.in_(node_ids)
    )
    return {node_id: [name, *(aka or [])] for node_id, name, aka in db.session.execute(query)}
