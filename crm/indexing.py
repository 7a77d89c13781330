"""Joins the product to the search package: the queue, the document sources, the engine.

Imported by the application factory alone; pages and API reach the index through `index()`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from threading import Event, Thread
from typing import ParamSpec, TypeVar, cast

from flask import Flask, current_app, g, has_request_context
from flask_login import current_user
from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    and_,
    delete,
    false,
    func,
    or_,
    select,
    update,
)

from crm import engines
from crm.companies import search as company_documents
from crm.core import outbox as queue, unit_of_work
from crm.core.clock import now
from crm.core.figures import SEARCH_FAILURES
from crm.core.outbox import OutboxRow as QueueRow
from crm.extensions import db
from crm.interactions import search as interaction_documents
from crm.leads import search as lead_documents
from search.document import Key
from search.index import SearchIndex
from search.registry import Registry
from search.sync import Backlog, OutboxRow

QUEUE = cast(Table, QueueRow.__table__)
EXTENSION = "search_index"
CLAIM_LAPSES = timedelta(seconds=30)
# Beyond this many documents a save leaves indexing to the worker: a bulk change must not wait.
FLUSH_AT_ONCE = 50


def index() -> SearchIndex:
    """The application's search index."""
    found: SearchIndex = current_app.extensions[EXTENSION]
    return found


def init_app(app: Flask) -> None:
    """Build the index of this application and bring it up to date after each commit."""
    registry = Registry()
    for name, module in (
        ("company", company_documents),
        ("lead", lead_documents),
        ("interaction", interaction_documents),
    ):
        registry.register(
            name,
            load=_in_own_session(app, module.load_documents),
            all_ids=_in_own_session(app, module.all_ids),
        )
    engine = engines.from_settings(app.config)
    app.extensions[EXTENSION] = SearchIndex(engine, registry, DatabaseOutbox(app))
    app.extensions["search_wake"] = Event()


def flush_after_commit(enqueued: set[tuple[str, int]]) -> None:
    """Take a save's own documents to the engine, so that its author's next search finds them.

    Where a worker does that, the save does not wait and the author's search does.
    """
    current_app.extensions["search_wake"].set()
    if len(enqueued) <= FLUSH_AT_ONCE and not _left_to_a_worker():
        index().flush_own({Key(doc_type, doc_id) for doc_type, doc_id in enqueued})


def _left_to_a_worker() -> bool:
    """Whether a thread of this process, or another process, indexes what is saved."""
    return bool(current_app.config["WORKER_THREAD"]) or not index().engine.writes_at_once


def catch_up(person_id: int | None) -> None:
    """Before this person's search: wait for what the person saved and still waits to be indexed.

    One second at most, and not at all where the engine is away.
    """
    if person_id is None or not _left_to_a_worker():
        return
    found = index()
    outbox = cast(DatabaseOutbox, found.outbox)
    found.flush_own(outbox.enqueued_by(person_id, FLUSH_AT_ONCE))


def _person_at_work() -> int | None:
    """Whoever is signed in, or the owner of the token (`crm.api.tokens`)."""
    if not has_request_context():
        return None
    user = g.get("api_user") or current_user
    return cast(int, user.id) if user.is_authenticated else None


def start_worker(app: Flask) -> Thread:
    """Drain the queue in a thread of this process until it ends."""

    def run() -> None:
        with app.app_context():
            index().work(Event(), wake=app.extensions["search_wake"])

    thread = Thread(target=run, name="search-worker", daemon=True)
    thread.start()
    return thread


unit_of_work.on_commit(flush_after_commit)
queue.person_is(_person_at_work)


P = ParamSpec("P")
T = TypeVar("T")


def _in_own_session(app: Flask, read: Callable[P, Iterable[T]]) -> Callable[P, list[T]]:
    """Read in a session of its own: what a request holds in memory may be older."""

    def call(*args: P.args, **kwargs: P.kwargs) -> list[T]:
        with app.app_context():
            return list(read(*args, **kwargs))

    return call


