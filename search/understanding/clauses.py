"""Clauses: every way in which a document may say what a part of a query asks for. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from search.analysis import normalise
from search.marks import between, company_marks, exactly, phone_mark
from search.quantities import equals
from search.query import Clause, Marked, Meaning, Text, Way
from search.understanding.amounts import Asked
from search.understanding.lexicon import Firm, Label, Lexicon, Person

EQUAL, NARROWER, OTHER_NAME, SOUNDS = 0.95, 0.85, 0.95, 0.9
"""Weights of what a document may say instead of what was typed."""

OWN, MEMBER, LEADS, BELONGS = 5.0, 4.0, 3.0, 2.5
"""Points of the firm itself, of a firm of its group, of their leads, of whatever belongs to them."""

FILTERS = (Meaning.STAGE, Meaning.STATUS)
"""What narrows to values that only leads have."""

MOST_FORMS = 24
_SHORT = 4
_KIND_POINTS = 4.0
_NEAR, _FAR = 2.5, 2.0
"""Points of an amount near the end of a range, and of one that is many times more or less."""

_OWN_STAGE, _ENTERED = 4.0, 1.0
"""Points of what is itself in a stage, and of what entered it on the asked days."""


def text(term: str, weight: float = 1.0, unless: tuple[str, ...] = ()) -> Text:
    """A way by a name or term; one of Latin letters alone only where it is a word of its own."""
    return Text(term, weight, unless, whole=term.isascii() and term.isalpha())


def word(term: str, lexicon: Lexicon) -> Clause:
    """A word with what else a document may say for it."""
    synonyms = lexicon.synonyms
    ways: list[Way] = [Text(term)]
    ways += [text(one, EQUAL) for one in synonyms.equal(term)]
    ways += [text(one, NARROWER) for one in synonyms.below(term)]
    return Clause(Meaning.WORD, tuple(ways[:MOST_FORMS]), typed=term)


def firm(term: str, firms: Sequence[Firm], lexicon: Lexicon) -> Clause:
    """Firms that a term names: themselves, what belongs to them, what names them otherwise.

    Where the term stands inside the name of another firm it probably means that one.
    """
    ways: list[Way] = [_named(term, 1.0, lexicon)]
    ways += firm_ways(firms, term, lexicon)
    ways = set_apart(ways, firms, lexicon)
    ways += [text(one, EQUAL) for one in lexicon.synonyms.equal(term)]
    return Clause(Meaning.FIRM, tuple(ways[:MOST_FORMS]), typed=term)


def set_apart(ways: Sequence[Way], firms: Sequence[Firm], lexicon: Lexicon) -> list[Way]:
    """The ways to name firms, behind which stand the names of others that contain such a name."""
    others = lexicon.longer_names(_short_names(ways), firms)
    return [_apart(way, others) for way in ways]


def _named(name: str, weight: float, lexicon: Lexicon) -> Text:
    return text(name, weight, lexicon.other_meanings(name))


def _short_names(ways: Sequence[Way]) -> list[str]:
    """The names that may well be part of longer ones of other firms."""
    names = (way.term for way in ways if isinstance(way, Text) and not way.whole)
    return [name for name in names if len(name) <= _SHORT]


def _apart(way: Way, others: Sequence[str]) -> Way:
    """A name, set apart from longer ones that contain it."""
    if isinstance(way, Marked):
        return way
    return replace(way, rather=tuple(one for one in others if way.term in one))


def firm_ways(firms: Sequence[Firm], term: str, lexicon: Lexicon) -> list[Way]:
    """The ways to say these firms: the records themselves, what belongs to them, other names."""
    ways: list[Way] = []
    for one in firms:
        group = (one.id, *one.members)
        ways.append(Marked((f"is:company:{one.id}",), points=OWN))
        if one.members:
            ways.append(Marked(tuple(f"is:company:{id_}" for id_ in one.members), points=MEMBER))
        ways.append(Marked(tuple(f"is:of:{id_}" for id_ in group), points=LEADS))
        ways.append(Marked(company_marks(group), points=BELONGS))
    for one in firms:
        for name in one.names:
            if name != term and len(name) > 1:
                weight = OTHER_NAME if len(firms) == 1 else SOUNDS
                ways.append(_named(name, weight, lexicon))
    return ways


def number(term: str, digits: str, firms: Sequence[Firm], lexicon: Lexicon) -> Clause:
    """A phone number or credit code: texts with it however grouped, and whose it is."""
    ways: list[Way] = [Text(term)]
    if digits:
        ways.append(Marked((phone_mark(digits),), points=BELONGS))
    joined = term.replace(" ", "")
    if joined != term:
        ways.append(Text(joined))
    ways += firm_ways(firms, term, lexicon)
    meaning = Meaning.FIRM if firms else Meaning.WORD
    return Clause(meaning, tuple(ways[:MOST_FORMS]), typed=term)


def person(term: str, people: Sequence[Person]) -> Clause:
    """Colleagues by name, wherever they are named."""
    names = list(dict.fromkeys(normalise(one.name) for one in people))
    ways: list[Way] = [Text(name) for name in names[:MOST_FORMS]]
    if term not in names:
        ways.append(Text(term, SOUNDS))
    return Clause(Meaning.PERSON, tuple(ways), typed=names[0] if len(names) == 1 else term)


def narrowing(label: Label) -> Clause:
    """A stage or status: a filter."""
    return Clause(label.meaning, (Marked(label.marks),), must=True)


def kind(term: str, label: Label) -> Clause:
    """A kind of contact; a text that says the word will do as well."""
    ways = (Marked(label.marks, points=_KIND_POINTS), Text(term, SOUNDS))
    return Clause(label.meaning, ways, typed=term)


def happened(clause: Clause, days: Sequence[str]) -> Clause:
    """A stage that was entered on certain days, such as 三季度签约; of notes, those of the days."""
    return Clause(clause.meaning, (Marked(_on_days(clause, days)),), must=True)


def rather(clause: Clause, days: Sequence[str]) -> list[Clause]:
    """What is rather wanted of a stage or status: what is itself in it, entered on the days."""
    own = tuple(f"is:{mark}" for way in clause.marks for mark in way.marks)
    found = [Clause(clause.meaning, (Marked(own, points=_OWN_STAGE),))]
    if days:
        entered = Marked(_on_days(clause, days), points=_ENTERED)
        found.append(Clause(clause.meaning, (entered,)))
    return found


def _on_days(clause: Clause, days: Sequence[str]) -> tuple[str, ...]:
    marks = [mark for way in clause.marks for mark in way.marks]
    return tuple(f"{mark}:{day.removeprefix('day:')}" for mark in marks for day in days)


def amount(asked: Asked) -> Clause:
    """An amount or a range of them; nothing else will do, so it holds whatever is let go."""
    if asked.exact and asked.low is not None:
        marks = tuple(
            exactly(*same)
            for dimension in asked.dimensions
            for same in equals(dimension, asked.low)
        )
        return Clause(Meaning.AMOUNT, (Marked(marks, points=_NEAR),), must=True)
    near: list[str] = []
    far: list[str] = []
    for dimension in asked.dimensions:
        inside, outside = between(dimension, asked.low, asked.high)
        near += inside
        far += outside
    ways = [Marked(tuple(near), points=_NEAR)]
    if far:
        ways.append(Marked(tuple(far), points=_FAR))
    return Clause(Meaning.RANGE, tuple(ways), must=True)


def excluded(term: str, lexicon: Lexicon) -> Clause:
    """What no hit may contain: the term, what means the same, a firm under all its names."""
    firms = lexicon.firms_named([term]).get(term, ())
    ways: list[Way] = [Text(term, unless=lexicon.other_meanings(term) if firms else ())]
    ways += [text(one) for one in lexicon.synonyms.equal(term)]
    ways += firm_ways(firms, term, lexicon)
    if label := lexicon.labels.get(term):
        ways.append(Marked(label.marks))
    return Clause(Meaning.EXCLUDED, tuple(ways), typed=term)
