"""What a search answers."""

from dataclasses import dataclass, field

from search.document import Key

COUNT_LIMIT = 10_000
"""Beyond this many hits the total is given as "at least"."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found.

    `title` and `snippets` are HTML: everything from the document is escaped, the parts that
    matched stand in `<mark>`. `score` compares only within one answer.
    """

    type: str
    id: int
    score: float
    title: str = ""
    snippets: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The name of the document."""
        return Key(self.type, self.id)


Facets = dict[str, dict[str, int]]
"""Counts by `type`, `stage` and `team`; each leaves its own filter aside, access never."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of hits, best first.

    `total` is None where counting would be slow; then `total_at_least` is a lower bound, else
    both are equal. `relaxed` says that nothing contains all that was asked for and that the hits
    contain part of it. `degraded` says that the engine could not be asked.
    """

    hits: tuple[Hit, ...] = ()
    total: int | None = 0
    total_at_least: int = 0
    facets: Facets = field(default_factory=dict)
    engine: str = ""
    took_ms: float = 0.0
    relaxed: bool = False
    degraded: bool = False
    page: int = 1
    per_page: int = 20
