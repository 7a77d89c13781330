"""Queueing what a changed company makes stale in the search index."""

from collections.abc import Sequence

from sqlalchemy import Integer, column, select, table

from crm.companies.models import Company
from crm.core import outbox

# Leads and notes carry the names of their firms; they are named here by table, because this domain
# lies below theirs.
_LEADS = table("leads", column("id", Integer), column("company_id", Integer))
_SERVED = table("lead_anchors", column("lead_id", Integer), column("company_id", Integer))
_NOTES = table(
    "interaction_companies", column("interaction_id", Integer), column("company_id", Integer)
)
_MET = table(
    "interaction_contacts", column("interaction_id", Integer), column("contact_id", Integer)
)


def company_changed(company_ids: Sequence[int], *, renamed: bool = False) -> None:
    """Queue the documents of these companies, and of all that names them when names changed."""
    outbox.enqueue("company", company_ids)
    if not renamed:
        return
    outbox.enqueue_select("company", select(Company.id).where(Company.parent_id.in_(company_ids)))
    outbox.enqueue_select("lead", select(_LEADS.c.id).where(_LEADS.c.company_id.in_(company_ids)))
    outbox.enqueue_select(
        "lead", select(_SERVED.c.lead_id).where(_SERVED.c.company_id.in_(company_ids)).distinct()
    )
    outbox.enqueue_select(
        "interaction",
        select(_NOTES.c.interaction_id).where(_NOTES.c.company_id.in_(company_ids)).distinct(),
    )


def contact_renamed(contact_id: int) -> None:
    """Queue the notes that name this contact."""
    outbox.enqueue_select(
        "interaction", select(_MET.c.interaction_id).where(_MET.c.contact_id == contact_id)
    )
