"""The audit log: who did what and when, without the text of business records."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.audit_words import FIELDS, SUBJECTS, VERBS, WITHOUT_BUSINESS_TEXT
from crm.accounts.guards import requires
from crm.accounts.queries import admin
from crm.accounts.queries.admin import AuditFilters
from crm.accounts.routes.admin.blueprint import bp, same_page, wanted_page
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
    return render_template(
        "admin/audit.html",
        log=log,
        filters=filters,
        people=admin.people_by_name(),
        usernames=admin.names_of(about),
        verbs=VERBS,
        subjects=SUBJECTS,
        open_subjects=WITHOUT_BUSINESS_TEXT,
        fields=FIELDS,
        value=_shown,
        url=same_page,
    )


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
