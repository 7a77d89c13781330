"""In which order hits stand: one scoring for every engine, on normalised fields. Pure.

Exact phrase before all terms close together, before all terms, before some; within that title and
names weigh five times the text; a firm itself stands before what is said about it; what was typed
before what means the same, before narrower terms, before a mended slip; newer and still active
first among equals. A note has no name of its own: the firm it is headed with is what it is about.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from search.analysis import normalise
from search.query import Clause, Marked, Query, Text

TITLE, NAMES, ABOUT, TEXT = 5.0, 5.0, 2.0, 1.0
"""Weights of the fields."""

CLOSE = 40
"""Characters within which terms count as close together."""

OWN_TYPE = "company"
"""The type whose documents are what others are about."""

RATHER = 0.5
"""What a name counts for where it stands inside the name of something else."""

SEPARATOR = "\n"
"""Stands between several values in one field; no term contains it."""

_OCCURRENCES = 8


_name = lru_cache(maxsize=10_000)(normalise)
"""Names of firms recur in most documents."""


def joined(values: Iterable[str]) -> str:
    """Several values as one normalised field, repeats left out."""
    return SEPARATOR.join(dict.fromkeys(found for value in values if (found := _name(value))))


@dataclass(frozen=True, slots=True)
class Fields:
    """The normalised fields of a document that decide its rank, and its marks."""

    type: str
    title: str
    names: str
    about: str
    text: str
    active: bool = False
    marks: Set[str] = frozenset()

    has_own_title: bool = field(init=False)
    """Whether the title is the record's own, and not the name of the firm it is about."""
    weighted: tuple[tuple[float, str], ...] = field(init=False)
    """The fields with their weights, heaviest first."""

    def __post_init__(self) -> None:
        own = is_own_title(self.type, self.title, self.about)
        title = ((TITLE, self.title),) if own else ()
        rest = ((NAMES, self.names), (ABOUT, self.about), (TEXT, self.text))
        object.__setattr__(self, "has_own_title", own)
        object.__setattr__(self, "weighted", (*title, *rest))


def is_own_title(type: str, title: str, about: str) -> bool:
    """Whether a title names the record itself; `about` are the values it is found by."""
    return type == OWN_TYPE or title not in about or title not in about.split(SEPARATOR)


class Reason(NamedTuple):
    """One part of a score: `points`, the `rule` they come from, and what it was applied to."""

    points: float
    rule: str
    detail: str = ""


class _Answer(NamedTuple):
    """How a clause is answered: points, the weight of the way, and that way."""

    points: float
    weight: float
    way: Text | Marked | None


_NOTHING = _Answer(0.0, 0.0, None)


def score(query: Query, fields: Fields) -> float:
    """How well a document answers: higher is better, comparable within one query only."""
    return sum(reason.points for reason in explain(query, fields))


def explain(query: Query, fields: Fields) -> list[Reason]:
    """The parts that add up to `score`.

    Rules are `phrase`, `close`, `all` and `some` (how the clauses are answered together), `field`
    (where each of them stands), `mark` (it is answered by a value and no text), `called` (the
    document is called so), `itself` (a firm and not what is said about it), `preferred` (what is rather wanted without being asked for), `active`.
    """
    reasons: list[Reason] = []
    if query.clauses:
        answers = [_answer(clause, fields) for clause in query.clauses]
        reasons.append(_together(query.clauses, answers, fields))
        for clause, answer in zip(query.clauses, answers, strict=True):
            share = answer.points / len(answers)
            rule = "mark" if isinstance(answer.way, Marked) else "field"
            reasons.append(Reason(share, rule, _said(clause, answer)))
        called = _as_name(" ".join(query.terms), fields)
        reasons.append(Reason(called, "called"))
        if fields.type == OWN_TYPE and max(answer.points for answer in answers) >= ABOUT:
            reasons.append(Reason(2.0, "itself"))
    for clause in query.preferred:
        answer = _answer(clause, fields, scattered=False)
        reasons.append(Reason(answer.points, "preferred", _said(clause, answer)))
    reasons.append(Reason(0.1 * fields.active, "active"))
    return [reason for reason in reasons if reason.points]


def answers_all(query: Query, fields: Fields) -> bool:
    """Whether a document has every clause and what is required, and nothing excluded.

    Engines ask this where their own index cannot tell: a name inside another word.
    """
    wanted = (*query.clauses, *query.required)
    return all(is_answered(clause, fields) for clause in wanted) and not any(
        is_answered(clause, fields) for clause in query.excluded
    )


def is_answered(clause: Clause, fields: Fields) -> bool:
    """Whether a document has one of a clause's ways, each name in its own meaning."""
    return _answer(clause, fields, scattered=False).points > 0


