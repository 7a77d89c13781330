"""What every engine can do. One contract suite (`tests/search`) holds for all of them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from search.document import Document, Key
from search.query import NO_FILTERS, Filters, Query, Sort
from search.results import Page


@dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine's store was made by. It must be rebuilt where `stored` is not `expected`."""

    stored: str
    expected: str
    built: bool

    @property
    def outdated(self) -> bool:
        """Whether the stored tokens or layout are of another version."""
        return self.stored != self.expected

    @property
    def needs_rebuild(self) -> bool:
        """Whether the store is outdated or was never filled from the records."""
        return self.outdated or not self.built


class Batch(Protocol):
    """Documents and deletions that are written together."""

    def index(self, documents: Iterable[Document]) -> None:
        """Add the documents or replace what is stored under their keys: all of them or none."""

    def delete(self, keys: Iterable[Key]) -> None:
        """Forget the documents; unknown keys are no error."""


Reload = Callable[[Batch, Sequence[Key]], None]
"""Writes the present state of some keys into a batch."""


class Rebuild(Protocol):
    """A store built beside the live one."""

    def write(self) -> AbstractContextManager[Batch]:
        """A batch of the new store; the live one goes on answering and taking writes."""

    def swap(self, reload: Reload) -> int:
        """Replay what changed in the live store meanwhile, make the new store live, drop the old.

        `reload` is called with the keys that changed; returns how many they were. No write is
        lost: the last keys are replayed while writers wait.
        """


class Engine(Protocol):
    """Keeps documents and finds them."""

    @property
    def name(self) -> str:
        """What pages and the API call the engine."""

    @property
    def writes_at_once(self) -> bool:
        """Whether a few documents are written so quickly that a save may wait for it.

        Otherwise a worker writes them, and who saved waits at the next search.
        """

    def write(self, *, timeout: float | None = None) -> AbstractContextManager[Batch]:
        """A batch, written when the block ends and dropped when it raises.

        Blocks of several writers take effect one after the other, so what a block writes is never
        older than what an earlier one wrote, as long as it is read inside the block. `timeout`
        is how many seconds to wait for other writers (None: the engine's setting). Raises EngineUnavailable where writing is impossible now, EngineOutdated where
        the store must be rebuilt first.
        """

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
        """The hits among documents that carry one of the `access` tokens; none finds nothing."""

    def documents(self) -> dict[str, int]:
        """How many documents are stored, by type."""

    def fingerprints(self, type: str) -> dict[int, str]:
        """The fingerprint of every stored document of one type, by id."""

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""

    def ping(self) -> bool:
        """Whether the engine answers; never raises."""

    def state(self) -> EngineState:
        """Which version of the analysis the stored documents were made by."""

    def rebuild(self) -> AbstractContextManager[Rebuild]:
        """Begin a new store; without a swap the block leaves the live one as it was.

        Raises RebuildRunning while another process is at it.
        """

    def close(self) -> None:
        """Give back what this process holds open."""
