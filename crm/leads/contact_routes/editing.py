"""Changing a contact: history, two versions side by side when someone else was faster."""

from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core import clock, formatting
from crm.core.errors import DomainError, FieldErrors, StaleVersion
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor
from crm.interactions.models import Interaction
from crm.interactions.queries import get_interaction, lead_briefs, revisions_of
from crm.interactions.services import InteractionValues
from crm.interactions.services.revising import present_values
from crm.leads.contact_forms import ContactForm
from crm.leads.contact_intake import ContactEntry, choose_lead, resolve_names
from crm.leads.contact_queries import companies_by_id, contacts_by_id, people_by_id
from crm.leads.contact_rights import require_revise
from crm.leads.contact_routes.blueprint import bp, show_refusal, uploads_of, values_of
from crm.leads.contact_routes.drawing import Picks, full_context
from crm.leads.contacts import revise_contact

# What is compared when two people have changed one record, in the order of the form.
COMPARED = {
    "company_ids": "company",
    "lead_id": "lead",
    "kind": "kind",
    "occurred_on": "occurred_on",
    "text": "text",
    "outcome": "outcome",
    "next_step": "next_step",
    "next_on": "next_on",
    "contact_ids": "contacts",
    "participant_ids": "participants",
}


@bp.route("/<int:interaction_id>/edit", methods=["GET", "POST"])
@requires(Capability.LOG_CONTACTS)
def edit(interaction_id: int) -> ResponseReturnValue:
    """Change an interaction; what it said before is kept."""
    interaction = get_interaction(current_actor(), interaction_id)
    require_revise(current_actor(), interaction)
    form = ContactForm()
    if request.method == "GET":
        _fill(form, interaction)
        return _draw(form, interaction)
    if not form.validate():
        return _draw(form, interaction, status=422)
    try:
        changed = _update(form, interaction)
    except StaleVersion:
        return _show_conflict(form, interaction_id)
    except DomainError as error:
        fresh = get_interaction(current_actor(), interaction_id)
        return _draw(form, fresh, status=show_refusal(form, error))
    flash(_("已保存，修改前的内容在历史里。") if changed else _("没有改动。"))
    flash(f"interaction:{interaction_id}", "draft-clear")
    return redirect(url_for("interactions.detail", interaction_id=interaction_id), 303)


def _fill(form: ContactForm, interaction: Interaction) -> None:
    form.company.data = [company.id for company in interaction.companies]
    form.lead.data = str(interaction.lead_id) if interaction.lead_id else None
    form.kind.data = interaction.kind.value
    form.outcome.data = interaction.outcome.value if interaction.outcome else None
    for name in ("occurred_on", "text", "next_step", "next_on"):
        form[name].data = getattr(interaction, name)
    form.contacts.data = [contact.id for contact in interaction.contacts]
    form.participants.data = [one.user_id for one in interaction.participants]
    form.version.data = str(interaction.version)


def _edited(form: ContactForm, interaction: Interaction) -> InteractionValues:
    """The values that the form asks for; a new firm is made for a name that was typed."""
    actor = current_actor()
    values = values_of(form)
    ids, names = form.company.picked(several=True)
    entry = ContactEntry(values, company_names=names, may_create=bool(form.may_create.data))
    values["company_ids"] = [*ids, *resolve_names(actor=actor, on=clock.today(), entry=entry)]
    choice = form.lead.data or ""
    values["lead_id"] = choose_lead(actor, (), choice) if choice else interaction.lead_id
    return values


def _update(form: ContactForm, interaction: Interaction) -> bool:
    sent = form.version.data or ""
    with unit_of_work():
        values = _edited(form, interaction)
        kept = {name for name in values if request.form.get(f"choose-{name}") == "theirs"}
        chosen = {name: value for name, value in values.items() if name not in kept}
        return revise_contact(
            actor=current_actor(),
            on=clock.today(),
            interaction=interaction,
            values=cast(InteractionValues, chosen),
            version=int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None,
            files=uploads_of(form),
            remove_files=form.remove_files.data or (),
        )


def _show_conflict(form: ContactForm, interaction_id: int) -> ResponseReturnValue:
    """Both versions side by side; the form goes out with the new version and everything typed."""
    interaction = get_interaction(current_actor(), interaction_id)
    theirs = cast(dict[str, Any], present_values(interaction))
    try:
        mine = cast(dict[str, Any], _without_new_firms(form, interaction))
    except FieldErrors as error:
        return _draw(form, interaction, status=show_refusal(form, error))
    rows = [
        {
            "field": name,
            "label": form[field].label.text,
            "theirs": _in_words(name, theirs[name]),
            "mine": _in_words(name, mine[name]),
        }
        for name, field in COMPARED.items()
        if _comparable(theirs[name]) != _comparable(mine[name])
    ]
    form.version.data = str(interaction.version)
    last = revisions_of(interaction)[:1]
    return _draw(
        form,
        interaction,
        status=412,
        rows=rows,
        who=last[0].by.name if last and last[0].by else "",
        when=formatting.ago(last[0].at) if last else "",
    )


def _without_new_firms(form: ContactForm, interaction: Interaction) -> InteractionValues:
    values = values_of(form)
    ids, _names = form.company.picked(several=True)
    values["company_ids"] = ids
    choice = form.lead.data or ""
    values["lead_id"] = choose_lead(current_actor(), (), choice) if choice else interaction.lead_id
    return values


def _comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value or None


def _in_words(name: str, value: Any) -> str:
    if name == "company_ids":
        return "；".join(company.name for company in companies_by_id(value))
    if name == "contact_ids":
        return "；".join(contact.name for contact in contacts_by_id(value))
    if name == "participant_ids":
        return "；".join(person.name for person in people_by_id(value))
    if name == "lead_id":
        brief = lead_briefs(current_actor(), [value]).get(value)
        return brief.title if brief else ""
    if name in ("kind", "outcome"):
        return _(value.label) if value else ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")


def _draw(
    form: ContactForm, interaction: Interaction, status: int = 200, **conflict: Any
) -> ResponseReturnValue:
    picks = Picks.of(form, several=True, present=interaction)
    page = render_template(
        "contact_log/form.html",
        **full_context(form, picks, interaction=interaction, **conflict),
    )
    return page, status
