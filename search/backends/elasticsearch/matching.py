"""A read query in the server's language. Nothing typed gets in as syntax: only tokens and marks."""

import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from search.analysis import phrase, separate_pairs, tokens
from search.backends.elasticsearch.schema import ABOUT, ALL, CALLED, EDGE
from search.marks import word_mark
from search.query import Clause, Filters, Marked, Query, Text
from search.ranking import CLOSE, OWN_TYPE

Dsl = dict[str, Any]

ACTIVE = "status:active"
"""The mark of what is still being worked on."""


def all_terms(query: Query, access: frozenset[str], filters: Filters) -> Dsl:
    """Documents that answer every clause, pass the filters and may be seen."""
    return _bool([_clause(one) for one in query.clauses], query, access, filters)


def some_terms(query: Query, access: frozenset[str], filters: Filters) -> Dsl | None:
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
    return _bool([*kept, _any(wider)], query, access, filters)


def best(match: Dsl, query: Query, *, relaxed: bool = False) -> Dsl | None:
    """Those of a match that may stand first though they are not among the newest, scored roughly.

    The points are those by which `ranking` tells documents apart: the terms side by side or close
    together, as they were typed, in names, in what it is about; with `relaxed` how many of the
    clauses are answered. None where nothing ranks.
    """
    terms = query.terms
    worth = [*_names(query), *_own(query)]
    if relaxed:
        worth += _some(query)
    if len(terms) > 1:
        worth.append(_points(20, _any([_phrase("".join(terms)), _phrase(" ".join(terms))])))
        worth.append(_points(10, _close(terms)))
    for term in terms:
        if beside := [
            *(digit + term for digit in _before(term)),
            *(term + d for d in _after(term)),
        ]:
            worth.append(_points(0.7, _unless(Text(term, unless=tuple(beside)))))
    if terms and any(len(one.ways) > 1 for one in query.clauses):
        worth.append(_points(1.5, {"bool": {"filter": [_phrase(term) for term in terms]}}))
    active = _points(0.1, _term("marks", ACTIVE))
    if not worth:
        return {"bool": {"filter": [match], "should": [active]}} if query.ranks else None
    candidates = {"bool": {"should": worth, "minimum_should_match": 1}}
    return {"bool": {"filter": [match], "must": [candidates], "should": [active]}}


def _names(query: Query) -> Iterator[Dsl]:
    """Points for where the spoken clauses stand."""
    spoken = [one for one in query.clauses if one.typed]
    if not spoken:
        return
    called = [_any(_called(one)) for one in spoken]
    for one, by_name in zip(spoken, called, strict=True):
        yield _points(4 / len(spoken), by_name)
        yield _points(1 / len(spoken), _any(_about(one)))
    own_type = _term("type", OWN_TYPE)
    yield _points(2, {"bool": {"filter": [own_type, _any(called)]}})
    asked = " ".join(query.terms)
    yield _points(1.5, _words_of(CALLED, [EDGE, *phrase(asked).tokens]))
    yield _points(1.5, _words_of(CALLED, [EDGE, *tokens(asked), EDGE]))


def _some(query: Query) -> Iterator[Dsl]:
    """Ten points for each clause that is answered, up to five for the pairs of its word."""
    share = 1 / len(query.clauses)
    for one in query.clauses:
        pairs = [one.typed[at : at + 2] for at in range(len(one.typed) - 1)]
        if len(pairs) < 2:
            yield _points(10 * share, _clause(one))
            continue
        yield _points(5 * share, _clause(one))
        for pair in pairs:
            yield _points(5 * share / len(pairs), _phrase(pair))


def _own(query: Query) -> Iterator[Dsl]:
    """Points for the records themselves that are asked for, or rather wanted."""
    for clause in (*query.clauses, *query.preferred):
        for way in clause.marks:
            if itself := [mark for mark in way.marks if mark.startswith("is:")]:
                yield _points(way.points, terms_of("marks", itself))


def _before(term: str) -> str:
    """What in front of a term would make it part of a longer number."""
    return string.digits if term[0] in string.digits else ""


