"""Finds, counts, ranks and shows documents of a generation."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from search.backends.embedded import matching
from search.backends.embedded.matching import Match
from search.backends.embedded.schema import FACETS
from search.document import Key
from search.query import Filters, Query, Sort
from search.ranking import SEPARATOR, Fields, answers_all, score
from search.results import COUNT_LIMIT, Facets, Hit, Page
from search.snippets import Shown, Wanted, marked_title, snippets, wanted_of

RANKED = 100
"""Of more hits than this only the newest are ranked, and those that are called what was asked for
or have the terms side by side or close together: what else there is would come after them."""

_ENOUGH = COUNT_LIMIT // 2
"""Of a chosen facet, where the newest of all are counted: more than anybody pages through."""

_NAMED = 200
_DOUBTFUL = 1_000
"""Documents looked at for whether a name stands in them in its own meaning; the newest."""
NO_MARKS: frozenset[str] = frozenset()
# The braces take question marks and conditions of `_where`, nothing else.
_KEYS = "SELECT rowid FROM fts WHERE {} ORDER BY rowid LIMIT ?"
_CANDIDATES = (
    "SELECT key, type, n_title, n_names, n_about, n_text, active, flags FROM docs WHERE key IN ({})"
)
_SHOWN = "SELECT key, type, id, title, text, names FROM docs WHERE key IN ({})"
_FACETS = "SELECT facet, type, stage, team FROM facets WHERE facet IN ({})"


Values = tuple[str, str, str]
"""Type, stage and team of a document."""


@dataclass(frozen=True, slots=True)
class Found:
    """What matches: the keys, newest first, up to the count limit.

    `facets` counts what matches before the filters that are facets themselves; `values` says what
    they stand for. `cut` says that there may be more keys than these.
    """

    match: Match
    keys: list[int]
    facets: Counter[int]
    values: dict[int, Values]
    cut: bool
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the index."""

    query: Query
    access: frozenset[str]
    filters: Filters
    sort: Sort
    page: int
    per_page: int


