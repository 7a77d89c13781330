"""The pages of interactions: list, one note, its files."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.accounts.models import User
from crm.companies.models import Company
from crm.core import clock
from crm.core.permissions import Capability
from crm.core.web import current_actor
from crm.interactions import queries, storage
from crm.interactions.filetypes import INLINE
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.queries import InteractionFilters
from crm.interactions.queries.lists import DEFAULT_SORT, SORTS
from crm.interactions.queries.one import named
from crm.interactions.rights import guard_of, may_complete, may_revise

bp = Blueprint("interactions", __name__)

PER_PAGE = 50
# A file must not run anything, whatever a browser takes it for.
FILE_CSP = "default-src 'none'; sandbox"


@bp.get("/interactions/", endpoint="list")
@requires(Capability.SEE_BUSINESS)
def list_page() -> ResponseReturnValue:
    """What was said, newest first, within the viewer's access; all of the view is its address."""
    actor = current_actor()
    filters = InteractionFilters.read(request.args, request.args.to_dict(flat=False))
    sort = request.args.get("sort", DEFAULT_SORT)
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    page = queries.interaction_page(
        actor, filters, sort=sort, page=request.args.get("page", 1, type=int), per_page=PER_PAGE
    )
    return render_template(
        "interactions/list.html",
        page=page,
        filters=filters,
        sort=sort,
        address=_address,
        leads=queries.lead_briefs(actor, [row.lead_id for row in page.items]),
        chosen=_chosen(filters),
        teams=queries.teams(),
        kinds=list(InteractionKind),
        outcomes=list(Outcome),
        today=clock.today(),
    )


def _address(**changes: Any) -> str:
    """The address of this view with some of its parameters changed; None takes one away."""
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    kept.pop("page", None)
    kept.update(changes)
    return url_for("interactions.list", **{k: v for k, v in kept.items() if v not in (None, [""])})


def _chosen(filters: InteractionFilters) -> dict[str, tuple[int, str] | None]:
    """The records that the filters name, as chips show them."""
    lead = queries.lead_briefs(current_actor(), [filters.lead_id])
    return {
        "author": named(User, filters.author_id),
        "owner": named(User, filters.next_owner_id),
        "company": named(Company, filters.company_id),
        "lead": next(((brief.id, brief.title) for brief in lead.values()), None),
    }


@bp.get("/interactions/<int:interaction_id>")
@requires(Capability.SEE_BUSINESS)
def detail(interaction_id: int) -> ResponseReturnValue:
    """One note: what was said, by whom, what comes next, what it said before."""
    actor = current_actor()
    row = queries.get_interaction(actor, interaction_id)
    lead = guard_of(row)
    return render_template(
        "interactions/detail.html",
        row=row,
        lead=queries.lead_briefs(actor, [row.lead_id]).get(row.lead_id or 0),
        revisions=queries.revisions_of(row),
        may_revise=may_revise(actor, row, lead),
        may_complete=may_complete(actor, row, lead),
        kinds={kind.value: kind.label for kind in InteractionKind},
        outcomes={outcome.value: outcome.label for outcome in Outcome},
        today=clock.today(),
    )


@bp.get("/files/<token>")
@requires(Capability.SEE_BUSINESS)
def attachment(token: str) -> ResponseReturnValue:
    """A file, after the same check as its interaction; only pictures are shown in the page."""
    found = queries.find_attachment(current_actor(), token)
    path = storage.path_of(found.token)
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype=found.media_type, conditional=True, etag=found.sha256)
    way = "inline" if found.media_type in INLINE and "save" not in request.args else "attachment"
    response.headers["Content-Disposition"] = disposition(way, found.name)
    response.headers["Content-Security-Policy"] = FILE_CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def disposition(way: str, name: str) -> str:
    """The header that names a file (RFC 6266), in ASCII and, by RFC 5987, as it is called."""
    plain = "".join(c if 32 <= ord(c) < 127 and c not in '"\\%' else "_" for c in name)
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@bp.app_template_filter("size")
def size(count: int) -> str:
    """A number of bytes as people say it."""
    if count < 1024 * 1024:
        return _("%(size)s KB", size=max(1, round(count / 1024)))
    return _("%(size)s MB", size=round(count / 1024 / 1024, 1))
