"""Search, suggestions, and the description of the API itself."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from flask import Response
from flask_babel import gettext as _

from crm.accounts.guards import public
from crm.api import answers, openapi, tokens
from crm.api.answers import Json, day
from crm.api.blueprint import bp
from crm.api.openapi import operation
from crm.api.records import companies
from crm.api.schemas.find import SearchAnswer, SearchQuery, SuggestionList, SuggestQuery
from crm.core.errors import FieldErrors
from crm.find import filters, queries
from crm.find.results import FoundLead, Result
from crm.find.suggest import MOST, suggest as find_suggestions
from search.errors import QueryTooLong
from search.query import Chip, Meaning, Sort

TAG = "search"
_TYPES = (*filters.TYPES, "project")
_MARK = re.compile(r"</?mark>")


@bp.get("/search")
@operation(answers=SearchAnswer, tag=TAG, name="search")
def search(query: SearchQuery) -> Response:
    """Search notes, leads and companies in words.

    Snippets are HTML in which everything found is escaped and hits stand in `<mark>`. With the
    engine down the answer is empty and `degraded`.
    """
    try:
        found = queries.run(tokens.caller(), _request(query))
    except QueryTooLong as error:
        text = _("搜索词太长，最多 %(limit)s 个字。", limit=error.params["limit"])
        raise FieldErrors({"q": [text]}) from error
    page = found.page
    body = answers.envelope(
        [_hit(result) for result in found.results],
        total=page.total,
        at_least=page.total_at_least,
        page=page.page,
        per_page=page.per_page,
    )
    return answers.respond(
        body
        | {
            "engine": page.engine,
            "took_ms": round(page.took_ms, 2),
            "understood": _understood(found.understood),
            "facets": _facets(found),
            "did_you_mean": found.did_you_mean,
            "relaxed": page.relaxed,
            "degraded": page.degraded,
        }
    )


_GROUPS = {
    Meaning.FIRM: "firms", Meaning.DATE: "dates", Meaning.AMOUNT: "amounts",
    Meaning.RANGE: "amounts", Meaning.STAGE: "stages", Meaning.STATUS: "statuses",
    Meaning.KIND: "kinds", Meaning.PERSON: "people", Meaning.EXCLUDED: "exclusions",
    Meaning.PHRASE: "phrases", Meaning.WORD: "words", Meaning.IGNORED: "ignored",
}  # fmt: skip


_VALUES = ("id", "name", "key", "from", "to", "dimension", "low", "high")


def _understood(chips: Iterable[Chip]) -> dict[str, list[Json]]:
    """What the query was read as, by meaning."""
    found: dict[str, list[Json]] = {name: [] for name in _GROUPS.values()}
    for chip in chips:
        values = {name: chip.value.get(name) for name in _VALUES}
        found[_GROUPS[chip.kind]].append({"text": chip.text, "raw": chip.raw, **values})
    return found


def _request(query: SearchQuery) -> filters.Request:
    unknown = [one for one in query.type if one not in _TYPES]
    if unknown:
        text = _("不在可选值里：%(values)s。", values="、".join(_TYPES))
        raise FieldErrors({"type": [text]})
    return filters.Request(
        q=query.q,
        types=query.type,
        stages=tuple(stage.value for stage in query.stage),
        statuses=tuple(status.value for status in query.status),
        team=query.team.strip(),
        owner=query.owner.strip(),
        company=query.company.strip(),
        since=query.from_,
        until=query.to,
        sort=Sort(query.sort),
        page=query.page,
        per_page=query.per_page,
    )


def _hit(result: Result) -> Json:
    hit = result.hit
    return {
        "type": hit.type,
        "id": hit.id,
        "ref": result.ref,
        "title": unescape(_MARK.sub("", hit.title)),
        "title_html": hit.title,
        "snippets": list(hit.snippets),
        "company": companies.named(result.company),
        "lead": _lead(result.lead),
        "occurred_on": day(result.occurred_on),
        "score": round(hit.score, 4),
    }


def _lead(lead: FoundLead | None) -> Json | None:
    return {"id": lead.id, "ref": lead.ref, "title": lead.title} if lead else None


def _facets(found: queries.Answer) -> dict[str, Any]:
    """Counts by type, stage and team, the teams by name."""
    facets = found.page.facets
    teams: dict[str, int] = {}
    for key, count in facets.get("team", {}).items():
        name = found.teams.get(key)
        if name is not None:
            teams[name] = teams.get(name, 0) + count
    return {
        "type": dict(facets.get("type", {})),
        "stage": dict(facets.get("stage", {})),
        "team": teams,
    }


@bp.get("/suggest")
@operation(answers=SuggestionList, tag=TAG, name="suggest")
def suggest(query: SuggestQuery) -> Response:
    """Suggest companies, leads and people while someone types.

    At most ten, by prefix, alias, pinyin and initials.
    """
    items = [
        {
            "type": one.type,
            "id": one.id,
            "ref": one.ref,
            "name": one.name,
            "detail": one.detail,
            "matched": one.matched,
        }
        for one in find_suggestions(tokens.caller(), query.q)
    ]
    body = answers.envelope(items, total=len(items), page=1, per_page=MOST)
    return answers.respond(body)


@bp.get("/openapi.json")
@public
def describe() -> Response:
    """This API as an OpenAPI 3.1 document; it holds no data, so it needs no token."""
    return answers.respond(openapi.build())
