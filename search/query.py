"""A query as it was understood: what is asked for, what must hold, what must not. Pure.

`search.understanding` makes one of what was typed; every engine turns it into its own language,
and `search.ranking` scores documents by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MAX_LENGTH = 200
"""Characters a query may have; longer ones are refused, nobody types them."""


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the hits are narrowed to beside the text; several values of one field are alternatives.

    `since` and `until` are inclusive and leave out documents without a date of their own.
    """

    types: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self != NO_FILTERS

    def marks(self) -> Iterator[list[str]]:
        """For each field that is narrowed the marks of which a document must carry one."""
        wanted: dict[str, Sequence[str | int]] = {
            "type": self.types,
            "stage": self.stages,
            "status": self.statuses,
            "team": self.teams,
            "owner": self.owners,
            "kind": self.kinds,
            "company": self.companies,
        }
        for kind, values in wanted.items():
            if values:
                yield [f"{kind}:{value}" for value in values]


NO_FILTERS = Filters()


class Meaning(StrEnum):
    """What a part of the query was read as."""

    WORD = "word"
    PHRASE = "phrase"
    FIRM = "firm"
    PERSON = "person"
    AMOUNT = "amount"
    RANGE = "range"
    DATE = "date"
    STAGE = "stage"
    STATUS = "status"
    KIND = "kind"
    EXCLUDED = "excluded"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Text:
    """A way to answer a clause: a text field contains `term`.

    `term` is normalised (`analysis.normalise`). Where it stands inside one of the `unless` strings
    it means something else and does not count; with `whole`, neither where it is part of a longer
    Latin word. `weight` is at most 1; a way below 1 ranks behind what was typed. Inside one of the
    `rather` strings it probably means something else: it counts, behind all that surely mean it.
    """

    term: str
    weight: float = 1.0
    unless: tuple[str, ...] = ()
    whole: bool = False
    rather: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A way to answer a clause: the document carries one of `marks` (see `search.marks`).

    `points` is what it counts for beside the weights of fields, `weight` as in `Text`.
    """

    marks: tuple[str, ...]
    points: float = 2.0
    weight: float = 1.0


Way = Text | Marked


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for, with every way in which a document may answer it.

    `typed` is the normalised text that stood for it, empty where no text of a document says it.
    `must` keeps the clause where a search without all clauses falls back on some of them.
    """

    meaning: Meaning
    ways: tuple[Way, ...]
    typed: str = ""
    must: bool = False

    @property
    def texts(self) -> Iterator[Text]:
        """The ways by text."""
        return (way for way in self.ways if isinstance(way, Text))

    @property
    def marks(self) -> Iterator[Marked]:
        """The ways by marks."""
        return (way for way in self.ways if isinstance(way, Marked))


@dataclass(frozen=True, slots=True)
class Chip:
    """One understood part: shown to the person, who may take it away.

    `start` and `end` are its place in the `typed` query. `value` says in machine words what it was
    read as: `{"id", "name"}` of a firm, `{"from", "to"}` of a date, `{"dimension", "low", "high"}`
    of an amount, `{"key"}` of a stage, status or kind.
    """

    kind: Meaning
    text: str
    typed: str
    start: int
    end: int
    value: Mapping[str, object] = field(default_factory=dict)

    @property
    def raw(self) -> str:
        """The part as it was typed."""
        return self.typed[self.start : self.end]

    @property
    def without(self) -> str:
        """The whole query with this part left out."""
        return self._with("")

    @property
    def quoted(self) -> str:
        """The whole query with this part in quotation marks, which are read as they stand."""
        return self._with(f'"{self.raw.strip()}"')

    def _with(self, part: str) -> str:
        parts = (self.typed[: self.start].rstrip(), part, self.typed[self.end :].lstrip())
        return " ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Query:
    """A read query.

    Every clause is wanted, and those that are not `must` may be wanting where nothing has all of
    them; all of them decide the rank. `required` narrows and does not rank, `preferred` ranks and
    does not narrow. `excluded` holds what no hit may answer. `suggestion` is the query with its
    slips mended, None without any.
    """

    raw: str = ""
    clauses: tuple[Clause, ...] = ()
    required: tuple[Clause, ...] = ()
    preferred: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    understood: tuple[Chip, ...] = ()
    suggestion: str | None = None

    def __bool__(self) -> bool:
        return bool(self.clauses or self.required or self.excluded)

    @property
    def terms(self) -> tuple[str, ...]:
        """The typed texts that a document may contain, in the order in which they stand."""
        return tuple(clause.typed for clause in self.clauses if clause.typed)

    @property
    def ranks(self) -> bool:
        """Whether some hits answer better than others; otherwise the newest stands first."""
        return bool(self.clauses or self.preferred)

    @property
    def ambiguous(self) -> bool:
        """Whether some text counts only where it does not stand inside another."""
        return any(way.unless for clause in self.every_clause() for way in clause.texts)

    @property
    def asks_for_marks(self) -> bool:
        """Whether some clause may be answered by a mark."""
        return any(True for clause in self.every_clause() for _ in clause.marks)

    def every_clause(self) -> tuple[Clause, ...]:
        """All clauses, whatever they are for."""
        return (*self.clauses, *self.required, *self.preferred, *self.excluded)
