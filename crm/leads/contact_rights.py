"""Who may change an interaction or its next step; the same answer for pages, API and import."""

from flask_babel import gettext as _

from crm.core.errors import NotAllowed, NotFound
from crm.core.permissions import Actor, Role, may_change_lead, may_see_lead
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead


def lead_in_sight(actor: Actor, lead_id: int | None) -> Lead | None:
    """The lead that a contact hangs on, None where it hangs on none. Raises NotFound."""
    if not lead_id:
        return None
    lead = db.session.get(Lead, lead_id)
    if lead is None or not may_see_lead(actor, lead):
        raise NotFound(_("没有这条线索。"), field="lead_id")
    return lead


def may_revise(actor: Actor, interaction: Interaction, lead: Lead | None) -> bool:
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


def may_complete(actor: Actor, interaction: Interaction, lead: Lead | None) -> bool:
    """Whoever has to do the step, and whoever may change the interaction."""
    if may_revise(actor, interaction, lead):
        return True
    mine = actor.id is not None and actor.id == interaction.next_owner_id
    return mine and (lead is None or may_see_lead(actor, lead))


def require_revise(actor: Actor, interaction: Interaction) -> Lead | None:
    """The interaction's lead; raises NotFound or NotAllowed unless the person may change it."""
    lead = lead_in_sight(actor, interaction.lead_id)
    if not may_revise(actor, interaction, lead):
        raise NotAllowed(_("只有记录人、其科室负责人和线索负责人可以修改这条记录。"))
    return lead


def require_complete(actor: Actor, interaction: Interaction) -> Lead | None:
    """The interaction's lead; raises NotFound or NotAllowed unless the step is this person's."""
    lead = lead_in_sight(actor, interaction.lead_id)
    if not may_complete(actor, interaction, lead):
        raise NotAllowed(_("这一步由别人负责，您不能更改。"))
    return lead
