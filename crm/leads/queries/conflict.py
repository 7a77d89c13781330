"""Whose change came first, for a person whose own is out of date."""

from datetime import datetime

from sqlalchemy import select

from crm.core.activity import Activity
from crm.extensions import db


def last_change(lead_id: int) -> tuple[str, datetime] | None:
    """Who changed a lead last, and when."""
    query = (
        select(Activity.actor_name, Activity.at)
        .where(Activity.lead_id == lead_id, Activity.subject_type == "lead")
        .order_by(Activity.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row else None
