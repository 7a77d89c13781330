"""The engine on a server: writers take turns without waiting, searches read an alias."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from elasticsearch import Elasticsearch, NotFoundError

from search.backends.base import Batch, EngineState, Rebuild
from search.backends.elasticsearch.client import Connection, ServerSettings
from search.backends.elasticsearch.control import Control, read_state
from search.backends.elasticsearch.reading import Ask, Reader
from search.backends.elasticsearch.rebuilding import BesideLive
from search.backends.elasticsearch.schema import VERSION, Names, version_of
from search.backends.elasticsearch.writing import CollectedBatch, Writer
from search.errors import EngineOutdated, EngineUnavailable, SearchError
from search.query import NO_FILTERS, Filters, Query, Sort
from search.results import Page

T = TypeVar("T")
U = TypeVar("U")

_BLOCK_SECONDS = 300.0
"""A block that took longer may be older than the server remembers deletions."""

_WRITE_SECONDS = 30.0
_PING_SECONDS = 2.0
_PORTION = 10_000


class ElasticsearchEngine:
    """Documents on an Elasticsearch server. Instances may be shared by threads and processes."""

    def __init__(self, settings: ServerSettings) -> None:
        """Nothing is asked of the server before the first call."""
        self._settings = settings
        self._names = Names(settings.index)
        self._connection = Connection(settings, probe=partial(read_state, self._names))
        self._control = Control(self._connection, self._names)

    @property
    def name(self) -> str:
        """What pages and the API call the engine."""
        return "elasticsearch"

    @property
    def writes_at_once(self) -> bool:
        """Two requests, and what was written made visible: longer than a save itself."""
        return False

    @contextmanager
    def write(self, *, timeout: float | None = None) -> Iterator[Batch]:
        """A batch, written when the block ends; see `backends.base.Engine.write`."""
        began = time.monotonic()
        limit = _WRITE_SECONDS if timeout is None else min(max(timeout, 0.05), _WRITE_SECONDS)
        turn = self._control.turn(timeout=limit)
        if version_of(turn.state.live) != VERSION:
            raise EngineOutdated
        batch = CollectedBatch(Writer(self._connection, self._names, turn.version), turn.state)
        yield batch
        if time.monotonic() - began > _BLOCK_SECONDS:
            raise EngineUnavailable("the records took too long to read")
        batch.send(limit)

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
        ask = Ask(query, access, filters, sort, max(page, 1), max(per_page, 1))
        empty = Page(engine=self.name, page=ask.page, per_page=ask.per_page)
        if not access:
            return empty
        try:
            answer = self._connection.call(
                lambda client: Reader(client, self._names.reading).answer(ask)
            )
        except NotFoundError:
            if self._control.read() is not None:
                raise EngineOutdated from None
            return empty
        took = (time.perf_counter() - began) * 1000
        return replace(answer, engine=self.name, took_ms=round(took, 2))

    def documents(self) -> dict[str, int]:
        """How many documents are stored, by type."""
        state = self._control.read()
        if state is None:
            return {}

        by_type = {"type": {"terms": {"field": "type", "size": 1_000}}}

        def count(client: Elasticsearch) -> dict[str, int]:
            answer = client.search(index=state.live, size=0, aggs=by_type)
            buckets = answer["aggregations"]["type"]["buckets"]
            return {bucket["key"]: bucket["doc_count"] for bucket in buckets}

        return self._counted(count)

    def fingerprints(self, type: str) -> dict[int, str]:
        """The fingerprint of every stored document of one type, by id."""
        state = self._control.read()
        if state is None:
            return {}

        def read(client: Elasticsearch) -> dict[int, str]:
            return dict(_fingerprints(client, state.live, type))

        return self._counted(read)

    def _counted(self, read: Callable[[Elasticsearch], dict[T, U]]) -> dict[T, U]:
        """What is read of the live generation; one that was dropped by hand is empty."""
        try:
            return self._connection.call(read)
        except NotFoundError:
            return {}

    def refresh(self) -> None:
        """Nothing to do: what is written is seen by the next search."""

    def ping(self) -> bool:
        """Whether the index can be read; never raises."""
        try:
            self._control.read(timeout=_PING_SECONDS)
        except SearchError:
            return False
        return True

    def state(self) -> EngineState:
        """Which version of the analysis and mapping the live generation was made by."""
        state = self._control.read()
        stored = VERSION if state is None else version_of(state.live)
        built = state is not None and state.built
        return EngineState(stored=stored, expected=VERSION, built=built)

    @contextmanager
    def rebuild(self) -> Iterator[Rebuild]:
        """Begin a new generation; without a swap the block leaves the live one as it was.

        Raises RebuildRunning while another process is at it.
        """
        self._control.turn()
        with self._control.rebuild_lock():
            session = BesideLive(self._connection, self._names, self._control)
            try:
                yield session
            finally:
                session.end()

    def close(self) -> None:
        """Close the connections of this process."""
        self._connection.close()


def _fingerprints(client: Elasticsearch, index: str, type: str) -> Iterator[tuple[int, str]]:
    """All of one type, as they were at one moment, in portions."""
    opened = client.open_point_in_time(index=index, keep_alive="2m")
    columns: list[Any] = ["id", "fingerprint"]
    order: list[Any] = ["_shard_doc"]
    place: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                size=_PORTION,
                query={"term": {"type": type}},
                pit={"id": opened["id"], "keep_alive": "2m"},
                sort=order,
                search_after=place,
                source=False,
                docvalue_fields=columns,
                track_total_hits=False,
            )
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield hit["fields"]["id"][0], hit["fields"]["fingerprint"][0]
            if len(hits) < _PORTION:
                return
            place = hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=opened["id"])
