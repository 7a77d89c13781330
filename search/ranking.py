"""In which order hits stand: one scoring for every engine, on normalised fields. Pure.

Exact phrase before all terms close together, before all terms, before some; within that title and
names weigh five times the text; a firm itself stands before what is said about it; newer and still
active first among equals.
"""

from dataclasses import dataclass

from search.query import Query

TITLE, NAMES, ABOUT, TEXT = 5.0, 5.0, 2.0, 1.0
"""Weights of the fields."""

CLOSE = 40
"""Characters within which terms count as close together."""

OWN_TYPE = "company"
"""The type whose documents are what others are about."""

SEPARATOR = "\n"
"""Stands between several values in one field; no term contains it."""

_OCCURRENCES = 8


@dataclass(frozen=True, slots=True)
class Fields:
    """The normalised fields of a document that decide its rank."""

    type: str
    title: str
    names: str
    about: str
    text: str
    active: bool = False

    def weighted(self) -> tuple[tuple[float, str], ...]:
        """The fields with their weights, heaviest first."""
        return (
            (TITLE, self.title),
            (NAMES, self.names),
            (ABOUT, self.about),
            (TEXT, self.text),
        )


def score(query: Query, fields: Fields) -> float:
    """How well a document answers: higher is better, comparable within one query only."""
    terms = (*query.phrases, *query.words)
    if not terms:
        return 0.1 * fields.active
    weights = [_weight(term, fields) for term in terms]
    total = 10.0 * _tier(query, terms, weights, fields)
    total += sum(weights) / len(weights)
    total += _as_name(" ".join(terms), fields)
    if fields.type == OWN_TYPE and max(weights) >= ABOUT:
        total += 2.0
    return total + 0.1 * fields.active


def _weight(term: str, fields: Fields) -> float:
    """The weight of the best field that contains the term, less where it cuts a word or number."""
    best = 0.0
    for weight, value in fields.weighted():
        if weight <= best:
            break
        place = value.find(term)
        if place >= 0:
            best = max(best, weight * _edges(term, value, place))
    return best or 0.5 * _scattered(term, fields)


def _edges(term: str, value: str, place: int) -> float:
    """1 where some occurrence begins and ends at a word's edge, or the term is not of that kind."""
    if not (term[0].isascii() or term[-1].isascii()):
        return 1.0
    best = 0.0
    for _ in range(_OCCURRENCES):
        if place < 0 or best == 1.0:
            break
        end = place + len(term)
        begins = place == 0 or not _same_kind(value[place - 1], term[0])
        ends = end == len(value) or not _same_kind(term[-1], value[end])
        best = max(best, (1.0 if begins else 0.7) * (1.0 if ends else 0.85))
        place = value.find(term, place + 1)
    return best


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
    everything = SEPARATOR.join(value for _, value in fields.weighted())
    return sum(pair in everything for pair in pairs) / len(pairs)


def _tier(query: Query, terms: tuple[str, ...], weights: list[float], fields: Fields) -> float:
    """3 for the exact phrase, 2 for all terms close together, 1 for all, below 1 for some."""
    contained = [weight > 0.5 for weight in weights]
    if not all(contained):
        return 0.9 * sum(min(weight, 1.0) for weight in weights) / len(weights)
    if len(terms) == 1:
        return 3.0
    values = [value for _, value in fields.weighted()]
    if len(query.words) > 1:
        whole = ("".join(query.words), " ".join(query.words))
        if any(part in value for part in whole for value in values):
            return 3.0
    return 2.0 if any(_close(terms, value) for value in values) else 1.0


def _close(terms: tuple[str, ...], value: str) -> bool:
    """Whether some stretch of CLOSE characters begins all terms."""
    places: list[tuple[int, int]] = []
    for number, term in enumerate(terms):
        place = value.find(term)
        if place < 0:
            return False
        for _ in range(_OCCURRENCES):
            places.append((place, number))
            place = value.find(term, place + 1)
            if place < 0:
                break
    places.sort()
    last: dict[int, int] = {}
    for place, number in places:
        last[number] = place
        if len(last) == len(terms) and place - min(last.values()) <= CLOSE:
            return True
    return False


def _as_name(asked: str, fields: Fields) -> float:
    """More for a document that is called what was asked for, or whose name begins so."""
    if asked not in fields.names and asked not in fields.title:
        return 0.0
    names = [*fields.names.split(SEPARATOR), fields.title]
    if asked in names:
        return 3.0
    return 1.5 if any(name.startswith(asked) for name in names) else 0.0
