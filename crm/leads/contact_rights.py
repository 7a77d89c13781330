"""The lead that a contact hangs on, for whoever may see it and change what hangs on it."""

from flask_babel import gettext as _

from crm.core.errors import NotAllowed, NotFound
from crm.core.permissions import Actor, may_see_lead
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.interactions.rights import may_complete, may_revise
from crm.leads.models import Lead


def lead_in_sight(actor: Actor, lead_id: int | None) -> Lead | None:
    """The lead that a contact hangs on, None where it hangs on none. Raises NotFound."""
    if not lead_id:
        return None
    lead = db.session.get(Lead, lead_id)
    if lead is None or not may_see_lead(actor, lead):
        raise NotFound(_("没有这条线索。"), field="lead_id")
    return lead


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
