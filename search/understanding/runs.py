"""One unbroken run of characters, cut into firms, people, trade terms and the words between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from search.query import Clause, Meaning
from search.understanding import clauses
from search.understanding.lexicon import Firm, Label, Lexicon, Person

_LONGEST_NAME = 24
_LONGEST_RUN = 80
PARTICLES = frozenset("的了和与及跟在对把给从")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: `start` and `end` within it, and what it was read as."""

    start: int
    end: int
    clause: Clause
    value: Mapping[str, object]
    label: str = ""


def firm_piece(start: int, end: int, firms: Sequence[Firm], clause: Clause) -> Piece:
    """A stretch that names firms."""
    value: dict[str, object] = {"id": firms[0].id, "name": firms[0].name}
    return Piece(start, end, clause, value, "、".join(one.name for one in firms[:3]))


class Run:
    """A run, with what the lexicon knows of its stretches."""

    def __init__(self, run: str, lexicon: Lexicon) -> None:
        self._run = run
        self._lexicon = lexicon
        parts = _stretches(run)
        self._firms = {**self._sounding(), **lexicon.firms_named(parts)}
        self._people = lexicon.people_named(parts)

    def pieces(self, offset: int) -> list[Piece]:
        """The run from left to right; `offset` is where it begins."""
        stretches = self._cut(0, len(self._run))
        found = [self._piece(low, high, offset) for low, high in stretches]
        if all(piece.clause.meaning is not Meaning.WORD for piece in found):
            return found
        # Beside other words a stage is a word like them: 流失风险 asks for no status.
        return [
            self._as_word(low, high, offset) if piece.clause.meaning in clauses.FILTERS else piece
            for (low, high), piece in zip(stretches, found, strict=True)
        ]

    def _sounding(self) -> dict[str, Sequence[Firm]]:
        """Firms by the Latin stretches of a run that has other characters as well: kate配套."""
        if self._run.isascii():
            return {}
        latin = (
            "".join(group)
            for is_latin, group in groupby(self._run, lambda c: c.isascii() and c.isalpha())
            if is_latin
        )
        words = [one for one in latin if len(one) > 3]
        found = {one: self._lexicon.firms_sounding(one) for one in words}
        return {one: firms for one, firms in found.items() if firms}

    def _cut(self, start: int, end: int) -> list[tuple[int, int]]:
        if start >= end:
            return []
        best = self._longest(start, end) or self._beside_kind(start, end)
        if best is None:
            return [(start, end)]
        low, high = best
        left, right = self._edge(start, low), self._edge(high, end)
        return [*self._cut(*left), best, *self._cut(*right)]

    def _edge(self, start: int, end: int) -> tuple[int, int]:
        """A stretch beside a known term, without a particle."""
        if end - start == 1 and self._run[start] in PARTICLES:
            return start, start
        return start, end

    def _longest(self, start: int, end: int) -> tuple[int, int] | None:
        """The longest known stretch that leaves whole words beside it."""
        for length in range(min(end - start, _LONGEST_NAME), 1, -1):
            for low in range(start, end - length + 1):
                high = low + length
                whole = self._leaves_words(start, low) and self._leaves_words(high, end)
                if whole and self._is_term(low, high):
                    return low, high
        return None

    def _beside_kind(self, start: int, end: int) -> tuple[int, int] | None:
        """A kind of contact beside the beginning of a firm's name: 拜访恒履."""
        for place in range(start + 2, end - 1):
            parts = (start, place), (place, end)
            for own, other in (parts, parts[::-1]):
                label = self._lexicon.labels.get(self._run[slice(*own)])
                if label and label.meaning is Meaning.KIND:
                    return own if _meant(self._run[slice(*other)], self._lexicon) else None
        return None

    def _leaves_words(self, start: int, end: int) -> bool:
        return end - start != 1 or self._run[start] in PARTICLES

    def _is_term(self, low: int, high: int) -> bool:
        if _cuts_word(self._run, low) or _cuts_word(self._run, high):
            return False
        term = self._run[low:high]
        if term in self._firms:
            return not self._means_other(low, high)
        return term in self._people or term in self._lexicon.synonyms

    def _means_other(self, low: int, high: int) -> bool:
        """Whether a firm's name stands in a longer string that means something else."""
        term = self._run[low:high]
        for other in self._lexicon.other_meanings(term):
            at = self._run.find(other)
            while at >= 0:
                if at <= low and high <= at + len(other):
                    return True
                at = self._run.find(other, at + 1)
        return False

    def _piece(self, low: int, high: int, offset: int) -> Piece:
        """One stretch, read."""
        term = self._run[low:high]
        start, end = offset + low, offset + high
        lexicon = self._lexicon
        firms = () if self._means_other(low, high) else self._firms.get(term, ())
        if firms:
            return firm_piece(start, end, firms, clauses.firm(term, firms, lexicon))
        if term in self._people and term not in lexicon.synonyms:
            return person_piece(start, end, term, self._people[term])
        if label := lexicon.labels.get(term):
            return _label_piece(start, end, term, label)
        if term not in lexicon.synonyms and (named := _meant(term, lexicon)):
            return firm_piece(start, end, named, clauses.firm(term, named, lexicon))
        return self._as_word(low, high, offset)

    def _as_word(self, low: int, high: int, offset: int) -> Piece:
        clause = clauses.word(self._run[low:high], self._lexicon)
        return Piece(offset + low, offset + high, clause, {})


def _stretches(run: str) -> list[str]:
    """Every stretch of a run that may be a name."""
    run = run[:_LONGEST_RUN]
    ends = range(2, _LONGEST_NAME + 1)
    found = [run[at : at + length] for length in ends for at in range(len(run) - length + 1)]
    return list(dict.fromkeys(found if len(run) <= _LONGEST_NAME else [*found, run]))


def _cuts_word(run: str, place: int) -> bool:
    """Whether a place lies within a Latin word or a number."""
    if not 0 < place < len(run):
        return False
    left, right = run[place - 1], run[place]
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _meant(term: str, lexicon: Lexicon) -> Sequence[Firm]:
    """The firms that a word is the beginning of, in characters, pinyin or initials."""
    if len(term) < 2:
        return ()
    if term.isascii():
        return lexicon.firms_sounding(term) if term.isalpha() else ()
    if any(char.isascii() and char.isalpha() for char in term):
        return lexicon.firms_sounding(term)
    return lexicon.firms_beginning(term)


def person_piece(start: int, end: int, term: str, people: Sequence[Person]) -> Piece:
    """A stretch that names colleagues."""
    value: dict[str, object] = {"id": people[0].id, "name": people[0].name}
    label = "、".join(dict.fromkeys(one.name for one in people))
    return Piece(start, end, clauses.person(term, people), value, label)


def _label_piece(start: int, end: int, term: str, label: Label) -> Piece:
    value: dict[str, object] = {"key": label.key}
    if label.meaning in clauses.FILTERS:
        return Piece(start, end, clauses.narrowing(label), value, label.text)
    return Piece(start, end, clauses.kind(term, label), value)
