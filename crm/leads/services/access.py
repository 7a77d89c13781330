"""Who may do what to a lead, as services ask it, and who may be put in charge."""

from flask_babel import gettext as _
from sqlalchemy import select

from crm.accounts.models import User
from crm.core import outbox
from crm.core.errors import FieldErrors, NotAllowed, NotFound
from crm.core.permissions import (
    CAPABILITIES,
    Actor,
    Capability,
    may_change_lead,
    may_reassign,
    may_see_lead,
)
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead


def require_sight(actor: Actor, lead: Lead) -> None:
    """Raise NotFound where the person may not know of the lead."""
    if not may_see_lead(actor, lead):
        raise NotFound(_("没有这条线索。"))


def require_change(actor: Actor, lead: Lead) -> None:
    """Raise NotFound or NotAllowed unless the person may change the lead."""
    require_sight(actor, lead)
    if not may_change_lead(actor, lead):
        raise NotAllowed(_("只有负责人、列名人员和本科室负责人可以修改这条线索。"))


def require_reassign(actor: Actor, lead: Lead) -> None:
    """Raise NotFound or NotAllowed unless the person may give the lead to someone else."""
    require_sight(actor, lead)
    if not may_reassign(actor, lead):
        raise NotAllowed(_("只有本科室负责人和分管领导可以这样做。"))


def owner_to_be(actor: Actor, user_id: int, *, field: str = "owner_id") -> User:
    """The person who shall own a lead or be named on it.

    Files of other systems may name people who have left, so the system is not asked whether the
    account is enabled. Raises FieldErrors.
    """
    person = db.session.get(User, user_id)
    if person is None or not (person.is_enabled or actor.is_system):
        raise FieldErrors({field: [_("没有这个人，或账号已停用。")]})
    if Capability.LOG_CONTACTS not in CAPABILITIES[person.role]:
        raise FieldErrors({field: [_("%(name)s的角色不能承担线索。", name=person.name)]})
    return person


def enqueue_with_notes(*lead_ids: int) -> None:
    """Queue leads and what hangs on them: access, title, stage and status stand on both."""
    outbox.enqueue("lead", lead_ids)
    outbox.enqueue_select(
        "interaction", select(Interaction.id).where(Interaction.lead_id.in_(lead_ids))
    )
