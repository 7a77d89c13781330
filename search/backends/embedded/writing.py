"""Writes documents into a generation."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from search.backends.embedded.schema import (
    FACETS,
    Row,
    key_before,
    keys_of,
    row_of,
    translated_errors,
    words,
)
from search.document import Document, Key
from search.ranking import SEPARATOR

_INTO_FTS = (
    "INSERT INTO fts (rowid, title, names, about, text, called, flags) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_OUT_OF_FTS = """
    INSERT INTO fts (fts, rowid, title, names, about, text, called, flags)
    VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)
"""
_INTO_DOCS = """
    INSERT INTO docs (
        key, type, id, fingerprint, active, flags,
        n_title, n_names, n_about, n_text, title, names, text
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteBatch:
    """Documents and deletions inside one open transaction of a generation."""

    def __init__(self, connection: sqlite3.Connection, *, journal: bool) -> None:
        self._connection = connection
        self._journal = journal
        self._facets: dict[tuple[str, str, str], int] = {}

    def index(self, documents: Iterable[Document]) -> None:
        """Add the documents or replace what is stored under their keys: all of them or none."""
        rows = list({document.key: row_of(document) for document in documents}.values())
        # FTS5 writes a segment whenever keys do not ascend; by day they nearly always do.
        rows.sort(key=lambda row: (row.document.day, row.document.key), reverse=True)
        with self._all_or_none():
            for row in rows:
                self._put(row)

    def delete(self, keys: Iterable[Key]) -> None:
        """Forget the documents; unknown keys are no error."""
        with self._all_or_none():
            for key in keys:
                self._forget(key)
                self._note(key)

    @contextmanager
    def _all_or_none(self) -> Iterator[None]:
        with translated_errors():
            self._connection.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                self._facets.clear()
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
                raise
            self._connection.execute("RELEASE part")

    def _put(self, row: Row) -> None:
        document = row.document
        stored = self._connection.execute(
            "SELECT key, fingerprint FROM docs WHERE type = ? AND id = ?", document.key
        ).fetchone()
        if stored is not None and stored[1] == row.fingerprint:
            return
        if stored is not None:
            self._forget(document.key)
        facet = self._facet(document)
        key = self._key(document, facet, stored[0] if stored else None)
        self._connection.execute(
            _INTO_DOCS,
            (
                key, document.type, document.id, row.fingerprint, document.status == "active",
                row.flags, row.title, row.names, row.about, row.text,
                document.title, SEPARATOR.join(_shown(document)), document.text,
            ),
        )  # fmt: skip
        self._connection.execute(_INTO_FTS, (key, *row.words()))
        self._note(document.key)

    def _key(self, document: Document, facet: int, former: int | None) -> int:
        """The former key if day and facet are still the same, else the next one of the day."""
        keys = keys_of(document.day)
        if former is not None and former in keys and former % FACETS == facet:
            return former
        (newest,) = self._connection.execute(
            "SELECT min(key) FROM docs WHERE key >= ? AND key < ?", (keys.start, keys.stop)
        ).fetchone()
        return key_before(document.day, newest, facet)

    def _forget(self, key: Key) -> None:
        stored = self._connection.execute(
            "SELECT key, n_title, n_names, n_about, n_text, flags FROM docs "
            "WHERE type = ? AND id = ?",
            key,
        ).fetchone()
        if stored is None:
            return
        # A table without content of its own must be told what it had stored.
        self._connection.execute(_OUT_OF_FTS, (stored[0], *words(*stored[1:])))
        self._connection.execute("DELETE FROM docs WHERE key = ?", stored[:1])

    def _facet(self, document: Document) -> int:
        values = (document.type, document.stage or "", document.team or "")
        known = self._facets.get(values)
        if known is None:
            self._connection.execute(
                "INSERT INTO facets (type, stage, team) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                values,
            )
            (known,) = self._connection.execute(
                "SELECT facet FROM facets WHERE type = ? AND stage = ? AND team = ?", values
            ).fetchone()
            self._facets[values] = known
        return known

    def _note(self, key: Key) -> None:
        if self._journal:
            self._connection.execute(
                "INSERT INTO journal VALUES (?, ?) ON CONFLICT DO NOTHING", key
            )


def _shown(document: Document) -> list[str]:
    """The names a hit may show beside its text."""
    values = dict.fromkeys((*document.names, *document.about))
    return [value.replace(SEPARATOR, " ") for value in values]