def _after(term: str) -> str:
    """What behind a term would make it part of a longer number."""
    return string.digits if term[-1] in string.digits else ""


def _points(points: float, part: Dsl) -> Dsl:
    return {"constant_score": {"filter": part, "boost": points}}


def without_facets(filters: Filters) -> Filters:
    """The filters that are no facets themselves."""
    return replace(filters, types=(), stages=(), teams=())


def terms_of(field: str, values: Sequence[str | int]) -> Dsl:
    """Documents with one of these values."""
    return {"terms": {field: list(values)}}


def _bool(parts: list[Dsl], query: Query, access: frozenset[str], filters: Filters) -> Dsl:
    if not access:
        raise ValueError("without access tokens nothing may be asked for")
    narrow = [
        terms_of("access", sorted(access)),
        *_filters(filters),
        *(_clause(one) for one in query.required),
        *parts,
    ]
    excluded = [way for one in query.excluded for way in _ways(one)]
    return {"bool": {"filter": narrow, "must_not": excluded}}


def _filters(filters: Filters) -> Iterator[Dsl]:
    for marks in filters.marks():
        yield terms_of("marks", marks)
    if filters.since or filters.until:
        ends = {"gte": filters.since, "lte": filters.until}
        days = {name: day.isoformat() for name, day in ends.items() if day is not None}
        yield {"range": {"occurred_on": days}}


def _clause(clause: Clause) -> Dsl:
    return _any(_ways(clause))


def _ways(clause: Clause) -> Iterator[Dsl]:
    for way in clause.ways:
        if isinstance(way, Marked):
            yield terms_of("marks", way.marks)
        elif way.whole:
            yield _term("marks", word_mark(way.term))
        elif way.unless:
            yield _unless(way)
        else:
            yield _phrase(way.term)


def _called(clause: Clause) -> Iterator[Dsl]:
    for way in clause.ways:
        if isinstance(way, Text):
            yield _phrase(way.term, CALLED)
        elif itself := [mark for mark in way.marks if mark.startswith("is:")]:
            yield terms_of("marks", itself)


def _about(clause: Clause) -> Iterator[Dsl]:
    for way in clause.ways:
        if isinstance(way, Text):
            yield _phrase(way.term, ABOUT)
        else:
            yield terms_of("marks", way.marks)


def _term(field: str, value: str) -> Dsl:
    return {"term": {field: value}}


def _phrase(term: str, field: str = ALL) -> Dsl:
    return _words_of(field, phrase(term).tokens)


def _words_of(field: str, words: Sequence[str]) -> Dsl:
    """Documents with these tokens side by side."""
    if len(words) == 1:
        return _term(field, words[0])
    return {"match_phrase": {field: {"query": " ".join(words), "analyzer": "asked"}}}


def _interval(term: str) -> Dsl:
    words = " ".join(phrase(term).tokens)
    return {"query": words, "ordered": True, "max_gaps": 0, "analyzer": "asked"}


def _unless(way: Text) -> Dsl:
    """A term where it does not stand inside one of the strings that mean something else.

    One condition around the other: of several in an `any_of` the server forgets all where one of
    their words is nowhere in a segment.
    """
    source: Dsl = {"match": _interval(way.term)}
    for other in way.unless:
        outside = {"not_contained_by": {"match": _interval(other)}}
        source = {"all_of": {"intervals": [source], "filter": outside}}
    return {"intervals": {ALL: source}}


def _close(terms: Sequence[str]) -> Dsl:
    near = [{"match": _interval(term)} for term in terms]
    return {"intervals": {ALL: {"all_of": {"intervals": near, "max_gaps": CLOSE}}}}


def _pieces(word: str) -> list[Dsl]:
    return [
        {"bool": {"filter": [_term(ALL, left), _term(ALL, right)]}}
        for left, right in separate_pairs(word)
    ]


def _any(parts: Iterable[Dsl]) -> Dsl:
    found = list(parts)
    if not found:
        return {"match_none": {}}
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}
