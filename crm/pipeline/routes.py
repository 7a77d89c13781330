"""The desk: what to do first, and which clock is running out."""

from datetime import date
from functools import partial

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires, signed_in
from crm.accounts.signed_out import is_local
from crm.core import clock
from crm.core.calendar import workdays_between
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, home_url, wants_fragment
from crm.leads.contact_forms import ContactForm
from crm.leads.contact_routes.drawing import Picks, quick_context
from crm.leads.queries import Standards
from crm.pipeline import queries, services
from crm.pipeline.queries import Scope

bp = Blueprint("desk", __name__)


@bp.get("/")
@signed_in
def show() -> ResponseReturnValue:
    """Next steps, leads with their lights, response clocks, what the team did.

    Roles that work on no leads are sent to the first page that is theirs.
    """
    actor, today = current_actor(), clock.today()
    if not actor.can(Capability.LOG_CONTACTS):
        return redirect(home_url(actor), 303)
    scope = Scope(actor, is_team=request.args.get("scope") == "team")
    standards = Standards.of(today)
    clocks = queries.awaiting(scope, standards)
    form = ContactForm(formdata=None, place="desk")
    form.start(today)
    return render_template(
        "pipeline/desk.html",
        scope=scope,
        steps=queries.steps(scope, today),
        done=queries.done_today(scope, today),
        leads=queries.my_leads(scope, standards),
        clocks=clocks,
        unanswered=queries.awaiting_answer(clocks),
        feed=queries.feed(scope),
        notices=queries.notices(actor),
        overdue_days=partial(workdays_since, standards),
        **quick_context(form, Picks.of(form, several=False)),
    )


def workdays_since(standards: Standards, day: date) -> int:
    """How many working days ago a day was."""
    return workdays_between(day, standards.today, standards.exceptions)


@bp.post("/notices/<int:notice_id>")
@requires(Capability.SEE_BUSINESS)
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark a notice as read and go to what it is about."""
    actor = current_actor()
    notice = queries.notice_of(actor, notice_id)
    if notice is None:
        abort(404)
    target = notice.url if is_local(notice.url) else home_url(actor)
    with unit_of_work():
        services.mark_read(actor=actor, notice_id=notice_id)
    return redirect(target, 303)


@bp.post("/notices")
@requires(Capability.SEE_BUSINESS)
def read_notices() -> ResponseReturnValue:
    """Mark all own notices as read."""
    with unit_of_work():
        services.mark_read(actor=current_actor())
    if wants_fragment():
        return Response(status=204, headers={"HX-Trigger": "notices-read"})
    flash(_("通知已全部标为已读。"))
    return redirect(home_url(current_actor()), 303)
