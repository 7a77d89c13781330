"""Interactions as the columns of their file."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm.exchange.exporting.refs import ref_of, stand_in
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead


def interaction_values(rows: Sequence[Interaction]) -> dict[int, dict[str, Any]]:
    """The columns of each interaction by its id; its companies and people are loaded."""
    leads = lead_refs({row.lead_id for row in rows if row.lead_id})
    return {
        row.id: {
            "ref": ref_of(row),
            "kind": row.kind,
            "occurred_on": row.occurred_on,
            "company_refs": [ref_of(company) for company in row.companies],
            "lead_ref": leads.get(row.lead_id) if row.lead_id else None,
            "author": row.author.username if row.author else None,
            "participants": [one.user.username for one in row.participants],
            "outcome": row.outcome,
            "text": row.text,
            "next_step": row.next_step,
            "next_on": row.next_on,
        }
        for row in rows
    }


def lead_refs(ids: set[int]) -> dict[int, str]:
    """What files call these leads."""
    query = select(Lead.id, Lead.ref, Lead.created_at).where(Lead.id.in_(ids))
    return {
        lead_id: ref or stand_in(Lead, lead_id, created_at)
        for lead_id, ref, created_at in db.session.execute(query)
    }
