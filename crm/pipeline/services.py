"""What the desk changes: a person's own notices."""

from sqlalchemy import update

from crm.core.clock import now
from crm.core.notices import Notice
from crm.core.permissions import Actor
from crm.extensions import db


def mark_read(*, actor: Actor, notice_id: int | None = None) -> int:
    """Mark one notice, or all, of this person as read; how many were unread."""
    query = update(Notice).where(Notice.user_id == actor.id, Notice.read_at.is_(None))
    if notice_id is not None:
        query = query.where(Notice.id == notice_id)
    done = db.session.execute(
        query.values(read_at=now()), execution_options={"synchronize_session": False}
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
