"""The search page, and what the command palette suggests."""

from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from crm.accounts.guards import requires
from crm.core.labels import N_
from crm.core.permissions import Capability
from crm.core.web import current_actor, wants_fragment
from crm.find import chips, filters, highlight, queries
from crm.find.routes.blueprint import bp
from crm.find.services import saved as saved_searches
from crm.find.suggest import Suggestion, suggest
from crm.leads.stages import Stage, Status
from search.errors import QueryTooLong

ENGINES = {"embedded": N_("内置引擎"), "elasticsearch": "Elasticsearch"}

_MOST_SAVED = 5

bp.add_app_template_filter(highlight.marked, "found_by")


@bp.get("/search")
@requires(Capability.SEE_BUSINESS)
def search() -> str | Response | tuple[str, int]:
    """The search page; htmx gets the list alone."""
    asked = filters.read(request.args.to_dict() | _repeated())
    context: dict[str, Any] = {
        "asked": asked,
        "types": filters.TYPES,
        "stages": Stage,
        "statuses": Status,
        "address": _address,
        "engines": ENGINES,
        "anchor": highlight.ANCHOR,
        "answer": None,
        "kept": filters.kept(request.args),
        "saved": saved_searches.own(current_actor()) if asked.is_empty else [],
        "too_long": None,
    }
    status = 200
    if not asked.is_empty:
        try:
            answer = queries.run(current_actor(), asked)
            context |= {"answer": answer, "chips": chips.shown(answer.query)}
        except QueryTooLong as error:
            context["too_long"], status = error.params["limit"], 422
    template = "find/_found.html" if wants_fragment() else "find/search.html"
    return render_template(template, **context), status


@bp.get("/suggest.json")
@requires(Capability.SEE_BUSINESS)
def suggest_json() -> dict[str, Any]:
    """Suggestions for the palette: `{"items": [{type, id, name, detail, url}]}`.

    One's own saved searches stand before the records; without a word they are all there is.
    """
    q = request.args.get("q", "")
    found = suggest(current_actor(), q)
    return {"items": [*_own(q), *(_item(suggestion) for suggestion in found)]}


def _own(q: str) -> list[dict[str, Any]]:
    """The person's saved searches of such a name; all, as far as there is room, for no name."""
    wanted = q.strip().lower()
    kept = [one for one in saved_searches.own(current_actor()) if wanted in one.name.lower()]
    return [
        {
            "type": "saved",
            "id": one.id,
            "name": one.name,
            "detail": one.asked.get("q", ""),
            "matched": "",
            "url": url_for("find.open_saved", saved_id=one.id),
        }
        for one in kept[:_MOST_SAVED]
    ]


def _item(found: Suggestion) -> dict[str, Any]:
    urls = {
        "company": lambda: url_for("companies.detail", company_id=found.id),
        "lead": lambda: url_for("leads.detail", lead_id=found.id),
        "person": lambda: url_for("find.search", owner=found.ref),
    }
    return {
        "type": found.type,
        "id": found.id,
        "name": found.name,
        "detail": found.detail,
        "matched": found.matched,
        "url": urls[found.type](),
    }


def _repeated() -> dict[str, str]:
    """Checkboxes of one name arrive several times; the reader takes them as a list."""
    return {key: ",".join(request.args.getlist(key)) for key in ("type", "stage", "status")}


def _address(**changes: Any) -> str:
    """The page's address with some parameters changed; None takes one away."""
    kept: dict[str, list[Any]] = {
        key: values for key, values in request.args.lists() if key not in ("page", *changes)
    }
    kept.update({key: [value] for key, value in changes.items() if value not in (None, "")})
    return f"{url_for('find.search')}?{urlencode(kept, doseq=True)}"
