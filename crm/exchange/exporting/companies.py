"""Companies and contacts as the columns of their files."""

from collections.abc import Sequence
from typing import Any

from crm.companies.kinds import NameKind
from crm.companies.models import Company, Contact
from crm.exchange.exporting.refs import ref_of
from crm.exchange.honours import HonourLine


def values_of(companies: Sequence[Company]) -> dict[int, dict[str, Any]]:
    """The columns of each company by its id; names, honours, nodes and parent are loaded."""
    return {company.id: _values(company) for company in companies}


def _values(company: Company) -> dict[str, Any]:
    own = {(company.name, NameKind.FULL), (company.short_name, NameKind.SHORT)}
    return {
        "ref": ref_of(company),
        "name": company.name,
        "short_name": company.short_name,
        "aliases": [row.name for row in company.names if (row.name, row.kind) not in own],
        "uscc": company.uscc or "",
        "country": company.country,
        "region": company.region,
        "parent_ref": ref_of(company.parent) if company.parent else None,
        "honours": tuple(
            HonourLine(row.kind, row.level, row.year, row.valid_until) for row in company.honours
        ),
        "in_zone": company.in_zone,
        "is_anchor": company.is_anchor,
        "chain_nodes": [row.node_id for row in company.nodes],
        "products": company.products,
        "summary": company.summary,
    }


def contact_values(contact: Contact) -> dict[str, Any]:
    """The columns of a contact; its company is loaded."""
    return {
        "ref": ref_of(contact),
        "company_ref": ref_of(contact.company),
        "name": contact.name,
        "title": contact.title,
        "decision_role": contact.decision_role,
        "phone": contact.phone,
        "email": contact.email,
    }
