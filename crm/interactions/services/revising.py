"""Change an interaction and keep what it said before."""

from datetime import date
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from crm.core import activity, outbox
from crm.core.clock import now
from crm.core.errors import StaleVersion
from crm.core.permissions import Actor
from crm.extensions import db
from crm.interactions.models import Interaction, InteractionRevision, Participant
from crm.interactions.services.prepared import InteractionValues, Prepared, look_up, prepare
from crm.interactions.services.recording import companies_of, contacts_of

# What a revision compares and keeps; the author's team and the form's key are no statements.
_COLUMNS = (
    "ref",
    "kind",
    "occurred_on",
    "text",
    "outcome",
    "lead_id",
    "author_id",
    "next_step",
    "next_on",
    "next_owner_id",
)


def present_values(interaction: Interaction) -> InteractionValues:
    """The values that an interaction has now, as the services take them."""
    values: dict[str, Any] = {name: getattr(interaction, name) for name in _COLUMNS}
    values["company_ids"] = [company.id for company in interaction.companies]
    values["contact_ids"] = [contact.id for contact in interaction.contacts]
    values["participant_ids"] = [one.user_id for one in interaction.participants]
    return cast(InteractionValues, values)


def revise_interaction(
    *,
    actor: Actor,
    on: date,
    interaction: Interaction,
    values: InteractionValues,
    version: int | None = None,
) -> bool:
    """Change what `values` names and keep the state before; False where nothing differs.

    Whether the actor may do so is asked by the caller. A changed next step is open again.

    Raises:
        StaleVersion: the interaction is no longer at `version`.
        FieldErrors: as when recording.
    """
    if version is not None and version != interaction.version:
        raise StaleVersion(_("这条记录刚被别人改过，请核对后再保存。"))
    before = present_values(interaction)
    wanted = cast(InteractionValues, {**before, **values})
    prepared = prepare(wanted, actor=actor, on=on, known=look_up([wanted], actor))
    changed = _differences(before, prepared)
    if not changed:
        return False
    db.session.add(
        InteractionRevision(
            interaction_id=interaction.id, by_id=actor.id, before=snapshot(interaction)
        )
    )
    _apply(interaction, prepared, changed)
    activity.record(
        actor=actor,
        verb="interaction.revise",
        subject_type="interaction",
        subject_id=interaction.id,
        lead_id=interaction.lead_id,
        # Which fields, not what they say: the auditor reads this and sees no business text.
        changes={name: [] for name in changed},
    )
    outbox.enqueue("interaction", [interaction.id])
    db.session.flush()
    return True


def _differences(before: InteractionValues, prepared: Prepared) -> list[str]:
    changed = [name for name in _COLUMNS if before.get(name) != prepared.columns[name]]
    links = {
        "company_ids": prepared.company_ids,
        "contact_ids": prepared.contact_ids,
        "participant_ids": [user_id for user_id, _team_id in prepared.participants],
    }
    changed += [
        name for name, ids in links.items() if set(cast(dict[str, Any], before)[name]) != set(ids)
    ]
    return changed


def _apply(interaction: Interaction, prepared: Prepared, changed: list[str]) -> None:
    for name in _COLUMNS:
        if name in changed:
            setattr(interaction, name, prepared.columns[name])
    if "author_id" in changed:
        interaction.author_team_id = prepared.columns["author_team_id"]
    if {"next_step", "next_on"} & set(changed):
        interaction.next_done_on = None
        interaction.next_done_by_id = None
    if "company_ids" in changed:
        interaction.companies = companies_of(prepared)
    if "contact_ids" in changed:
        interaction.contacts = contacts_of(prepared)
    if "participant_ids" in changed:
        # Whoever stays keeps the team they were in at the time.
        staying = {one.user_id: one for one in interaction.participants}
        interaction.participants = [
            staying.get(user_id) or Participant(user_id=user_id, team_id=team_id)
            for user_id, team_id in prepared.participants
        ]
    # Links alone would not count the version up.
    interaction.updated_at = now()
    flag_modified(interaction, "updated_at")


def snapshot(interaction: Interaction) -> dict[str, Any]:
    """What an interaction says, in words that stay readable when names change later."""
    return {
        "version": interaction.version,
        "ref": interaction.ref,
        "kind": interaction.kind.value,
        "occurred_on": interaction.occurred_on.isoformat(),
        "text": interaction.text,
        "outcome": interaction.outcome.value if interaction.outcome else None,
        "lead_id": interaction.lead_id,
        "author": interaction.author.name if interaction.author else "",
        "companies": [company.name for company in interaction.companies],
        "contacts": [contact.name for contact in interaction.contacts],
        "participants": [one.user.name for one in interaction.participants],
        "next_step": interaction.next_step,
        "next_on": interaction.next_on.isoformat() if interaction.next_on else None,
        "next_owner": interaction.next_owner.name if interaction.next_owner else "",
        "next_done_on": interaction.next_done_on.isoformat() if interaction.next_done_on else None,
        "attachments": [attachment.name for attachment in interaction.attachments],
    }
