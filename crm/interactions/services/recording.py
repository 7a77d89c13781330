"""Write one new interaction."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from crm.companies.models import Company, Contact
from crm.core import activity, outbox
from crm.core.errors import NotAllowed
from crm.core.permissions import Actor, Capability
from crm.extensions import db
from crm.interactions.models import Interaction, Participant
from crm.interactions.services.prepared import InteractionValues, Prepared, look_up, prepare


def record_interaction(*, actor: Actor, on: date, values: InteractionValues) -> Interaction:
    """Write an interaction, its links and what is to be indexed. `on` is the zone's day.

    Whether the actor may see the lead is asked by the caller, who knows leads.

    Raises:
        NotAllowed: the role logs no contacts.
        FieldErrors: values that are missing, too long, in the future or refer to nothing.
    """
    if not actor.can(Capability.LOG_CONTACTS):
        raise NotAllowed(_("您没有记录接洽的权限。"))
    prepared = prepare(values, actor=actor, on=on, known=look_up([values], actor))
    interaction = Interaction(**prepared.columns)
    interaction.companies = companies_of(prepared)
    interaction.contacts = contacts_of(prepared)
    interaction.participants = [
        Participant(user_id=user_id, team_id=team_id) for user_id, team_id in prepared.participants
    ]
    db.session.add(interaction)
    db.session.flush()
    activity.record(
        actor=actor,
        verb="interaction.record",
        subject_type="interaction",
        subject_id=interaction.id,
        lead_id=interaction.lead_id,
    )
    outbox.enqueue("interaction", [interaction.id])
    return interaction


def find_submission(*, actor: Actor, key: str | None) -> Interaction | None:
    """What this person saved before with the key of a form: a double click must save once."""
    if not key:
        return None
    found = db.session.scalar(select(Interaction).where(Interaction.submission_key == key))
    return found if found is not None and found.author_id == actor.id else None


def companies_of(prepared: Prepared) -> list[Company]:
    rows = {
        row.id: row
        for row in db.session.scalars(select(Company).where(Company.id.in_(prepared.company_ids)))
    }
    return [rows[company_id] for company_id in prepared.company_ids]


def contacts_of(prepared: Prepared) -> list[Contact]:
    if not prepared.contact_ids:
        return []
    rows = {
        row.id: row
        for row in db.session.scalars(select(Contact).where(Contact.id.in_(prepared.contact_ids)))
    }
    return [rows[contact_id] for contact_id in prepared.contact_ids]
