"""Notices in the product: something happened that a person should know of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, UtcDateTime
from crm.core.clock import now
from crm.core.permissions import Actor
from crm.extensions import db


class Notice(Base):
    """One message to one person. With `lead_id` it is shown only while the lead is visible."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user", "user_id", "at"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    url: Mapped[str] = mapped_column(String(200), default="")
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def tell(
    *, user_id: int | None, actor: Actor, text: str, lead_id: int | None = None, url: str = ""
) -> Notice | None:
    """Leave a notice for a person, unless they did the thing themselves."""
    if user_id is None or user_id == actor.id:
        return None
    notice = Notice(user_id=user_id, actor_name=actor.name, text=text, lead_id=lead_id, url=url)
    db.session.add(notice)
    return notice
