"""A read query as expressions of FTS5. Nothing typed gets in as syntax: only tokens, quoted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations

from search.analysis import phrase, separate_pairs
from search.backends.embedded.schema import CALLED, DATED, flag, keys_of
from search.marks import word_mark
from search.query import Clause, Filters, Marked, Query, Text
from search.ranking import CLOSE, OWN_TYPE

_MOST_LEFT_OUT = 6
"""Clauses of which each is left out once, to find what answers all the others."""


class Certainty(Enum):
    """What is asked of a name that may stand inside a word of another meaning."""

    SURE = "sure"
    """The document has no such word."""
    OPEN = "open"
    """The document may have one: its text has to be looked at."""


@dataclass(frozen=True, slots=True)
class Match:
    """A MATCH expression and the range of keys it is asked for; `high` is exclusive."""

    expression: str
    low: int | None = None
    high: int | None = None


def all_terms(query: Query, access: frozenset[str], filters: Filters) -> Match:
    """Documents that answer every clause, pass the filters and may be seen."""
    return _match([_clause(one) for one in query.clauses], query, access, filters)


def doubtful(query: Query, access: frozenset[str], filters: Filters) -> Match:
    """Documents outside `all_terms` that have every term and may have it in another meaning."""
    sure = all_terms(query, access, filters)
    terms = [_clause(one, Certainty.OPEN) for one in query.clauses]
    wide = _match(terms, query, access, filters, Certainty.OPEN)
    return replace(wide, expression=f"{wide.expression} NOT {sure.expression}")


def some_terms(query: Query, access: frozenset[str], filters: Filters) -> Match | None:
    """Documents that answer one clause, or have two separate pieces of a long word.

    None if that is no wider than all terms.
    """
    words = [one for one in query.clauses if not one.must]
    wider = [part for one in words for part in _pieces(one.typed)]
    if len(words) > 1:
        wider.extend(_clause(one) for one in words if len(one.typed) != 1)
    if not wider:
        return None
    kept = [_clause(one) for one in query.clauses if one.must]
    return _match([*kept, _any(wider)], query, access, filters)


def in_names(match: Match, query: Query) -> Match | None:
    """Those of a match that have every spoken clause in title or names; None without any."""
    spoken = [one for one in query.clauses if one.typed]
    if not spoken:
        return None
    narrow = " AND ".join(_any(_called(one)) for one in spoken)
    return replace(match, expression=f"{narrow} AND {match.expression}")


def preferred(match: Match, query: Query) -> Match | None:
    """Those of a match that are what is rather wanted; None where nothing is."""
    marks = [mark for one in query.preferred for way in one.marks for mark in way.marks]
    own = [mark for mark in marks if mark.startswith("is:")]
    if not own:
        return None
    return replace(match, expression=f"{_any(map(_flag, own))} AND {match.expression}")


def in_own_names(match: Match, query: Query) -> Match | None:
    """Those of `in_names` that are what others are about."""
    narrow = in_names(match, query)
    if narrow is None:
        return None
    own = _flag(f"type:{OWN_TYPE}")
    return replace(narrow, expression=f"{own} AND {narrow.expression}")


def as_phrase(match: Match, query: Query) -> Match | None:
    """Those of a match that have the terms one after the other; None with fewer than two."""
    if len(query.terms) < 2:
        return None
    whole = _any([_phrase("".join(query.terms)), _phrase(" ".join(query.terms))])
    return replace(match, expression=f"{whole} AND {match.expression}")


def close_together(match: Match, query: Query) -> Match | None:
    """Those of a match that have all terms within a few words; None with fewer than two."""
    if len(query.terms) < 2:
        return None
    near = " ".join(_phrase(term) for term in query.terms)
    return replace(match, expression=f"NEAR({near}, {CLOSE}) AND {match.expression}")


def as_typed(match: Match, query: Query) -> Match | None:
    """Those of a match that say everything as it was typed, where there are other ways."""
    if not query.terms or all(len(one.ways) < 2 for one in query.clauses):
        return None
    narrow = " AND ".join(map(_phrase, query.terms))
    return replace(match, expression=f"{narrow} AND {match.expression}")


def most_terms(match: Match, query: Query) -> Match | None:
    """Those of a match that answer all clauses but one; None with fewer than three."""
    words = [_clause(one) for one in query.clauses if not one.must][:_MOST_LEFT_OUT]
    if len(words) < 3:
        return None
    narrow = _any(f"({' AND '.join(part)})" for part in combinations(words, len(words) - 1))
    return replace(match, expression=f"{narrow} AND {match.expression}")


def without_facets(filters: Filters) -> Filters:
    """The filters that are no facets themselves."""
    return replace(filters, types=(), stages=(), teams=())


def _match(
    terms: list[str],
    query: Query,
    access: frozenset[str],
    filters: Filters,
    certainty: Certainty = Certainty.SURE,
) -> Match:
    parts = [*terms, *(_clause(one) for one in query.required), *_filters(access, filters)]
    expression = "(" + " AND ".join(parts) + ")"
    # An exclusion that is not sure leaves the document to be looked at.
    excluded = [text for one in query.excluded for text in _ways(one, _opposite(certainty))]
    if excluded:
        expression = f"({expression} NOT {_any(excluded)})"
    low = keys_of(filters.until).start if filters.until else None
    high = keys_of(filters.since).stop if filters.since else None
    return Match(expression, low, high)


def _opposite(certainty: Certainty) -> Certainty:
    return Certainty.OPEN if certainty is Certainty.SURE else Certainty.SURE


def _filters(access: frozenset[str], filters: Filters) -> Iterator[str]:
    if not access:
        raise ValueError("without access tokens nothing may be asked for")
    yield _any(_flag(f"access:{token}") for token in sorted(access))
    for marks in filters.marks():
        yield _any(map(_flag, marks))
    if filters.since or filters.until:
        yield _flag(DATED)


def _clause(clause: Clause, certainty: Certainty = Certainty.SURE) -> str:
    return _any(_ways(clause, certainty))


def _ways(clause: Clause, certainty: Certainty) -> Iterator[str]:
    for way in clause.ways:
        if isinstance(way, Marked):
            yield from map(_flag, way.marks)
        elif way.whole:
            yield _flag(word_mark(way.term))
        elif way.unless and certainty is Certainty.SURE:
            yield f"({_phrase(way.term)} NOT {_any(map(_phrase, way.unless))})"
        else:
            yield _phrase(way.term)


def _called(clause: Clause) -> Iterator[str]:
    for way in clause.ways:
        if isinstance(way, Text):
            yield _phrase(way.term, prefix=CALLED)
        else:
            yield from (_flag(mark) for mark in way.marks if mark.startswith("is:"))


def _flag(mark: str) -> str:
    return _quoted(flag(mark))


def _phrase(term: str, *, prefix: str = "") -> str:
    found = phrase(term)
    return _quoted(" ".join(prefix + token for token in found.tokens)) + (
        "*" if found.open_end else ""
    )


def _pieces(word: str) -> list[str]:
    return [f"({_quoted(left)} AND {_quoted(right)})" for left, right in separate_pairs(word)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _any(parts: Iterable[str]) -> str:
    return "(" + " OR ".join(parts) + ")"
