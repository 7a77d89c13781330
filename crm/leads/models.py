"""Tables of leads. `stage_log`, `status_log` and `first_reports` are closed by triggers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.core.base import (
    Base,
    Exact,
    Id,
    Ref,
    ShortText,
    Stamped,
    UtcDateTime,
    Versioned,
    enum_type,
)
from crm.core.clock import now
from crm.core.permissions import Visibility
from crm.core.settings import ListItem
from crm.leads.kinds import AssignmentKind, Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.stages import Stage, Status

lead_anchors = Table(
    "lead_anchors",
    Base.metadata,
    Column("lead_id", ForeignKey("leads.id"), primary_key=True),
    Column("company_id", ForeignKey("companies.id"), primary_key=True, index=True),
)


class Lead(Base, Stamped, Versioned):
    """One investment intention of one company.

    Amounts: investments in 万元, foreign capital in 万美元, land in 亩, floor area in ㎡, energy in
    tce a year, output and tax in 万元 a year; `typed` keeps each as the officer wrote it.
    `last_contact_on`, `contact_count`, `face_count`, `next_step` and `next_on` repeat what the
    lead's interactions say, so that lists sort without reading them; `leads.services` keeps them.
    """

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_company", "company_id"),
        Index("ix_leads_owner", "owner_id", "status"),
        Index("ix_leads_team", "team_id", "status", "stage"),
        # Holds all that access, lights and sums of the list ask for, so that they are worked out
        # from the index without reading the rows with their texts.
        Index(
            "ix_leads_stage",
            "status",
            "stage",
            "received_on",
            "visibility",
            "team_id",
            "owner_id",
            "stage_since",
            "last_contact_on",
            "next_on",
            "investment_wan_cny",
        ),
        Index("ix_leads_last_contact", "last_contact_on"),
        Index("ix_leads_updated", "updated_at"),
        Index("ix_leads_investment", "investment_wan_cny"),
        Index("ix_leads_received", "received_on"),
        Index("ix_leads_next", "next_on"),
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    title: Mapped[str] = mapped_column(String(200))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("list_items.id"))
    received_on: Mapped[date] = mapped_column(Date)
    registrar_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    visibility: Mapped[Visibility] = mapped_column(enum_type(Visibility), default=Visibility.ZONE)
    stage: Mapped[Stage] = mapped_column(enum_type(Stage), default=Stage.IDENTIFIED)
    status: Mapped[Status] = mapped_column(enum_type(Status), default=Status.ACTIVE)
    stage_since: Mapped[date] = mapped_column(Date)
    sector: Mapped[Sector | None] = mapped_column(enum_type(Sector))
    investor_kind: Mapped[InvestorKind | None] = mapped_column(enum_type(InvestorKind))
    investment_wan_cny: Mapped[Decimal | None] = mapped_column(Exact)
    fixed_investment_wan_cny: Mapped[Decimal | None] = mapped_column(Exact)
    foreign_capital_wan_usd: Mapped[Decimal | None] = mapped_column(Exact)
    land_mu: Mapped[Decimal | None] = mapped_column(Exact)
    floor_area_sqm: Mapped[Decimal | None] = mapped_column(Exact)
    site_kind: Mapped[SiteKind | None] = mapped_column(enum_type(SiteKind))
    energy_tce: Mapped[Decimal | None] = mapped_column(Exact)
    pollutants: Mapped[str] = mapped_column(Text, default="", server_default="")
    output_wan_cny: Mapped[Decimal | None] = mapped_column(Exact)
    tax_wan_cny: Mapped[Decimal | None] = mapped_column(Exact)
    jobs: Mapped[int | None] = mapped_column(Integer)
    product: Mapped[ShortText]
    industry: Mapped[ShortText]
    character: Mapped[Character | None] = mapped_column(enum_type(Character))
    is_no1: Mapped[bool] = mapped_column(Boolean, default=False)
    likelihood: Mapped[int | None] = mapped_column(Integer)
    likelihood_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    agreed_amount: Mapped[Decimal | None] = mapped_column(Exact)
    agreed_currency: Mapped[Currency | None] = mapped_column(enum_type(Currency))
    investor_registration: Mapped[ShortText]
    appraisal_passed_on: Mapped[date | None] = mapped_column(Date)
    appraisal_evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    appraisal_set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # Fields for which 暂不能提供 was answered, and amounts as they were typed, by field name.
    unavailable: Mapped[list[str]] = mapped_column(JSON, default=list)
    typed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    lost_reason_id: Mapped[int | None] = mapped_column(ForeignKey("list_items.id"))
    lost_to: Mapped[ShortText]
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    responded_on: Mapped[date | None] = mapped_column(Date)
    last_contact_on: Mapped[date | None] = mapped_column(Date)
    contact_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    face_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    next_step: Mapped[ShortText]
    next_on: Mapped[date | None] = mapped_column(Date)
    submission_key: Mapped[str | None] = mapped_column(String(40), unique=True)

    company: Mapped[Company] = relationship()
    source: Mapped[ListItem | None] = relationship(foreign_keys=[source_id])
    lost_reason: Mapped[ListItem | None] = relationship(foreign_keys=[lost_reason_id])
    registrar: Mapped[User | None] = relationship(foreign_keys=[registrar_id])
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship()
    people: Mapped[list[LeadPerson]] = relationship(
        cascade="all, delete-orphan", order_by="LeadPerson.id"
    )
    nodes: Mapped[list[LeadNode]] = relationship(
        cascade="all, delete-orphan", order_by="LeadNode.id"
    )
    anchors: Mapped[list[Company]] = relationship(secondary=lead_anchors)
    first_report: Mapped[FirstReport | None] = relationship(back_populates="lead")

    @property
    def named_ids(self) -> Collection[int]:
        """Ids of the people named on the lead, as `core.permissions` asks."""
        return [person.user_id for person in self.people]


class LeadPerson(Base):
    """A person named on a lead besides its owner; they may see and change it."""

    __tablename__ = "lead_people"
    __table_args__ = (
        UniqueConstraint("lead_id", "user_id"),
        Index("ix_lead_people_user", "user_id", "lead_id"),
    )

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class LeadNode(Base):
    """A chain node that the lead's project would fill."""

    __tablename__ = "lead_nodes"
    __table_args__ = (UniqueConstraint("lead_id", "node_id"),)

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    node_id: Mapped[str] = mapped_column(String(40), index=True)


