"""The one door through which the application searches and keeps the engine up to date."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from threading import Event

from search import upkeep
from search.backends.base import Engine
from search.document import Differences, Key
from search.errors import EngineOutdated, EngineUnavailable, RebuildRunning
from search.query import NO_FILTERS, Filters, Query, Sort
from search.registry import Registry
from search.results import Page
from search.sync import Drainer, DrainReport, OutboxSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """The state of search in figures."""

    engine: str
    documents: dict[str, int]
    pending: int
    oldest_pending_seconds: float
    last_error: str | None
    available: bool
    needs_rebuild: bool


class SearchIndex:
    """An engine, the sources of its documents, and the queue between them."""

    def __init__(self, engine: Engine, registry: Registry, outbox: OutboxSource) -> None:
        self.engine = engine
        self.registry = registry
        self.outbox = outbox
        self._drainer = Drainer(engine, registry, outbox)

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
        """One page of hits; with the engine away an empty page with `degraded`.

        A query without anything that can be looked up finds nothing unless there are filters.
        """
        if not access or not (query or filters):
            return Page(engine=self.engine.name, page=page, per_page=per_page)
        try:
            return self.engine.search(
                query, access=access, filters=filters, sort=sort, page=page, per_page=per_page
            )
        except (EngineUnavailable, EngineOutdated) as error:
            log.warning("search answers without its engine: %s", error)
            return Page(engine=self.engine.name, degraded=True, page=page, per_page=per_page)

    def flush_own(self, keys: Collection[Key], *, timeout: float = 1.0) -> bool:
        """Bring these documents up to date now; False if that took longer than `timeout` seconds.

        Never raises for an engine that is away: the rows stay queued.
        """
        return not keys or self._drainer.flush(keys, timeout=timeout)

    def drain(self, *, timeout: float = 60.0) -> DrainReport:
        """Work off the whole queue, back-off or not; see `Drainer.drain`."""
        return self._drainer.drain(timeout=timeout)

    def work(self, stop: Event, *, wake: Event | None = None, interval: float = 0.3) -> None:
        """Keep the engine up to date until `stop` is set; an outdated index is rebuilt first.

        Never raises: what fails is logged and tried again.
        """
        self._drainer.work(stop, wake=wake, interval=interval, prepare=self._rebuild_where_due)

    def _rebuild_where_due(self) -> bool:
        """Whether the index is now one that can be kept up to date; False while another builds."""
        if self.engine.state().needs_rebuild:
            try:
                self.rebuild()
            except RebuildRunning:
                log.info("another process is building the index")
                return False
        return True

    def rebuild(self, *, report: upkeep.Report | None = None) -> upkeep.RebuildReport:
        """Build the index anew beside the live one and swap; see `upkeep.rebuild`."""
        return upkeep.rebuild(self.engine, self.registry, report=report)

    def verify(self) -> Differences:
        """How the engine differs from the records; drain first."""
        return upkeep.verify(self.engine, self.registry)

    def repair(self, differences: Differences) -> None:
        """Mend what `verify` found."""
        upkeep.repair(self.engine, self.registry, differences)

    def available(self) -> bool:
        """Whether the engine answers."""
        return self.engine.ping()

    def status(self) -> Status:
        """Figures for the operations page and `flask search status`; never raises for the engine."""
        backlog = self.outbox.backlog()
        documents: dict[str, int] = {}
        available, needs_rebuild, error = False, False, backlog.last_error
        try:
            documents = self.engine.documents()
            needs_rebuild = self.engine.state().needs_rebuild
            available = True
        except (EngineUnavailable, EngineOutdated) as failure:
            error = error or str(failure)
        return Status(
            engine=self.engine.name,
            documents=documents,
            pending=backlog.pending,
            oldest_pending_seconds=backlog.oldest_pending_seconds,
            last_error=error,
            available=available,
            needs_rebuild=needs_rebuild,
        )
