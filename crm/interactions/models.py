"""Tables of interactions. Whoever may see the lead sees its interactions; without one, the zone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import Team, User
from crm.companies.models import Company, Contact
from crm.core.base import Base, Id, Ref, Stamped, UtcDateTime, Versioned, enum_type
from crm.core.clock import now
from crm.interactions.kinds import InteractionKind, Outcome

interaction_companies = Table(
    "interaction_companies",
    Base.metadata,
    Column("interaction_id", ForeignKey("interactions.id"), primary_key=True),
    Column("company_id", ForeignKey("companies.id"), primary_key=True),
    Index("ix_interaction_companies_company", "company_id", "interaction_id"),
)
interaction_contacts = Table(
    "interaction_contacts",
    Base.metadata,
    Column("interaction_id", ForeignKey("interactions.id"), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), primary_key=True, index=True),
)


class Interaction(Base, Stamped, Versioned):
    """One contact with one or several companies, and the next step agreed in it."""

    __tablename__ = "interactions"
    __table_args__ = (
        Index("ix_interactions_lead", "lead_id", "occurred_on"),
        Index("ix_interactions_next", "next_owner_id", "next_done_on", "next_on"),
        Index("ix_interactions_occurred", "occurred_on", "id"),
        Index("ix_interactions_author", "author_id", "occurred_on"),
        Index("ix_interactions_team", "author_team_id", "occurred_on"),
        Index("ix_interactions_done", "next_done_by_id", "next_done_on"),
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    kind: Mapped[InteractionKind] = mapped_column(enum_type(InteractionKind))
    occurred_on: Mapped[date] = mapped_column(Date)
    text: Mapped[str] = mapped_column(Text)
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # The team the author was in at the time: what a team did stays with it when people move.
    author_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    next_step: Mapped[str] = mapped_column(String(200), default="", server_default="")
    next_on: Mapped[date | None] = mapped_column(Date)
    next_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    next_done_on: Mapped[date | None] = mapped_column(Date)
    next_done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # A form carries a random key, so that a double click or a resend saves once.
    submission_key: Mapped[str | None] = mapped_column(String(40), unique=True)

    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    author_team: Mapped[Team | None] = relationship(foreign_keys=[author_team_id])
    next_owner: Mapped[User | None] = relationship(foreign_keys=[next_owner_id])
    companies: Mapped[list[Company]] = relationship(secondary=interaction_companies)
    contacts: Mapped[list[Contact]] = relationship(secondary=interaction_contacts)
    participants: Mapped[list[Participant]] = relationship(
        cascade="all, delete-orphan", order_by="Participant.id"
    )
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")
    revisions: Mapped[list[InteractionRevision]] = relationship(order_by="InteractionRevision.id")


class Participant(Base):
    """A colleague who took part, with the team they were in at the time."""

    __tablename__ = "participants"
    __table_args__ = (Index("ix_participants_user", "user_id", "interaction_id"),)

    id: Mapped[Id]
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interactions.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))

    user: Mapped[User] = relationship()
    team: Mapped[Team | None] = relationship()


class InteractionRevision(Base):
    """What an interaction said before an edit; never changed afterwards."""

    __tablename__ = "interaction_revisions"

    id: Mapped[Id]
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interactions.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)

    by: Mapped[User | None] = relationship()


class Attachment(Base):
    """A file kept outside the web root under a random name; `token` is its address."""

    __tablename__ = "attachments"

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(String(43), unique=True)
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interactions.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
