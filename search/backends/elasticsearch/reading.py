"""Finds, counts, ranks and shows documents of the live generation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elastic_transport import ApiResponseMeta
from elasticsearch import ApiError, Elasticsearch, NotFoundError

from search.analysis import normalise
from search.backends.elasticsearch import matching
from search.backends.elasticsearch.matching import Dsl
from search.query import Filters, Query, Sort
from search.ranking import Fields, joined, score
from search.results import COUNT_LIMIT, Facets, Hit, Page
from search.snippets import Shown, Wanted, marked_title, snippets, wanted_of

RANKED = 30
"""So many of the newest hits are ranked, and so many of those that the server thinks best."""

# The order in which generations are sorted: reading ends as soon as enough is found.
_NEWEST = [{"day": "desc"}, {"id": "desc"}, {"type": "asc"}]
_FACETS = ("type", "stage", "team")
_VALUES = 1_000


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the index."""

    query: Query
    access: frozenset[str]
    filters: Filters
    sort: Sort
    page: int
    per_page: int

    @property
    def by_date(self) -> bool:
        """Whether newest first is all the order there is."""
        return self.sort is Sort.DATE or not self.query.ranks


@dataclass(frozen=True, slots=True)
class Found:
    """What matches: the newest hits, how many there are at least, and the counts by facet."""

    match: Dsl
    hits: Sequence[Mapping[str, Any]]
    best: Sequence[Mapping[str, Any]]
    total: int
    facets: Facets
    relaxed: bool = False