class FirstReport(Base):
    """首报首谈: who registered this intention first, and when. Closed to every change."""

    __tablename__ = "first_reports"

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), unique=True)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    reported_on: Mapped[date] = mapped_column(Date)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reporter_name: Mapped[str] = mapped_column(String(80), default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    company_name: Mapped[str] = mapped_column(String(200))

    lead: Mapped[Lead] = relationship(back_populates="first_report")
    team: Mapped[Team | None] = relationship()


class StageEntry(Base):
    """One move of a lead: the funnel is computed from these rows alone."""

    __tablename__ = "stage_log"
    __table_args__ = (
        Index("ix_stage_log_lead", "lead_id", "entered_on", "id"),
        Index("ix_stage_log_to", "to_stage", "entered_on"),
    )

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    from_stage: Mapped[Stage | None] = mapped_column(enum_type(Stage))
    to_stage: Mapped[Stage] = mapped_column(enum_type(Stage))
    entered_on: Mapped[date] = mapped_column(Date)
    statistics_on: Mapped[date | None] = mapped_column(Date)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    override_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    is_historical: Mapped[bool] = mapped_column(Boolean, default=False)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    by: Mapped[User | None] = relationship()


class LeadReached(Base):
    """What the stage log says of a lead in short, so that funnels need not walk through the log.

    Days are proleptic ordinals (`date.toordinal`), so that spans are differences. Each stage has
    the earliest actual day on which the lead entered it or a later one; `last_stage` is that of the
    log's latest row and `last_on` its day. `leads.reached` keeps the rows.
    """

    __tablename__ = "lead_reached"

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), primary_key=True)
    identified: Mapped[int | None] = mapped_column(Integer)
    contacted: Mapped[int | None] = mapped_column(Integer)
    negotiating: Mapped[int | None] = mapped_column(Integer)
    appraising: Mapped[int | None] = mapped_column(Integer)
    signed: Mapped[int | None] = mapped_column(Integer)
    last_stage: Mapped[Stage] = mapped_column(enum_type(Stage))
    last_on: Mapped[int] = mapped_column(Integer)


class StatusEntry(Base):
    """One change of a lead's status, with the reason where it was lost."""

    __tablename__ = "status_log"
    __table_args__ = (Index("ix_status_log_lead", "lead_id", "changed_on", "id"),)

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"))
    from_status: Mapped[Status | None] = mapped_column(enum_type(Status))
    to_status: Mapped[Status] = mapped_column(enum_type(Status))
    changed_on: Mapped[date] = mapped_column(Date)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    lost_reason_id: Mapped[int | None] = mapped_column(ForeignKey("list_items.id"))
    lost_to: Mapped[ShortText]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    by: Mapped[User | None] = relationship()
    lost_reason: Mapped[ListItem | None] = relationship()


class Assignment(Base):
    """One change of owner or team. The finder's credit stays in the first report."""

    __tablename__ = "assignments"

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), index=True)
    kind: Mapped[AssignmentKind] = mapped_column(enum_type(AssignmentKind))
    from_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    to_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    from_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    to_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="", server_default="")

    from_owner: Mapped[User | None] = relationship(foreign_keys=[from_owner_id])
    to_owner: Mapped[User | None] = relationship(foreign_keys=[to_owner_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])


class Collision(Base):
    """A lead was registered although its company was already being talked with elsewhere."""

    __tablename__ = "collisions"

    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), index=True)
    other_lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), index=True)
    matched_by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
