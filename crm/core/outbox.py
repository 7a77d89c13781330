"""The queue of documents to index, written in the same transaction as the change itself."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, UtcDateTime
from crm.core.clock import now
from crm.extensions import db


class OutboxRow(Base):
    """One document whose present state the search engine has yet to take over.

    A row says only *which* document; what it contains is read when it is indexed, so rows may be
    repeated and worked off in any number without harm.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "available_at", "id"),
        Index("ix_outbox_by", "enqueued_by"),
    )

    id: Mapped[Id]
    doc_type: Mapped[str] = mapped_column(String(20))
    doc_id: Mapped[int] = mapped_column(Integer)
    enqueued_by: Mapped[int | None] = mapped_column(Integer)
    enqueued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    available_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


_TABLE = cast(Table, OutboxRow.__table__)

_person: list[Callable[[], int | None]] = []


def person_is(find: Callable[[], int | None]) -> None:
    """Let `find` say who is at work, so that this person's next search waits for the rows."""
    _person[:] = [find]


def enqueue(doc_type: str, ids: Iterable[int]) -> None:
    """Queue documents of one type; called by services, inside the business transaction."""
    moment = now()
    rows = [_row(doc_type, doc_id, moment) for doc_id in dict.fromkeys(ids)]
    if rows:
        db.session.execute(insert(_TABLE), rows)
        db.session.info.setdefault("enqueued", set()).update(
            (doc_type, row["doc_id"]) for row in rows
        )


def enqueue_select(doc_type: str, ids: Select[Any]) -> None:
    """Queue every document that a query finds, in one statement: a changed company fans out."""
    moment = now()
    source = ids.subquery()
    id_column = next(iter(source.c))
    query = _constants(doc_type, moment, id_column)
    columns = ["doc_type", "doc_id", "enqueued_at", "available_at", "attempts"]
    db.session.execute(insert(OutboxRow).from_select(columns, query))


def _constants(doc_type: str, moment: datetime, id_column: ColumnElement[Any]) -> Select[Any]:
    return select(
        literal(doc_type),
        id_column,
        literal(moment, UtcDateTime),
        literal(moment, UtcDateTime),
        literal(0),
    )


def _row(doc_type: str, doc_id: int, moment: datetime) -> dict[str, object]:
    return {
        "doc_type": doc_type,
        "doc_id": doc_id,
        "enqueued_by": _person[0]() if _person else None,
        "enqueued_at": moment,
        "available_at": moment,
        "attempts": 0,
    }