class Reader:
    """Answers questions from one alias."""

    def __init__(self, client: Elasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    def answer(self, ask: Ask) -> Page:
        """The asked page with totals and facets."""
        found = self._find(ask)
        start = (ask.page - 1) * ask.per_page
        ordered = self._ordered(ask, found, start, start + ask.per_page)
        wanted = wanted_of(ask.query, relaxed=found.relaxed)
        total = min(found.total, COUNT_LIMIT)
        return Page(
            hits=tuple(_shown(hit["_source"], points, wanted) for hit, points in ordered),
            total=total if found.total <= COUNT_LIMIT else None,
            total_at_least=total,
            facets=found.facets,
            relaxed=found.relaxed,
            page=ask.page,
            per_page=ask.per_page,
        )

    def _find(self, ask: Ask) -> Found:
        build = matching.all_terms
        found = self._matching(
            ask,
            build(ask.query, ask.access, ask.filters),
            build(ask.query, ask.access, matching.without_facets(ask.filters)),
        )
        if found.total:
            return found
        some = matching.some_terms(ask.query, ask.access, ask.filters)
        wider = matching.some_terms(ask.query, ask.access, matching.without_facets(ask.filters))
        if some is None or wider is None:
            return found
        relaxed = self._matching(ask, some, wider, relaxed=True)
        return relaxed if relaxed.total else found

    def _matching(self, ask: Ask, match: Dsl, wider: Dsl, *, relaxed: bool = False) -> Found:
        bodies = [self._newest(match, self._first(ask)), _counting(ask.filters, wider)]
        best = None if ask.by_date else matching.best(match, ask.query, relaxed=relaxed)
        if best is not None:
            bodies.append(_best(best))
        hits, counted, *others = self._ask_all(bodies)
        return Found(
            match=match,
            hits=hits["hits"]["hits"],
            best=[hit for answer in others for hit in answer["hits"]["hits"]],
            total=hits["hits"]["total"]["value"],
            facets=_facets(counted["aggregations"]),
            relaxed=relaxed,
        )

    def _first(self, ask: Ask) -> tuple[int, int]:
        """The stretch of the newest hits that is read with the count."""
        start = (ask.page - 1) * ask.per_page
        if ask.by_date:
            size = max(0, min(ask.per_page, COUNT_LIMIT - start))
            return min(start, COUNT_LIMIT), size
        return 0, RANKED

    def _newest(self, match: Dsl, stretch: tuple[int, int], *, source: bool = True) -> Dsl:
        start, size = stretch
        return {
            "query": match,
            "sort": _NEWEST,
            "from": start,
            "size": size,
            "track_total_hits": COUNT_LIMIT + 1,
            "_source": source,
        }

    def _ordered(
        self, ask: Ask, found: Found, start: int, until: int
    ) -> list[tuple[Mapping[str, Any], float]]:
        """The asked stretch of hits in their order, with scores where they were ranked."""
        if ask.by_date:
            return [(hit, 0.0) for hit in found.hits]
        candidates = {hit["_id"]: hit for hit in (*found.best, *found.hits)}
        scored = [
            (hit, round(score(ask.query, _fields(hit["_source"])), 4))
            for hit in candidates.values()
        ]
        scored.sort(key=lambda item: (-item[1], _place(item[0])))
        if until <= len(scored) or found.total <= len(scored):
            return scored[start:until]
        rest = self._rest(found, set(candidates), start - len(scored), until - len(scored))
        return [*scored[start:until], *((hit, 0.0) for hit in rest)]

    def _rest(
        self, found: Found, ranked: set[str], start: int, until: int
    ) -> list[Mapping[str, Any]]:
        """A stretch of the hits that were not ranked, newest first."""
        limit = min(max(until, 0) + len(ranked), COUNT_LIMIT)
        (answer,) = self._ask_all([self._newest(found.match, (0, limit), source=False)])
        others = [hit["_id"] for hit in answer["hits"]["hits"] if hit["_id"] not in ranked]
        wanted = others[max(start, 0) : until]
        if not wanted:
            return []
        body = self._newest({"ids": {"values": wanted}}, (0, len(wanted)))
        (shown,) = self._ask_all([body])
        hits: list[Mapping[str, Any]] = shown["hits"]["hits"]
        return hits

    def _ask_all(self, bodies: Iterable[Dsl]) -> list[Mapping[str, Any]]:
        """The answers to several questions, asked in one request."""
        head = {"index": self._index, "allow_partial_search_results": False}
        searches = [part for body in bodies for part in (head, body)]
        if not searches:
            return []
        answer = self._client.msearch(searches=searches)
        return [_checked(one, answer.meta) for one in answer["responses"]]


def _best(query: Dsl) -> Dsl:
    return {
        "query": query,
        "sort": [{"_score": "desc"}, *_NEWEST],
        "size": RANKED,
        "track_total_hits": False,
    }


def _checked(answer: Mapping[str, Any], meta: ApiResponseMeta) -> Mapping[str, Any]:
    """One answer of several; raises what it would have raised alone."""
    error = answer.get("error")
    if error is None:
        return answer
    status = int(answer.get("status", 500))
    kind = NotFoundError if status == 404 else ApiError
    own = ApiResponseMeta(status, meta.http_version, meta.headers, meta.duration, meta.node)
    raise kind(str(error.get("type")), own, {"error": error})


def _counting(filters: Filters, wider: Dsl) -> Dsl:
    """Counts by facet; each leaves its own filter aside, access and all others never."""
    wanted = {"type": filters.types, "stage": filters.stages, "team": filters.teams}
    by_facet: dict[str, Dsl] = {}
    for facet in _FACETS:
        others = [
            matching.terms_of(name, values)
            for name, values in wanted.items()
            if values and name != facet
        ]
        counted = {"terms": {"field": facet, "size": _VALUES}}
        by_facet[facet] = {"filter": {"bool": {"filter": others}}, "aggs": {"values": counted}}
    return {
        "query": wider,
        "size": 0,
        "aggs": by_facet,
        "terminate_after": COUNT_LIMIT,
        "track_total_hits": False,
    }


def _facets(counted: Mapping[str, Any]) -> Facets:
    return {
        facet: {
            bucket["key"]: bucket["doc_count"] for bucket in counted[facet]["values"]["buckets"]
        }
        for facet in _FACETS
    }


def _fields(source: Mapping[str, Any]) -> Fields:
    """What decides the rank of a document."""
    return Fields(
        type=source["type"],
        title=normalise(source["title"]),
        names=joined(source["names"]),
        about=joined(source["about"]),
        text=normalise(source["text"]),
        active=matching.ACTIVE in source["marks"],
        marks=frozenset(source["marks"]),
    )


def _place(hit: Mapping[str, Any]) -> tuple[int, int, str]:
    """Newest first, as the generation is sorted."""
    *_, day, id_, type_ = hit["sort"]
    return -int(day), -int(id_), str(type_)


def _shown(source: Mapping[str, Any], points: float, wanted: Wanted) -> Hit:
    names = list(dict.fromkeys((*source["names"], *source["about"])))
    return Hit(
        type=source["type"],
        id=source["id"],
        score=points,
        title=marked_title(source["title"], wanted),
        snippets=snippets(Shown(source["title"], source["text"], names), wanted),
    )
