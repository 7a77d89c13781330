"""One lead, for whoever may see it."""

from sqlalchemy import select

from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.leads.models import Lead


def get_lead(actor: Actor, key: int | str) -> Lead | None:
    """The lead with this id, or `ref:…`; None where there is none that the person may see."""
    query = select(Lead).where(visible_leads(actor, Lead))
    if isinstance(key, str) and key.startswith("ref:"):
        query = query.where(Lead.ref == key.removeprefix("ref:"))
    elif isinstance(key, int) or (key.isascii() and key.isdigit() and len(key) < 10):
        if int(key) > 2**31 - 1:
            return None
        query = query.where(Lead.id == int(key))
    else:
        return None
    return db.session.scalar(query)
