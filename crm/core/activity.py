"""The activity log: who did what to which record, and what changed. Rows are never edited."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, UtcDateTime
from crm.core.clock import now
from crm.core.permissions import Actor
from crm.extensions import db


class Activity(Base):
    """One deed. `lead_id` decides who may read it outside the audit log."""

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_subject", "subject_type", "subject_id"),
        Index("ix_activities_lead", "lead_id", "at"),
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    actor_name: Mapped[str] = mapped_column(String(80))
    verb: Mapped[str] = mapped_column(String(40), index=True)
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(Integer)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    summary: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def record(
    *,
    actor: Actor,
    verb: str,
    subject_type: str,
    subject_id: int | None,
    lead_id: int | None = None,
    summary: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    """Write one deed into the log, in the transaction of the deed itself.

    `verb` is a stable English word such as `lead.advance`; `changes` maps a field to
    `[before, after]` as shown on the screen. `summary` holds no business text of a lead, because
    the auditor reads it.
    """
    db.session.add(
        Activity(
            actor_id=actor.id,
            actor_name=actor.name,
            verb=verb,
            subject_type=subject_type,
            subject_id=subject_id,
            lead_id=lead_id,
            summary=summary,
            changes=changes,
        )
    )
