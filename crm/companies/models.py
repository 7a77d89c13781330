"""Tables of companies."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    column,
    func,
    table,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import Team, User
from crm.companies.kinds import (
    DecisionRole,
    HonourKind,
    HonourLevel,
    InvestorNature,
    NameKind,
)
from crm.core.base import Base, Id, Ref, ShortText, Stamped, UtcDateTime, Versioned, enum_type
from crm.core.clock import now

# What companies read of the nodes of `chains`, which builds on this domain and not the reverse.
CHAIN_NODES = table(
    "chain_nodes", column("id", String), column("name", String), column("aka", JSON)
)


class Company(Base, Stamped, Versioned):
    """A firm: a target, a firm of the zone or an anchor. Visible to the whole zone."""

    __tablename__ = "companies"
    # Hardly any company is merged: an index of all would draw queries that ask for the others.
    __table_args__ = (
        Index(
            "ix_companies_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    ref: Mapped[Ref]
    name: Mapped[str] = mapped_column(String(200), index=True)
    short_name: Mapped[ShortText]
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    country: Mapped[ShortText]
    region: Mapped[str] = mapped_column(String(200), default="", server_default="", index=True)
    investor_nature: Mapped[InvestorNature | None] = mapped_column(enum_type(InvestorNature))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    account_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    industry_code: Mapped[str] = mapped_column(String(10), default="", server_default="")
    industry_version: Mapped[str] = mapped_column(String(10), default="", server_default="")
    in_zone: Mapped[bool] = mapped_column(Boolean, default=False, index=True)
    is_anchor: Mapped[bool] = mapped_column(Boolean, default=False, index=True)
    products: Mapped[str] = mapped_column(Text, default="", server_default="")
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # A form carries a random key, so that a double click or a resend saves once.
    submission_key: Mapped[str | None] = mapped_column(String(40), unique=True)

    parent: Mapped[Company | None] = relationship(
        foreign_keys=[parent_id], remote_side="Company.id"
    )
    account_owner: Mapped[User | None] = relationship(foreign_keys=[account_owner_id])
    names: Mapped[list[CompanyName]] = relationship(
        back_populates="company", cascade="all, delete-orphan", order_by="CompanyName.id"
    )
    honours: Mapped[list[Honour]] = relationship(
        back_populates="company", cascade="all, delete-orphan", order_by="Honour.id"
    )
    nodes: Mapped[list[CompanyNode]] = relationship(
        cascade="all, delete-orphan", order_by="CompanyNode.id"
    )
    contacts: Mapped[list[Contact]] = relationship(back_populates="company", order_by="Contact.id")

    @hybrid_property
    def label(self) -> str:
        """The name that lists and chips show, of a record and in a query."""
        return self.short_name or self.name

    @label.inplace.expression
    @classmethod
    def _label_in_sql(cls) -> ColumnElement[str]:
        return func.coalesce(func.nullif(cls.short_name, ""), cls.name)


class CompanyName(Base):
    """Every name a company goes by, its full name among them, with the keys it is found by.

    `key` is the name in the form in which names are compared; `pinyin` and `initials` are those
    of the key's Chinese characters, other letters kept. All three are made by `companies/names.py`.
    """

    __tablename__ = "company_names"
    __table_args__ = (
        Index("ix_company_names_key", "key"),
        Index("ix_company_names_pinyin", "pinyin"),
    )

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[NameKind] = mapped_column(enum_type(NameKind))
    key: Mapped[str] = mapped_column(String(200))
    pinyin: Mapped[str] = mapped_column(String(800), default="")
    initials: Mapped[str] = mapped_column(String(200), default="")

    company: Mapped[Company] = relationship(back_populates="names")


class NameExclusion(Base):
    """A string that contains a name but means something else, such as 徐工程师 for 徐工."""

    __tablename__ = "name_exclusions"
    __table_args__ = (UniqueConstraint("name", "excluded"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    excluded: Mapped[str] = mapped_column(String(200))


class Honour(Base):
    """A title with its year; it expires, and may be awarded again in a new row."""

    __tablename__ = "honours"
    __table_args__ = (Index("ix_honours_kind", "kind", "valid_until"),)

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[HonourKind] = mapped_column(enum_type(HonourKind))
    level: Mapped[HonourLevel | None] = mapped_column(enum_type(HonourLevel))
    year: Mapped[int | None] = mapped_column(Integer)
    rank_or_code: Mapped[str] = mapped_column(String(40), default="", server_default="")
    issuer: Mapped[ShortText]
    valid_until: Mapped[date | None] = mapped_column(Date)
    evidence_url: Mapped[str] = mapped_column(String(500), default="", server_default="")

    company: Mapped[Company] = relationship(back_populates="honours")

    def is_valid(self, on: date) -> bool:
        """Whether the honour counts on a day; without an end it lasts."""
        return self.valid_until is None or self.valid_until >= on


class CompanyNode(Base):
    """A company's place on a chain, with who put it there and how sure they are (0–100)."""

    __tablename__ = "company_nodes"
    __table_args__ = (UniqueConstraint("company_id", "node_id"),)

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    node_id: Mapped[str] = mapped_column(String(40), index=True)
    confidence: Mapped[int] = mapped_column(Integer, default=100)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Contact(Base, Stamped, Versioned):
    """A person at a company. The phone is masked in lists and shown on demand, logged."""

    __tablename__ = "contacts"

    id: Mapped[Id]
    ref: Mapped[Ref]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(80), default="", server_default="")
    decision_role: Mapped[DecisionRole | None] = mapped_column(enum_type(DecisionRole))
    phone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    phone_key: Mapped[str] = mapped_column(String(20), default="", server_default="", index=True)
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    owner_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    # Someone who has left is archived: the notes of old visits still name them.
    archived_on: Mapped[date | None] = mapped_column(Date)
    submission_key: Mapped[str | None] = mapped_column(String(40), unique=True)

    company: Mapped[Company] = relationship(back_populates="contacts")
    owner_team: Mapped[Team | None] = relationship()
