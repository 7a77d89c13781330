"""Who may change an interaction or its next step; the same answer for pages, API and import."""

from sqlalchemy import select

from crm.core.permissions import (
    LEAD_PEOPLE,
    AccessFacts,
    Actor,
    Guarded,
    Role,
    may_change_lead,
    may_see_lead,
)
from crm.extensions import db
from crm.interactions.links import LEAD
from crm.interactions.models import Interaction


def may_revise(actor: Actor, interaction: Interaction, lead: Guarded | None) -> bool:
    """Author, lead of the author's team at the time, manager, or who may change the lead."""
    if actor.is_system:
        return True
    if lead is not None and not may_see_lead(actor, lead):
        return False
    if actor.role is Role.MANAGER:
        return True
    if actor.role not in (Role.OFFICER, Role.TEAM_LEAD):
        return False
    if actor.id is not None and actor.id == interaction.author_id:
        return True
    leads_author = (
        actor.role is Role.TEAM_LEAD
        and actor.team_id is not None
        and actor.team_id == interaction.author_team_id
    )
    return leads_author or (lead is not None and may_change_lead(actor, lead))


def may_complete(actor: Actor, interaction: Interaction, lead: Guarded | None) -> bool:
    """Whoever has to do the step, and whoever may change the interaction."""
    if may_revise(actor, interaction, lead):
        return True
    mine = actor.id is not None and actor.id == interaction.next_owner_id
    return mine and (lead is None or may_see_lead(actor, lead))


def guard_of(interaction: Interaction) -> AccessFacts | None:
    """What the rules ask of the interaction's lead; None where it hangs on none."""
    if interaction.lead_id is None:
        return None
    named = select(LEAD_PEOPLE.c.user_id).where(LEAD_PEOPLE.c.lead_id == interaction.lead_id)
    row = db.session.execute(select(LEAD).where(LEAD.c.id == interaction.lead_id)).one()
    people = frozenset(db.session.scalars(named))
    return AccessFacts(row.visibility, row.team_id, row.owner_id, people)
