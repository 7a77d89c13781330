"""A person's own notices; one about a lead is shown only while the lead is visible."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.core.notices import Notice
from crm.core.permissions import Actor, visible_by_lead
from crm.extensions import db

MOST = 99


def notices(actor: Actor) -> Sequence[Notice]:
    """The newest notices that have not been read."""
    query = (
        select(Notice)
        .where(
            Notice.user_id == actor.id,
            Notice.read_at.is_(None),
            visible_by_lead(actor, Notice.lead_id),
        )
        .order_by(Notice.at.desc(), Notice.id.desc())
        .limit(MOST)
    )
    return db.session.scalars(query).all()


def notice_of(actor: Actor, notice_id: int) -> Notice | None:
    """A notice of this person, read or not; None where it is not theirs or its lead is hidden."""
    query = select(Notice).where(
        Notice.id == notice_id,
        Notice.user_id == actor.id,
        visible_by_lead(actor, Notice.lead_id),
    )
    return db.session.scalar(query) if 0 < notice_id < 2**31 else None