def _said(clause: Clause, answer: _Answer) -> str:
    """The term that answered a clause, else what was typed."""
    return answer.way.term if isinstance(answer.way, Text) else clause.typed


def _answer(clause: Clause, fields: Fields, *, scattered: bool = True) -> _Answer:
    """The best way in which a document answers a clause."""
    best = _NOTHING
    for way in clause.ways:
        weight = way.weight
        if isinstance(way, Marked):
            points = way.points if any(mark in fields.marks for mark in way.marks) else 0.0
        else:
            points = _text_points(way, fields)
            if not points and way.rather:
                points, weight = _text_points(replace(way, rather=()), fields), weight * RATHER
        if points and points * weight > best.points:
            best = _Answer(points * weight, weight, way)
    if best.points or not scattered:
        return best
    return _Answer(0.5 * _scattered(clause.typed, fields), 0.0, None)


def _text_points(way: Text, fields: Fields) -> float:
    """The weight of the best field that has the term, less where it cuts a word or number."""
    best = 0.0
    for weight, value in fields.weighted:
        if weight <= best:
            break
        for place in _places(way, value):
            best = max(best, weight * _edges(way.term, value, place))
            if best == weight:
                break
    return best


def _places(way: Text, value: str) -> Iterator[int]:
    """Where a term stands in a field, apart from places where it means something else."""
    place = value.find(way.term)
    for _ in range(_OCCURRENCES):
        if place < 0:
            return
        if not _means_other(way, value, place) and (
            not way.whole or _edges(way.term, value, place) == 1.0
        ):
            yield place
        place = value.find(way.term, place + 1)


def _means_other(way: Text, value: str, place: int) -> bool:
    end = place + len(way.term)
    for other in (*way.unless, *way.rather):
        at = value.find(other, max(0, end - len(other)), place + len(other))
        if 0 <= at <= place:
            return True
    return False


def _edges(term: str, value: str, place: int) -> float:
    """1 where the place begins and ends at a word's edge, or the term is not of that kind."""
    if not (term[0].isascii() or term[-1].isascii()):
        return 1.0
    end = place + len(term)
    begins = place == 0 or not _same_kind(value[place - 1], term[0])
    ends = end == len(value) or not _same_kind(term[-1], value[end])
    return (1.0 if begins else 0.7) * (1.0 if ends else 0.85)


def _same_kind(left: str, right: str) -> bool:
    """Whether two neighbours belong to one number or one Latin word."""
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _scattered(term: str, fields: Fields) -> float:
    """The share of a term's neighbouring pairs that occur anywhere, for terms that do not."""
    pairs = [term[place : place + 2] for place in range(len(term) - 1)]
    if len(pairs) < 2:
        return 0.0
    everything = SEPARATOR.join(value for _, value in fields.weighted)
    return sum(pair in everything for pair in pairs) / len(pairs)


def _together(clauses: tuple[Clause, ...], answers: list[_Answer], fields: Fields) -> Reason:
    """30 for the exact phrase, 20 for all close together, 10 for all, less for some of them.

    Less, too, by the weight of the farthest way that was taken.
    """
    if any(answer.weight == 0.0 for answer in answers):
        share = sum(min(answer.points, 1.0) for answer in answers) / len(answers)
        return Reason(9.0 * share, "some")
    weight = min(answer.weight for answer in answers)
    spoken = [clause for clause in clauses if clause.typed]
    if len(spoken) < 2:
        return Reason(30.0 * weight, "phrase")
    values = [value for _, value in fields.weighted]
    words = [clause.typed for clause in spoken]
    whole = ("".join(words), " ".join(words))
    if any(part in value for part in whole for value in values):
        return Reason(30.0 * weight, "phrase")
    if any(_close(spoken, value) for value in values):
        return Reason(20.0 * weight, "close")
    return Reason(10.0 * weight, "all")


def _close(clauses: list[Clause], value: str) -> bool:
    """Whether some stretch of CLOSE characters begins a text of every clause."""
    places: list[tuple[int, int]] = []
    for number, clause in enumerate(clauses):
        found = [(place, number) for way in clause.texts for place in _places(way, value)]
        if not found:
            return False
        places.extend(found)
    places.sort()
    last: dict[int, int] = {}
    for place, number in places:
        last[number] = place
        if len(last) == len(clauses) and place - min(last.values()) <= CLOSE:
            return True
    return False


def _as_name(asked: str, fields: Fields) -> float:
    """More for a document that is called what was asked for, or whose name begins so."""
    title = fields.title if fields.has_own_title else ""
    if not asked or (asked not in fields.names and asked not in title):
        return 0.0
    names = [*fields.names.split(SEPARATOR), title]
    if asked in names:
        return 3.0
    return 1.5 if any(name.startswith(asked) for name in names) else 0.0
