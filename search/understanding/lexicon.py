"""What a reader of queries knows: firms and their names, people, trade synonyms, screen words.

The application supplies a `Lexicon`; `PlainLexicon` is one held in memory.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rapidfuzz import fuzz, process

from search.analysis import normalise
from search.query import Meaning

_NEAR = 74.0
_SHORTEST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Firm:
    """A company with every name it goes by; `members` are the ids of the firms of its group."""

    id: int
    name: str
    names: tuple[str, ...] = ()
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose name stands in documents."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word of the screens that stands for a value: 签约 for the stage `signed`.

    `marks` are those of a document with that value. An `event` is something that happens on a day,
    so that a date beside it is the date of that.
    """

    meaning: Meaning
    key: str
    text: str
    marks: tuple[str, ...]
    event: bool = False


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Trade terms: those that mean the same, and wider ones with the narrower they stand for.

    All terms are normalised; asking for the wider finds the narrower, not the reverse.
    """

    same: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    narrower: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, same: Iterable[Sequence[str]], wider: Iterable[tuple[str, Sequence[str]]]
    ) -> "Synonyms":
        """Groups of equal terms, and wider terms with their narrower ones, as people wrote them."""
        equal: dict[str, tuple[str, ...]] = {}
        for group in same:
            terms = tuple(dict.fromkeys(filter(None, map(normalise, group))))
            for term in terms:
                known = (*equal.get(term, ()), *terms)
                equal[term] = tuple(dict.fromkeys(one for one in known if one != term))
        below: dict[str, tuple[str, ...]] = {}
        for term, narrower in wider:
            wanted = tuple(filter(None, map(normalise, narrower)))
            known = (*below.get(normalise(term), ()), *wanted)
            below[normalise(term)] = tuple(dict.fromkeys(known))
        return cls(equal, below)

    def __contains__(self, term: str) -> bool:
        return term in self.same or term in self.narrower

    def terms(self) -> list[str]:
        """Every term there is."""
        found = [*self.same, *self.narrower]
        found += [term for group in self.narrower.values() for term in group]
        return list(dict.fromkeys(found))

    def equal(self, term: str) -> tuple[str, ...]:
        """The terms that mean the same."""
        return self.same.get(term, ())

    def below(self, term: str) -> tuple[str, ...]:
        """The narrower terms of a term and of those that mean the same, with their equals."""
        found: dict[str, None] = {}
        waiting = [term, *self.equal(term)]
        seen = set(waiting)
        for one in waiting:
            for narrower in self.narrower.get(one, ()):
                for word in (narrower, *self.equal(narrower)):
                    if word not in seen:
                        seen.add(word)
                        found[word] = None
                        waiting.append(word)
        return tuple(found)


class Lexicon(Protocol):
    """What is known, as of now. Terms asked for are normalised; answers are few."""

    @property
    def synonyms(self) -> Synonyms:
        """The trade terms."""

    @property
    def labels(self) -> Mapping[str, Label]:
        """Words of the screens by their normalised form."""

    def firms_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Firm]]:
        """The firms that are called exactly so, legal suffixes aside, by term."""

    def firms_beginning(self, term: str) -> Sequence[Firm]:
        """Firms with a name that begins with the term; none where there are too many to mean one."""

    def firms_sounding(self, letters: str) -> Sequence[Firm]:
        """Firms whose name's pinyin or initials are, or begin with, these letters.

        Some of the letters may be the characters themselves: 徐gong.
        """

    def firms_coded(self, text: str) -> Sequence[Firm]:
        """Firms with this credit code, or with a contact of this phone number."""

    def firms_like(self, term: str) -> Sequence[tuple[Firm, str]]:
        """Firms with a name that the term may be a slip for, best first, and that name."""

    def people_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Person]]:
        """People of that name, account name or name in pinyin, by term."""

    def people_like(self, term: str) -> Sequence[Person]:
        """People whose name the term may be a slip for."""

    def terms_like(self, term: str) -> Sequence[str]:
        """Trade terms, normalised, that the term may be a slip for, best first."""

    def other_meanings(self, name: str) -> tuple[str, ...]:
        """Strings that contain the name but mean something else, normalised."""

    def longer_names(self, names: Collection[str], firms: Sequence[Firm]) -> tuple[str, ...]:
        """Names of firms other than these, and not of their groups, that contain one of `names`."""


def near_terms(term: str, terms: Collection[str]) -> list[str]:
    """The one of the terms that differs from a term of three or more characters by a slip."""
    if len(term) < _SHORTEST_NEAR or term in terms:
        return []
    known = [one for one in terms if abs(len(one) - len(term)) <= 1]
    best = process.extractOne(term, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return [best[0]] if best else []


class PlainLexicon:
    """A lexicon that knows what it is told and no names."""

    def __init__(
        self, synonyms: Synonyms | None = None, labels: Mapping[str, Label] | None = None
    ) -> None:
        self.synonyms = synonyms or Synonyms()
        self.labels = labels or {}

    def firms_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Firm]]:
        """No firm."""
        return {}

    def firms_beginning(self, term: str) -> Sequence[Firm]:
        """No firm."""
        return ()

    def firms_sounding(self, letters: str) -> Sequence[Firm]:
        """No firm."""
        return ()

    def firms_coded(self, text: str) -> Sequence[Firm]:
        """No firm."""
        return ()

    def firms_like(self, term: str) -> Sequence[tuple[Firm, str]]:
        """No firm."""
        return ()

    def people_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Person]]:
        """Nobody."""
        return {}

    def people_like(self, term: str) -> Sequence[Person]:
        """Nobody."""
        return ()

    def terms_like(self, term: str) -> Sequence[str]:
        """The nearest of the synonyms."""
        return near_terms(term, self.synonyms.terms())

    def other_meanings(self, name: str) -> tuple[str, ...]:
        """None."""
        return ()

    def longer_names(self, names: Collection[str], firms: Sequence[Firm]) -> tuple[str, ...]:
        """None."""
        return ()
