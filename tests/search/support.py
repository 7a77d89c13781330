"""What the contract suite builds on: documents, records that can be loaded, a queue in memory."""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

from search.document import Document, Key, Link
from search.query import Clause, Meaning, Query, Text
from search.registry import Registry
from search.sync import Backlog, OutboxRow
from search.understanding import Lexicon, PlainLexicon, read

ZONE = frozenset({"zone"})
MOMENT = datetime(2026, 9, 1, tzinfo=UTC)


def note(id: int, text: str, **values: Any) -> Document:
    """An interaction that everyone sees, unless `access` says otherwise."""
    defaults: dict[str, Any] = {"title": "走访", "updated_at": MOMENT, "access": ZONE}
    return Document(type="interaction", id=id, text=text, **(defaults | values))


def company(id: int, title: str, **values: Any) -> Document:
    """A firm that everyone sees."""
    defaults: dict[str, Any] = {"updated_at": MOMENT, "access": ZONE}
    return Document(type="company", id=id, title=title, **(defaults | values))


def of_firm(id: int, name: str) -> Link:
    """A link to a firm."""
    return Link(id, name)


def keys(hits: Iterable[Any]) -> list[tuple[str, int]]:
    """The keys of hits, in order."""
    return [(hit.type, hit.id) for hit in hits]


def ids(hits: Iterable[Any]) -> set[int]:
    """The ids of hits."""
    return {hit.id for hit in hits}


def parse(text: str, lexicon: Lexicon | None = None) -> Query:
    """A typed query as somebody without any firms reads it on DAY."""
    return read(text, lexicon or PlainLexicon(), DAY)


def asking(*terms: str, quoted: bool = False, without: tuple[str, ...] = ()) -> Query:
    """A query for normalised terms as they stand, whatever a reader would make of them."""

    def clause(term: str, *, must: bool = False) -> Clause:
        return Clause(Meaning.PHRASE if must else Meaning.WORD, (Text(term),), term, must)

    return Query(
        clauses=tuple(clause(term, must=quoted) for term in terms),
        excluded=tuple(clause(term) for term in without),
    )


class Records:
    """Stands for the application's database: what is in `present` is what is true now."""

    def __init__(self, *documents: Document) -> None:
        self.present = {document.key: document for document in documents}
        self.broken: set[Key] = set()
        self.loaded: list[Key] = []

    def put(self, *documents: Document) -> list[Key]:
        """Add or change records."""
        self.present.update((document.key, document) for document in documents)
        return [document.key for document in documents]

    def drop(self, *gone: Key) -> list[Key]:
        """Delete records."""
        for key in gone:
            self.present.pop(key, None)
        return list(gone)

    def registry(self, *types: str) -> Registry:
        """A registry that reads from here."""
        registry = Registry()
        for type_ in types or ("company", "interaction"):
            registry.register(
                type_,
                load=lambda wanted, t=type_: self._load(t, wanted),
                all_ids=lambda t=type_: sorted(key.id for key in self.present if key.type == t),
            )
        return registry

    def _load(self, type: str, wanted: Sequence[int]) -> list[Document]:
        wanted_keys = [Key(type, id_) for id_ in wanted]
        for key in wanted_keys:
            if key in self.broken:
                raise RuntimeError(f"cannot read {key.type} {key.id}")
        self.loaded.extend(wanted_keys)
        return [self.present[key] for key in wanted_keys if key in self.present]


@dataclass
class _Entry:
    row: OutboxRow
    due: float = 0.0
    claimed_until: float = 0.0
    error: str | None = None
    since: float = field(default_factory=time.monotonic)


class MemoryOutbox:
    """A queue that behaves as `search.sync.OutboxSource` says."""

    def __init__(self, *, lease: float = 30.0) -> None:
        self._entries: dict[int, _Entry] = {}
        self._lock = Lock()
        self._last = 0
        self.lease = lease

    def add(self, wanted: Iterable[Key]) -> None:
        """Queue documents."""
        with self._lock:
            for key in wanted:
                self._last += 1
                self._entries[self._last] = _Entry(OutboxRow(self._last, Key(*key)))

    def claim(
        self,
        limit: int,
        *,
        ignore_backoff: bool = False,
        after: int = 0,
        keys: Collection[Key] | None = None,
    ) -> Sequence[OutboxRow]:
        """See the protocol."""
        now = time.monotonic()
        with self._lock:
            found = [
                entry
                for id_, entry in sorted(self._entries.items())
                if id_ > after
                and entry.claimed_until <= now
                and (ignore_backoff or entry.due <= now)
                and (keys is None or entry.row.key in keys)
            ][:limit]
            for entry in found:
                entry.claimed_until = now + self.lease
            return [entry.row for entry in found]

    def done(self, rows: Sequence[OutboxRow]) -> None:
        """See the protocol."""
        with self._lock:
            for row in rows:
                self._entries.pop(row.id, None)

    def failed(self, row: OutboxRow, error: str, retry_in: float) -> None:
        """See the protocol."""
        with self._lock:
            entry = self._entries[row.id]
            entry.row = replace(row, attempts=row.attempts + 1)
            entry.error, entry.claimed_until = error, 0.0
            entry.due = time.monotonic() + retry_in

    def release(self, rows: Sequence[OutboxRow], error: str) -> None:
        """See the protocol."""
        with self._lock:
            for row in rows:
                entry = self._entries[row.id]
                entry.claimed_until = 0.0
                entry.error = error or entry.error

    def waiting(self, keys: Collection[Key]) -> int:
        """See the protocol."""
        now = time.monotonic()
        with self._lock:
            return sum(
                entry.row.key in keys and (entry.due <= now or entry.claimed_until > now)
                for entry in self._entries.values()
            )

    def backlog(self) -> Backlog:
        """See the protocol."""
        with self._lock:
            entries = list(self._entries.values())
        if not entries:
            return Backlog()
        oldest = time.monotonic() - min(entry.since for entry in entries)
        errors = [entry.error for entry in entries if entry.error]
        return Backlog(len(entries), oldest, errors[-1] if errors else None)

    def rows(self) -> list[OutboxRow]:
        """What is queued, for assertions."""
        with self._lock:
            return [entry.row for _, entry in sorted(self._entries.items())]


DAY = date(2026, 9, 9)
