"""New contacts: the quick form in the dialog and on the desk, and the full form."""

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core import clock
from crm.core.errors import Conflict, DomainError
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, trigger, wants_fragment
from crm.interactions.models import Interaction
from crm.interactions.services import find_submission
from crm.leads.contact_forms import ContactForm
from crm.leads.contact_intake import enter_contact
from crm.leads.contact_routes.blueprint import (
    back_url,
    bp,
    entry_of,
    show_refusal,
    to_page,
)
from crm.leads.contact_routes.drawing import Picks, full_context, prefill, quick_context

PLACES = ("quick", "desk")


@bp.route("/quick", methods=["GET", "POST"])
@requires(Capability.LOG_CONTACTS)
def quick() -> ResponseReturnValue:
    """The form of three fields, alone: for the dialog, the desk and phones."""
    place = request.values.get("place", "quick")
    form = ContactForm(place=place if place in PLACES else "quick")
    if request.method == "GET":
        prefill(form)
        return _draw_quick(form)
    status = 422
    if form.validate():
        try:
            saved = _save(form, several=False)
        except DomainError as error:
            status = show_refusal(form, error)
        else:
            return _quick_done(form, saved)
    if not wants_fragment():
        return _draw_full(form, status)
    return _draw_quick(form), status


@bp.route("/new", methods=["GET", "POST"])
@requires(Capability.LOG_CONTACTS)
def new() -> ResponseReturnValue:
    """The full form: several companies, contacts, colleagues, files."""
    form = ContactForm()
    if request.method == "GET":
        prefill(form)
        return _draw_full(form)
    status = 422
    if form.validate():
        try:
            saved = _save(form, several=True)
        except DomainError as error:
            status = show_refusal(form, error)
        else:
            return to_page(back_url(_page_of(saved)), _("已记录。"))
    return _draw_full(form, status)


def _save(form: ContactForm, *, several: bool) -> Interaction:
    """Save once: a form sent twice gives what was saved the first time."""
    actor, today = current_actor(), clock.today()
    key = form.submission_key.data
    try:
        with unit_of_work():
            entry = entry_of(form, several=several)
            return find_submission(actor=actor, key=key) or enter_contact(
                actor=actor, on=today, entry=entry
            )
    except Conflict:
        first = find_submission(actor=actor, key=key)
        if first is None:
            raise
        return first


def _quick_done(form: ContactForm, saved: Interaction) -> ResponseReturnValue:
    if not wants_fragment():
        return to_page(back_url(_page_of(saved)), _("已记录。"))
    fresh = ContactForm(formdata=None, place=form.place)
    fresh.start(clock.today())
    step = _("，下一步 %(day)s", day=saved.next_on.isoformat()) if saved.next_on else ""
    return trigger(
        make_response(_draw_quick(fresh)),
        toast=_("已记录%(step)s。", step=step),
        dialog_close=form.place == "quick",
        draft_clear=request.form.get("draft_key", "")[:80],
        contact_logged=saved.id,
    )


def _page_of(saved: Interaction) -> str:
    return url_for("interactions.detail", interaction_id=saved.id)


def _draw_quick(form: ContactForm) -> str:
    picks = Picks.of(form, several=False)
    return render_template("contact_log/_quick.html", **quick_context(form, picks))


def _draw_full(form: ContactForm, status: int = 200) -> ResponseReturnValue:
    picks = Picks.of(form, several=True)
    page = render_template("contact_log/form.html", **full_context(form, picks))
    return page, status
