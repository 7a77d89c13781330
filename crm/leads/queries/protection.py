"""The protection period of a first report: how long, and renewed by what."""

from datetime import date, timedelta

from sqlalchemy import func, select

from crm.extensions import db
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.leads.models import Lead


def protected_until(lead: Lead, days: int) -> date:
    """The last day of protection: so many days after the first report or the last real contact.

    A note to oneself renews nothing; everything said with the firm does.
    """
    query = select(func.max(Interaction.occurred_on)).where(
        Interaction.lead_id == lead.id, Interaction.kind != InteractionKind.NOTE
    )
    start = lead.first_report.reported_on if lead.first_report else lead.received_on
    last = db.session.scalar(query)
    return max(start, last or start) + timedelta(days=days)
