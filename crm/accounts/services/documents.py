"""Queueing what a renamed person or label makes stale in the search index.

Leads and notes carry these names; they are named here by table, because this domain lies below
theirs.
"""

from sqlalchemy import Integer, column, or_, select, table

from crm.core import outbox
from crm.core.permissions import LEAD_PEOPLE

_LEADS = table(
    "leads",
    column("id", Integer),
    column("owner_id", Integer),
    column("source_id", Integer),
    column("lost_reason_id", Integer),
)
_NOTES = table("interactions", column("id", Integer), column("author_id", Integer))
_PARTICIPANTS = table("participants", column("interaction_id", Integer), column("user_id", Integer))


def person_renamed(user_id: int) -> None:
    """Queue the leads and notes that name this person."""
    named = select(LEAD_PEOPLE.c.lead_id).where(LEAD_PEOPLE.c.user_id == user_id)
    present = select(_PARTICIPANTS.c.interaction_id).where(_PARTICIPANTS.c.user_id == user_id)
    outbox.enqueue_select(
        "lead",
        select(_LEADS.c.id).where(or_(_LEADS.c.owner_id == user_id, _LEADS.c.id.in_(named))),
    )
    outbox.enqueue_select(
        "interaction",
        select(_NOTES.c.id).where(or_(_NOTES.c.author_id == user_id, _NOTES.c.id.in_(present))),
    )


def label_renamed(item_id: int) -> None:
    """Queue the leads that bear this source or reason of loss."""
    outbox.enqueue_select(
        "lead",
        select(_LEADS.c.id).where(
            or_(_LEADS.c.source_id == item_id, _LEADS.c.lost_reason_id == item_id)
        ),
    )
