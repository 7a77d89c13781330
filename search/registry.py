"""Where documents come from: one source per document type, supplied by the application."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from search.document import Document, Key


@dataclass(frozen=True, slots=True)
class Source:
    """How the documents of one type are read.

    `load(ids)` gives the present, committed state of those records that exist, in any order; a
    record left out is taken as deleted. It must see what was committed before the call, so it
    begins a transaction of its own. `all_ids()` gives every id, ascending.
    """

    load: Callable[[Sequence[int]], Iterable[Document]]
    all_ids: Callable[[], Iterable[int]]


class Registry:
    """The sources by document type."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def register(
        self,
        type: str,
        *,
        load: Callable[[Sequence[int]], Iterable[Document]],
        all_ids: Callable[[], Iterable[int]],
    ) -> None:
        """Make a document type known. A type has one source; a second one is a ValueError."""
        if type in self._sources:
            raise ValueError(f"document type {type!r} is registered already")
        self._sources[type] = Source(load, all_ids)

    @property
    def types(self) -> tuple[str, ...]:
        """The known types, in the order of registration."""
        return tuple(self._sources)

    def load(self, keys: Iterable[Key]) -> dict[Key, Document]:
        """The present documents of `keys`; what no longer exists, or has no source, is left out."""
        wanted: dict[str, list[int]] = {}
        for key in keys:
            wanted.setdefault(key.type, []).append(key.id)
        found: dict[Key, Document] = {}
        for type_, ids in wanted.items():
            source = self._sources.get(type_)
            if source is not None:
                found.update((document.key, document) for document in source.load(ids))
        return found

    def all_ids(self, type: str) -> Iterable[int]:
        """Every id of one type; unknown types have none."""
        source = self._sources.get(type)
        return source.all_ids() if source else ()

    def batches(self, size: int) -> Iterator[list[Key]]:
        """All keys of all types, at most `size` at a time."""
        for type_, source in self._sources.items():
            batch: list[Key] = []
            for id_ in source.all_ids():
                batch.append(Key(type_, id_))
                if len(batch) == size:
                    yield batch
                    batch = []
            if batch:
                yield batch
