"""Builds a new generation beside the live one and takes its place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from search.backends.base import Batch, Reload
from search.backends.embedded.reading import journalled
from search.backends.embedded.schema import VERSION, translated_errors
from search.backends.embedded.store import Store, transaction, write_meta
from search.backends.embedded.writing import SqliteBatch
from search.document import Key
from search.errors import EngineUnavailable, SearchError

_FEW = 50
"""So many changed keys are replayed while writers wait; more are first replayed beside them."""

_ROUNDS = 20


class BesideLive:
    """One rebuild; the caller holds the store's lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._former = store.live_name()
        self._journalled = self._has_journal()
        self._store.remove_others(keep=self._former)
        if self._journalled:
            # From here on writers note what they change, for the replay.
            self._set_journal("on")
        self._name = store.next_name()
        self._connection = store.create(self._name)
        # Nothing is lost with an unfinished file, so it need not be safe against anything.
        for setting in ("journal_mode = MEMORY", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {setting}")
        self._swapped = False

    def _has_journal(self) -> bool:
        """Whether the live generation can note changes; a broken or older one is just replaced."""
        if self._former is None:
            return False
        try:
            with translated_errors():
                query = "SELECT count(*) FROM sqlite_master WHERE name = 'journal'"
                (tables,) = self._store.live().execute(query).fetchone()
        except EngineUnavailable:
            return False
        return bool(tables)

    def _set_journal(self, value: str) -> None:
        live = self._store.live()
        with translated_errors(), self._exclusively(live):
            live.execute("DELETE FROM journal")
            write_meta(live, "journal", value)

    def _exclusively(self, live: sqlite3.Connection) -> AbstractContextManager[None]:
        return transaction(live, "BEGIN IMMEDIATE", timeout=self._store.busy_timeout)

    @contextmanager
    def write(self) -> Iterator[Batch]:
        """A batch of the new generation."""
        with transaction(self._connection):
            yield SqliteBatch(self._connection, journal=False)

    def swap(self, reload: Reload) -> int:
        """Replay what changed in the live generation meanwhile and make the new one live."""
        self._settle()
        if not self._journalled:
            self._go_live()
            return 0
        replayed = 0
        live = self._store.live()
        for _ in range(_ROUNDS):
            with self._exclusively(live):
                keys = journalled(live)
                if len(keys) <= _FEW:
                    # Writers wait until the new generation is live; then they find it themselves.
                    self._replay(reload, keys)
                    write_meta(live, "superseded", self._name)
                    self._go_live()
                    return replayed + len(keys)
                live.execute("DELETE FROM journal")
            self._replay(reload, keys)
            replayed += len(keys)
        raise EngineUnavailable("records change faster than they can be taken over")

    def _replay(self, reload: Reload, keys: list[Key]) -> None:
        with self.write() as batch:
            reload(batch, keys)

    def _settle(self) -> None:
        """Make the new file small, quick to read and safe."""
        with translated_errors():
            self._connection.execute("INSERT INTO fts (fts) VALUES ('optimize')")
            self._connection.execute("ANALYZE docs")
            for setting in ("journal_mode = WAL", "synchronous = NORMAL"):
                self._connection.execute(f"PRAGMA {setting}")

    def _go_live(self) -> None:
        with transaction(self._connection):
            write_meta(self._connection, "built", VERSION)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _sync(self._store, self._name)
        self._store.point_to(self._name)
        self._swapped = True

    def end(self) -> None:
        """Drop the former generation after a swap, the new one without."""
        self._connection.close()
        if self._swapped:
            self._store.live()
            self._store.remove_others(keep=self._name)
            return
        if self._journalled:
            with suppress(SearchError, sqlite3.Error):
                self._set_journal("")
        self._store.remove_others(keep=self._former)


def _sync(store: Store, name: str) -> None:
    """Wait until the file is on the disk."""
    with (store.directory / name).open("rb+") as file:
        os.fsync(file.fileno())
