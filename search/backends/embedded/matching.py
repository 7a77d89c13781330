"""A read query as expressions of FTS5. Nothing typed gets in as syntax: only tokens, quoted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from search.analysis import phrase
from search.backends.embedded.schema import CALLED, DATED, flag, keys_of
from search.query import Filters, Query
from search.ranking import CLOSE, OWN_TYPE

_PIECES = 12
"""Neighbouring pairs of a long word that are looked up when the word itself is nowhere."""


@dataclass(frozen=True, slots=True)
class Match:
    """A MATCH expression and the range of keys it is asked for; `high` is exclusive."""

    expression: str
    low: int | None = None
    high: int | None = None


def all_terms(query: Query, access: frozenset[str], filters: Filters) -> Match:
    """Documents that contain every word and phrase, pass the filters and may be seen."""
    terms = [_phrase(term) for term in (*query.phrases, *query.words)]
    return _match(terms, query, access, filters)


def some_terms(query: Query, access: frozenset[str], filters: Filters) -> Match | None:
    """Documents that contain a word, or two separate pieces of a long one; None if that is no
    wider than all terms."""
    wider = [part for word in query.words for part in _pieces(word)]
    if len(query.words) > 1:
        wider.extend(_phrase(word) for word in query.words if len(word) > 1)
    if not wider:
        return None
    terms = [*map(_phrase, query.phrases), _any(wider)]
    return _match(terms, query, access, filters)


def in_names(match: Match, query: Query) -> Match | None:
    """Those of a match that have every term in title or names; None without terms."""
    terms = (*query.phrases, *query.words)
    if not terms:
        return None
    narrow = " AND ".join(_phrase(term, prefix=CALLED) for term in terms)
    return replace(match, expression=f"{narrow} AND {match.expression}")


def in_own_names(match: Match, query: Query) -> Match | None:
    """Those of `in_names` that are what others are about."""
    narrow = in_names(match, query)
    if narrow is None:
        return None
    own = _quoted(flag("type", OWN_TYPE))
    return replace(narrow, expression=f"{own} AND {narrow.expression}")


def as_phrase(match: Match, query: Query) -> Match | None:
    """Those of a match that have the words one after the other; None with fewer than two."""
    if len(query.words) < 2:
        return None
    whole = _any([_phrase("".join(query.words)), _phrase(" ".join(query.words))])
    return replace(match, expression=f"{whole} AND {match.expression}")


def close_together(match: Match, query: Query) -> Match | None:
    """Those of a match that have all terms within a few words; None with fewer than two."""
    terms = (*query.phrases, *query.words)
    if len(terms) < 2:
        return None
    near = " ".join(_phrase(term) for term in terms)
    return replace(match, expression=f"NEAR({near}, {CLOSE}) AND {match.expression}")


def without_facets(filters: Filters) -> Filters:
    """The filters that are no facets themselves."""
    return replace(filters, types=(), stages=(), teams=())


def _match(terms: list[str], query: Query, access: frozenset[str], filters: Filters) -> Match:
    parts = [*terms, *_flags(access, filters)]
    expression = "(" + " AND ".join(parts) + ")"
    if query.excluded:
        expression = f"({expression} NOT {_any(map(_phrase, query.excluded))})"
    low = keys_of(filters.until).start if filters.until else None
    high = keys_of(filters.since).stop if filters.since else None
    return Match(expression, low, high)


def _flags(access: frozenset[str], filters: Filters) -> list[str]:
    if not access:
        raise ValueError("without access tokens nothing may be asked for")
    parts = [_any(_quoted(flag("access", token)) for token in sorted(access))]
    wanted: dict[str, Sequence[str | int]] = {
        "type": filters.types,
        "stage": filters.stages,
        "status": filters.statuses,
        "team": filters.teams,
        "owner": filters.owners,
        "kind": filters.kinds,
        "company": filters.companies,
    }
    parts.extend(
        _any(_quoted(flag(kind, value)) for value in values)
        for kind, values in wanted.items()
        if values
    )
    if filters.since or filters.until:
        parts.append(_quoted(DATED))
    return parts


def _phrase(term: str, *, prefix: str = "") -> str:
    found = phrase(term)
    return _quoted(" ".join(prefix + token for token in found.tokens)) + (
        "*" if found.open_end else ""
    )


def _pieces(word: str) -> list[str]:
    """Every two separate neighbouring pairs of a word of four or more characters.

    Pairs of Latin letters or digits alone are in nearly every such word and say nothing.
    """
    if len(word) < 4 or " " in word:
        return []
    places = range(min(len(word) - 1, _PIECES))
    pairs = [(place, pair) for place in places if not (pair := word[place : place + 2]).isascii()]
    return [
        f"({_quoted(left)} AND {_quoted(right)})"
        for (first, left), (second, right) in combinations(pairs, 2)
        if second - first > 1
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _any(parts: Iterable[str]) -> str:
    return "(" + " OR ".join(parts) + ")"
