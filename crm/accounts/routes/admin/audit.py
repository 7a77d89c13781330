"""The audit log: who did what and when, without the text of business records."""

from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.audit_words import (
    FIELDS,
    MOVES_OF_DATA,
    SUBJECTS,
    VERBS,
    WITHOUT_BUSINESS_TEXT,
)
from crm.accounts.guards import requires
from crm.accounts.queries import admin
from crm.accounts.queries.admin import AuditFilters
from crm.accounts.routes.admin.blueprint import bp, same_page, wanted_page
from crm.core.activity import Activity
from crm.core.permissions import Capability


@bp.get("/audit")
@requires(Capability.READ_AUDIT)
def audit() -> ResponseReturnValue:
    """One page of the log."""
    asked = request.args
    filters = AuditFilters(
        actor_id=asked.get("person", type=int),
        verb=asked.get("verb", "")[:40],
        subject=asked.get("subject", "") if asked.get("subject") in SUBJECTS else "",
        first=_day(asked.get("from", "")),
        last=_day(asked.get("to", "")),
    )
    log = admin.audit_page(filters, page=wanted_page())
    about = [row.subject_id for row in log.items if row.subject_type == "user" and row.subject_id]
    usernames = admin.names_of(about)
    return render_template(
        "admin/audit.html",
        log=log,
        filters=filters,
        people=admin.people_by_name(),
        usernames=usernames,
        details={row.id: _details(row, usernames) for row in log.items},
        verbs=VERBS,
        subjects=SUBJECTS,
        url=same_page,
    )


def _details(row: Activity, usernames: dict[int, str]) -> list[str]:
    """What the auditor may read of a deed: nothing that a business record says."""
    changes = row.changes or {}
    if row.verb in MOVES_OF_DATA:
        return [row.summary, *_filter_lines(changes.get("filter"))]
    if row.subject_type not in WITHOUT_BUSINESS_TEXT:
        return [_("改动 %(n)s 项", n=len(changes))] if changes else []
    about = row.summary if row.summary != usernames.get(row.subject_id or 0) else ""
    lines = [about] if about else []
    for name, pair in changes.items():
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        lines.append(
            _(
                "%(name)s：%(before)s → %(after)s",
                name=_(FIELDS.get(name, name)),
                before=_shown(before),
                after=_shown(after),
            )
        )
    return lines


def _filter_lines(pair: Any) -> list[str]:
    """The filter of an export; words that were searched for may name a firm and stay out."""
    wanted = pair[-1] if isinstance(pair, list) and pair else None
    if not isinstance(wanted, dict):
        return []
    shown = {name: value for name, value in wanted.items() if value not in (None, "", [], {})}
    return [f"{name} = {_('（已填）') if name == 'q' else value}" for name, value in shown.items()]


def _shown(value: object) -> str:
    """One side of a change as the log shows it."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return _(value) if isinstance(value, str) else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
