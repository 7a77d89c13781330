"""Runs a search: ids from the engine, rows from the database."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from crm import indexing
from crm.accounts.models import Team
from crm.core.clock import now, today
from crm.core.figures import SEARCH_FAILURES
from crm.core.permissions import Actor, actor_tokens
from crm.extensions import db
from crm.find.filters import Request, resolve
from crm.find.lexicon import DatabaseLexicon
from crm.find.results import Result, load
from search.marks import added_between
from search.query import Chip, Clause, Filters, Marked, Meaning, Query
from search.results import Page
from search.understanding import loosened, mended, read


@dataclass(frozen=True)
class Answer:
    """One page of results with everything that is said about the search itself."""

    results: list[Result]
    page: Page
    query: Query
    teams: dict[str, str]

    @property
    def understood(self) -> tuple[Chip, ...]:
        """The parts of the query as they were read."""
        return self.query.understood

    @property
    def did_you_mean(self) -> str | None:
        """The query with its slips mended."""
        return self.query.suggestion


FEW = 5
"""Hits below which a word is looked at for a slip."""


def run(actor: Actor, request: Request) -> Answer:
    """Search as this person. Raises search.errors.QueryTooLong for more than 200 characters."""
    lexicon = DatabaseLexicon()
    query = read(request.q, lexicon, today())
    filters = resolve(request)
    if filters is None:
        engine = indexing.index().engine.name
        page = Page(engine=engine, page=request.page, per_page=request.per_page)
    else:
        indexing.catch_up(actor.id)
        query, page = _understood(actor, request, filters, query, lexicon)
    results = load(actor, page.hits)
    if filters is not None and len(results) < len(page.hits):
        page, results = _asked_anew(actor, request, filters, query, page)
    page, results = _added_only(request, page, results)
    return Answer(results, page, query, _team_names(page, filters.teams if filters else ()))


def _asked_anew(
    actor: Actor, request: Request, filters: Filters, query: Query, page: Page
) -> tuple[Page, list[Result]]:
    """The answer once the index knows what the rows say: a lead may have turned confidential.

    Whatever the index still has wrong is neither counted nor broken down.
    """
    indexing.index().flush_own({hit.key for hit in page.hits})
    page = _ask(actor, request, filters, query)
    results = load(actor, page.hits)
    lost = len(page.hits) - len(results)
    if lost:
        total = None if page.total is None else page.total - lost
        page = replace(page, total=total, total_at_least=page.total_at_least - lost, facets={})
    return page, results


def _added_only(request: Request, page: Page, results: list[Result]) -> tuple[Page, list[Result]]:
    """Without records of the second asked for that came before the moment."""
    if request.added is None:
        return page, results
    kept = [one for one in results if one.created_at > request.added]
    if page.total is not None and page.total <= page.per_page:
        page = replace(page, total=len(kept), total_at_least=len(kept))
    return page, kept


def _understood(
    actor: Actor, request: Request, filters: Filters, query: Query, lexicon: DatabaseLexicon
) -> tuple[Query, Page]:
    """The answer to the query, or to what it may have been meant to be where it finds little."""
    page = _ask(actor, request, filters, query)
    if page.degraded or not (page.relaxed or page.total_at_least < FEW):
        return query, page
    if query.required and (page.relaxed or not page.total_at_least):
        other = loosened(query)
        found = _ask(actor, request, filters, other)
        if found.total_at_least and not found.relaxed:
            return other, found
    meant = mended(query, lexicon)
    if meant is not query:
        found = _ask(actor, request, filters, meant)
        if found.total_at_least and not (found.relaxed and page.total_at_least):
            return meant, found
        if found.total_at_least:
            return replace(query, suggestion=meant.suggestion), page
    return query, page


def _ask(actor: Actor, request: Request, filters: Filters, query: Query) -> Page:
    page = indexing.index().search(
        _narrowed(query, request.added),
        access=actor_tokens(actor),
        filters=filters,
        sort=request.sort,
        page=request.page,
        per_page=request.per_page,
    )
    if page.degraded:
        SEARCH_FAILURES.labels("query").inc()
    return page


def strict_matches(actor: Actor, request: Request) -> list[Result] | None:
    """What answers all that is asked, exactly as it is written; None with the engine away."""
    query = read(request.q, DatabaseLexicon(), today())
    filters = resolve(request)
    if filters is None:
        return []
    page = _ask(actor, request, filters, query)
    if page.degraded:
        return None
    if page.relaxed:
        return []
    return _added_only(request, page, load(actor, page.hits))[1]


def _narrowed(query: Query, added: datetime | None) -> Query:
    """The query for records that have come in since."""
    if added is None:
        return query
    since = Clause(Meaning.DATE, (Marked(tuple(added_between(added, now()))),), must=True)
    return replace(query, required=(*query.required, since))


def _team_names(page: Page, chosen: Collection[str] = ()) -> dict[str, str]:
    ids = [int(key) for key in page.facets.get("team", {}) if key.isdigit()]
    ids += [int(key) for key in chosen if key not in page.facets.get("team", {})]
    if not ids:
        return {}
    rows = db.session.execute(select(Team.id, Team.name).where(Team.id.in_(ids)))
    return {str(team_id): name for team_id, name in rows}
