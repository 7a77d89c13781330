"""The embedded engine: one writer at a time, readers never wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from search.backends.base import Batch, EngineState, Rebuild
from search.backends.embedded import reading
from search.backends.embedded.reading import Ask, Reader
from search.backends.embedded.rebuilding import BesideLive
from search.backends.embedded.schema import VERSION, translated_errors
from search.backends.embedded.store import Store, Superseded, read_meta, transaction
from search.backends.embedded.writing import SqliteBatch
from search.errors import EngineOutdated, SearchError
from search.query import NO_FILTERS, Filters, Query, Sort
from search.results import Page


class EmbeddedEngine:
    """Documents in files of one directory, which is made when first needed.

    Instances may be shared by threads; processes share the directory. A commit survives the end
    of the process, not in every case a loss of power: `verify` finds what is then missing.
    """

    def __init__(self, directory: Path | str, *, busy_timeout: float = 5.0) -> None:
        """`busy_timeout` is how many seconds a writer waits for another one."""
        self._store = Store(Path(directory), busy_timeout=busy_timeout)

    @property
    def name(self) -> str:
        """What pages and the API call the engine."""
        return "embedded"

    @property
    def writes_at_once(self) -> bool:
        """A commit of a file on this machine."""
        return True

    @contextmanager
    def write(self, *, timeout: float | None = None) -> Iterator[Batch]:
        """A batch, written when the block ends; see `backends.base.Engine.write`."""
        wait = self._store.busy_timeout if timeout is None else timeout
        while True:
            entered = False
            try:
                with self._begin(wait) as batch:
                    entered = True
                    yield batch
                    return
            except Superseded:
                if entered:
                    raise

    @contextmanager
    def _begin(self, wait: float) -> Iterator[SqliteBatch]:
        connection = self._store.live()
        with transaction(connection, "BEGIN IMMEDIATE", timeout=wait):
            if read_meta(connection, "superseded"):
                raise Superseded
            if read_meta(connection, "version") != VERSION:
                raise EngineOutdated
            yield SqliteBatch(connection, journal=bool(read_meta(connection, "journal")))

    def search(
        self,
        query: Query,
        *,
        access: frozenset[str],
        filters: Filters = NO_FILTERS,
        sort: Sort = Sort.RELEVANCE,
        page: int = 1,
        per_page: int = 20,
    ) -> Page:
        """The hits among documents that carry one of the `access` tokens; none finds nothing.

        Raises EngineUnavailable, and EngineOutdated where the index was made by another version.
        """
        began = time.perf_counter()
        if not access:
            return Page(engine=self.name, page=page, per_page=per_page)
        ask = Ask(query, access, filters, sort, max(page, 1), max(per_page, 1))
        connection = self._store.live()
        with translated_errors(), transaction(connection, timeout=self._store.busy_timeout):
            if read_meta(connection, "version") != VERSION:
                raise EngineOutdated
            answer = Reader(connection).answer(ask)
        took = (time.perf_counter() - began) * 1000
        return replace(answer, engine=self.name, took_ms=round(took, 2))

    def documents(self) -> dict[str, int]:
        """How many documents are stored, by type."""
        with translated_errors():
            return reading.documents(self._store.live())

    def fingerprints(self, type: str) -> dict[int, str]:
        """The fingerprint of every stored document of one type, by id."""
        with translated_errors():
            return reading.fingerprints(self._store.live(), type)

    def refresh(self) -> None:
        """Nothing to do: what is committed is seen by the next search."""

    def ping(self) -> bool:
        """Whether the index can be read; never raises."""
        try:
            self.state()
        except SearchError:
            return False
        return True

    def state(self) -> EngineState:
        """Which version of the analysis and layout the live generation was made by."""
        with translated_errors():
            connection = self._store.live()
            return EngineState(
                stored=read_meta(connection, "version") or "",
                expected=VERSION,
                built=bool(read_meta(connection, "built")),
            )

    @contextmanager
    def rebuild(self) -> Iterator[Rebuild]:
        """Begin a new generation; without a swap the block leaves the live one as it was.

        Raises RebuildRunning while another process is at it.
        """
        with self._store.locked(wait=0.5):
            session = BesideLive(self._store)
            try:
                yield session
            finally:
                session.end()

    def close(self) -> None:
        """Close all files."""
        self._store.close()