class DatabaseOutbox:
    """The outbox table as the search package sees it; every method commits by itself."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"

    def claim(
        self,
        limit: int,
        *,
        ignore_backoff: bool = False,
        after: int = 0,
        keys: Collection[Key] | None = None,
    ) -> Sequence[OutboxRow]:
        """See `search.sync.OutboxSource`: one UPDATE takes the rows, so no two hold the same."""
        moment = now()
        due = select(QUEUE.c.id).where(
            QUEUE.c.id > after,
            or_(QUEUE.c.claimed_at.is_(None), QUEUE.c.claimed_at < moment - CLAIM_LAPSES),
        )
        if not ignore_backoff:
            due = due.where(QUEUE.c.available_at <= moment)
        if keys is not None:
            due = due.where(_of(keys))
        due = due.order_by(QUEUE.c.id).limit(limit).with_for_update(skip_locked=True)
        taken = (
            update(QUEUE)
            .where(QUEUE.c.id.in_(due.scalar_subquery()))
            .values(claimed_by=self._holder, claimed_at=moment)
            .returning(QUEUE.c.id, QUEUE.c.doc_type, QUEUE.c.doc_id, QUEUE.c.attempts)
        )
        with self._app.app_context(), db.engine.begin() as connection:
            rows = connection.execute(taken).all()
        return sorted(
            (OutboxRow(row.id, Key(row.doc_type, row.doc_id), row.attempts) for row in rows),
            key=lambda row: row.id,
        )

    def done(self, rows: Sequence[OutboxRow]) -> None:
        """Forget rows whose documents the engine has confirmed."""
        self._run(delete(QUEUE).where(QUEUE.c.id.in_([row.id for row in rows])))

    def failed(self, row: OutboxRow, error: str, retry_in: float) -> None:
        """Note one failure and leave the row alone for a while."""
        SEARCH_FAILURES.labels("document").inc()
        self._run(
            update(QUEUE)
            .where(QUEUE.c.id == row.id)
            .values(
                attempts=QUEUE.c.attempts + 1,
                last_error=error,
                available_at=now() + timedelta(seconds=retry_in),
                claimed_by=None,
                claimed_at=None,
            )
        )

    def release(self, rows: Sequence[OutboxRow], error: str) -> None:
        """Give rows back at once."""
        values: dict[str, object] = {"claimed_by": None, "claimed_at": None}
        if error:
            SEARCH_FAILURES.labels("write").inc()
            values["last_error"] = error
        ids = [row.id for row in rows]
        self._run(update(QUEUE).where(QUEUE.c.id.in_(ids)).values(values))

    def enqueued_by(self, person_id: int, limit: int) -> set[Key]:
        """The newest documents that this person's saves left to be indexed."""
        query = (
            select(QUEUE.c.doc_type, QUEUE.c.doc_id)
            .where(QUEUE.c.enqueued_by == person_id)
            .order_by(QUEUE.c.id.desc())
            .limit(limit)
        )
        with self._app.app_context(), db.engine.connect() as connection:
            return {Key(*row) for row in connection.execute(query)}

    def waiting(self, keys: Collection[Key]) -> int:
        """Rows of these documents that are due or held by someone."""
        query = (
            select(func.count())
            .select_from(QUEUE)
            .where(_of(keys), or_(QUEUE.c.available_at <= now(), QUEUE.c.claimed_at.is_not(None)))
        )
        with self._app.app_context(), db.engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def backlog(self) -> Backlog:
        """How much waits, since when, and the last error of what waits."""
        counts = select(func.count(), func.min(QUEUE.c.enqueued_at))
        last = (
            select(QUEUE.c.last_error)
            .where(QUEUE.c.last_error.is_not(None))
            .order_by(QUEUE.c.id.desc())
            .limit(1)
        )
        with self._app.app_context(), db.engine.connect() as connection:
            pending, oldest = connection.execute(counts).one()
            error = connection.execute(last).scalar()
        age = (now() - oldest).total_seconds() if oldest else 0.0
        return Backlog(pending=pending, oldest_pending_seconds=max(0.0, age), last_error=error)

    def _run(self, statement: Executable) -> None:
        with self._app.app_context(), db.engine.begin() as connection:
            connection.execute(statement)


def _of(keys: Collection[Key]) -> ColumnElement[bool]:
    by_type: dict[str, list[int]] = {}
    for key in keys:
        by_type.setdefault(key.type, []).append(key.id)
    return or_(
        false(),
        *(
            and_(QUEUE.c.doc_type == doc_type, QUEUE.c.doc_id.in_(ids))
            for doc_type, ids in by_type.items()
        ),
    )