class Reader:
    """Answers questions from one generation, inside one read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def answer(self, ask: Ask) -> Page:
        """The asked page with totals and facets."""
        found = self._find(ask)
        start = (ask.page - 1) * ask.per_page
        ordered = self._ordered(ask, found, start + ask.per_page)
        hits = self._show(wanted_of(ask.query, relaxed=found.relaxed), ordered[start:])
        total = len(found.keys)
        return Page(
            hits=tuple(hits),
            total=None if found.cut else total,
            total_at_least=total,
            facets=_facets(ask.filters, found),
            relaxed=found.relaxed,
            page=ask.page,
            per_page=ask.per_page,
        )

    def _find(self, ask: Ask) -> Found:
        match = matching.all_terms(ask.query, ask.access, ask.filters)
        found = self._narrowed(ask, match, lambda filters: self._all(ask, filters))
        if not found.keys:
            wider = matching.some_terms(ask.query, ask.access, ask.filters)
            if wider is not None:
                some = self._narrowed(ask, wider, lambda filters: self._some(ask, filters))
                if some.keys:
                    return replace(some, relaxed=True)
        return found

    def _narrowed(self, ask: Ask, match: Match, keys_of: Callable[[Filters], list[int]]) -> Found:
        """What matches, asked for once: before the facets are chosen among, if any is.

        Only where so much matches that the chosen may be missing, they are asked for alone.
        """
        filters = ask.filters
        wide = keys_of(matching.without_facets(filters))
        keys, cut = wide[:COUNT_LIMIT], len(wide) > COUNT_LIMIT
        facets = Counter(map((FACETS - 1).__and__, keys))
        values = self._values(list(facets))
        chosen = _chosen(filters)
        passing = {facet for facet, own in values.items() if all(_passes(own, chosen))}
        if len(passing) < len(values):
            keys = [key for key in keys if key & (FACETS - 1) in passing]
        if cut and len(keys) < _ENOUGH:
            alone = keys_of(filters)
            keys, cut = alone[:COUNT_LIMIT], len(alone) > COUNT_LIMIT
        return Found(match, keys, facets, values, cut)

    def _some(self, ask: Ask, filters: Filters) -> list[int]:
        match = matching.some_terms(ask.query, ask.access, filters)
        return self._keys(match) if match else []

    def _values(self, facets: Sequence[int]) -> dict[int, Values]:
        """What facets stand for."""
        rows = self._connection.execute(_FACETS.format(_marks(facets)), facets)
        return {facet: (type_, stage, team) for facet, type_, stage, team in rows}

    def _all(self, ask: Ask, filters: Filters) -> list[int]:
        """The newest keys of documents with all terms, each in its own meaning."""
        keys = self._keys(matching.all_terms(ask.query, ask.access, filters))
        if not ask.query.ambiguous:
            return keys
        open_keys = self._keys(matching.doubtful(ask.query, ask.access, filters), _DOUBTFUL)
        sure = [
            key
            for key, fields in self._fields(ask.query, open_keys)
            if answers_all(ask.query, fields)
        ]
        return sorted({*keys, *sure})[: COUNT_LIMIT + 1]

    def _keys(self, match: Match, limit: int = COUNT_LIMIT + 1) -> list[int]:
        """The newest keys of a match."""
        where, values = _where(match)
        rows = self._connection.execute(_KEYS.format(where), (*values, limit)).fetchall()
        return [key for (key,) in rows]

    def _ordered(self, ask: Ask, found: Found, until: int) -> list[tuple[int, float]]:
        """The first `until` hits in their order, with scores where they were ranked."""
        keys = found.keys
        if ask.sort is Sort.DATE or not ask.query.ranks:
            return [(key, 0.0) for key in keys[:until]]
        candidates = dict.fromkeys(keys[:RANKED])
        if len(keys) > RANKED:
            for narrow in (
                matching.in_names(found.match, ask.query),
                matching.in_own_names(found.match, ask.query),
                matching.preferred(found.match, ask.query),
                matching.as_typed(found.match, ask.query),
                matching.as_phrase(found.match, ask.query),
                matching.close_together(found.match, ask.query),
                matching.most_terms(found.match, ask.query) if found.relaxed else None,
            ):
                if narrow is not None:
                    candidates.update(dict.fromkeys(self._keys(narrow, _NAMED)))
        ranked = self._scores(ask.query, list(candidates))
        ranked.sort(key=lambda item: (-item[1], item[0]))
        rest = ((key, 0.0) for key in keys if key not in candidates)
        return list(islice(chain(ranked, rest), until))

    def _scores(self, query: Query, keys: Sequence[int]) -> list[tuple[int, float]]:
        return [(key, round(score(query, fields), 4)) for key, fields in self._fields(query, keys)]

    def _fields(self, query: Query, keys: Sequence[int]) -> Iterator[tuple[int, Fields]]:
        """What decides the rank of these documents; marks only where the query asks for some."""
        marked = query.asks_for_marks
        rows = self._connection.execute(_CANDIDATES.format(_marks(keys)), keys)
        for key, type_, title, names, about, text, active, flags in rows:
            marks = frozenset(flags.replace(" _", " ")[1:].split()) if marked else NO_MARKS
            yield key, Fields(type_, title, names, about, text, bool(active), marks)

    def _show(self, wanted: Wanted, page: Sequence[tuple[int, float]]) -> list[Hit]:
        rows = self._connection.execute(_SHOWN.format(_marks(page)), [key for key, _ in page])
        by_key = {row[0]: row[1:] for row in rows}
        hits: list[Hit] = []
        for key, points in page:
            type_, id_, title, text, names = by_key[key]
            shown = Shown(title, text, names.split(SEPARATOR) if names else ())
            hits.append(
                Hit(
                    type=type_,
                    id=id_,
                    score=points,
                    title=marked_title(title, wanted),
                    snippets=snippets(shown, wanted),
                )
            )
        return hits


def _facets(filters: Filters, found: Found) -> Facets:
    """Counts by type, stage and team; each leaves out the filter on itself alone."""
    chosen = _chosen(filters)
    facets: Facets = {name: {} for name in ("type", "stage", "team")}
    for facet, own in found.values.items():
        passes = _passes(own, chosen)
        for place, counts in enumerate(facets.values()):
            others = passes[:place] + passes[place + 1 :]
            if own[place] and all(others):
                counts[own[place]] = counts.get(own[place], 0) + found.facets[facet]
    return facets


def _chosen(filters: Filters) -> tuple[Sequence[str], ...]:
    return filters.types, filters.stages, filters.teams


def _passes(own: Values, chosen: Sequence[Sequence[str]]) -> list[bool]:
    """Whether each value is among those chosen, if any is."""
    return [not wanted or value in wanted for wanted, value in zip(chosen, own, strict=True)]


def documents(connection: sqlite3.Connection) -> dict[str, int]:
    """How many documents are stored, by type."""
    return dict(connection.execute("SELECT type, count(*) FROM docs GROUP BY type").fetchall())


def fingerprints(connection: sqlite3.Connection, type: str) -> dict[int, str]:
    """The fingerprints of one type, by id."""
    return dict(
        connection.execute("SELECT id, fingerprint FROM docs WHERE type = ?", (type,)).fetchall()
    )


def journalled(connection: sqlite3.Connection) -> list[Key]:
    """The keys written since a rebuild began."""
    return [Key(*row) for row in connection.execute("SELECT type, id FROM journal")]


def _where(match: Match) -> tuple[str, list[str | int]]:
    where = "fts MATCH ?"
    values: list[str | int] = [match.expression]
    if match.low is not None:
        where += " AND rowid >= ?"
        values.append(match.low)
    if match.high is not None:
        where += " AND rowid < ?"
        values.append(match.high)
    return where, values


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
