"""The blueprint, and what its views share: reading the form, answering after a save."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.signed_out import is_local
from crm.companies.queries import person_named
from crm.core import clock
from crm.core.errors import DomainError, FieldErrors
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.services import InteractionValues, Upload
from crm.leads.contact_forms import ContactForm
from crm.leads.contact_intake import ContactEntry

bp = Blueprint("contact_log", __name__, url_prefix="/log")

# The services' names of values → fields of the form.
FIELDS = {
    "company_ids": "company",
    "lead_id": "lead",
    "contact_ids": "contacts",
    "participant_ids": "participants",
    "done_step_ids": "done_steps",
}


def values_of(form: ContactForm) -> InteractionValues:
    """What the form says of the contact itself. Raises FieldErrors for an unknown colleague."""
    kind, outcome = form.kind.data, form.outcome.data
    return {
        "kind": InteractionKind(kind) if kind else InteractionKind.NOTE,
        "occurred_on": form.occurred_on.data or clock.today(),
        "text": form.text.data or "",
        "outcome": Outcome(outcome) if outcome else None,
        "next_step": form.next_step.data or "",
        "next_on": form.next_on.data,
        "contact_ids": form.contacts.data or [],
        "participant_ids": _participants(form),
    }


def entry_of(form: ContactForm, *, several: bool) -> ContactEntry:
    """Everything that was entered for a new contact. Raises FieldErrors."""
    values = values_of(form)
    values["done_step_ids"] = form.done_steps.data or []
    values["submission_key"] = form.submission_key.data or None
    ids, names = form.company.picked(several=several)
    return ContactEntry(
        values=values,
        company_ids=ids,
        company_names=names,
        may_create=bool(form.may_create.data),
        lead_choice=form.lead.data or "",
        contact_name=form.contact_name.data or "",
        lead_values=form.figures(),
        files=uploads_of(form),
    )


def uploads_of(form: ContactForm) -> list[Upload]:
    """The files that were sent; an empty file field sends one without a name."""
    return [
        Upload(name=file.filename, stream=file.stream)
        for file in form.files.data or ()
        if getattr(file, "filename", "")
    ]


def _participants(form: ContactForm) -> list[int]:
    ids = list(form.participants.data)
    for name in form.participants.text.replace(";", "；").split("；"):
        if not name.strip():
            continue
        person = person_named(name.strip())
        if person is None:
            message = _("没有找到“%(name)s”，请从列表里选择。", name=name.strip()[:30])
            raise FieldErrors({"participants": [message]})
        ids.append(person.id)
    return list(dict.fromkeys(ids))


def show_refusal(form: ContactForm, error: DomainError) -> int:
    """Put the business's refusal on the form; returns the status to answer with.

    A record that is named in the form and does not exist, or is hidden, is a fault of the form.
    """
    errors = (
        error.errors if isinstance(error, FieldErrors) else {error.field or "": [error.message]}
    )
    form.add_errors({FIELDS.get(name, name): list(texts) for name, texts in errors.items()})
    return 422 if error.status == 404 else error.status


def back_url(default: str) -> str:
    """The page of this site from which the person came, as the form says; else `default`."""
    wanted = request.form.get("back", "")
    return wanted if wanted and is_local(wanted) else default


def to_page(address: str, text: str) -> ResponseReturnValue:
    """Go on to a page and say there what was done; the browser forgets the draft."""
    flash(text)
    draft = request.form.get("draft_key", "")
    if draft:
        flash(draft[:80], "draft-clear")
    return redirect(address, 303)
