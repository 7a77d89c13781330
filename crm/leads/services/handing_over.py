"""Handing over: one lead, or everything of a person who leaves. Stage, history and links stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from crm.core import outbox
from crm.core.errors import Conflict, FieldErrors
from crm.core.permissions import Actor, may_reassign
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.kinds import AssignmentKind
from crm.leads.models import Lead
from crm.leads.services.access import owner_to_be, require_reassign
from crm.leads.services.assignment import place
from crm.leads.stages import OPEN_STATUSES


@dataclass(frozen=True)
class HandOver:
    """What went over: leads, and open next steps."""

    leads: int
    next_steps: int


def hand_over(
    *,
    actor: Actor,
    leads: Sequence[Lead],
    to_owner_id: int,
    on: date,
    note: str = "",
    keep_team: bool = False,
) -> HandOver:
    """Give leads with their open next steps to another person.

    The lead's team becomes the new owner's unless `keep_team`. All or nothing: raises NotAllowed or
    NotFound when one of them is not the actor's to give, FieldErrors, Conflict when there is none.
    """
    if not leads:
        raise Conflict(_("没有可交接的线索。"))
    owner = owner_to_be(actor, to_owner_id, field="to_owner_id")
    for lead in leads:
        require_reassign(actor, lead)
        if lead.owner_id == to_owner_id:
            raise FieldErrors({"to_owner_id": [_("接手人已经是其中一条线索的负责人。")]})
    steps = 0
    for lead in leads:
        steps += _move_steps(lead.id, lead.owner_id, to_owner_id)
        team_id = lead.team_id if keep_team or owner.team_id is None else owner.team_id
        place(
            actor=actor, lead=lead, owner_id=to_owner_id, team_id=team_id, on=on,
            kind=AssignmentKind.HAND_OVER, note=note,
        )  # fmt: skip
    return HandOver(leads=len(leads), next_steps=steps)


def hand_over_person(
    *, actor: Actor, from_user_id: int, to_owner_id: int, on: date, note: str = ""
) -> HandOver:
    """Give all open leads of a person that the actor may give, with the person's next steps.

    Raises as `hand_over`.
    """
    if from_user_id == to_owner_id:
        raise FieldErrors({"to_owner_id": [_("接手人不能是本人。")]})
    leads = leads_to_hand_over(actor, from_user_id)
    done = hand_over(actor=actor, leads=leads, to_owner_id=to_owner_id, on=on, note=note)
    loose = _move_steps(None, from_user_id, to_owner_id)
    return HandOver(leads=done.leads, next_steps=done.next_steps + loose)


def leads_to_hand_over(actor: Actor, from_user_id: int) -> list[Lead]:
    """The open leads of a person that the actor may give to someone else."""
    rows = db.session.scalars(
        select(Lead)
        .where(Lead.owner_id == from_user_id, Lead.status.in_(OPEN_STATUSES))
        .order_by(Lead.id)
        .options(joinedload(Lead.company), joinedload(Lead.owner), selectinload(Lead.people))
    )
    return [lead for lead in rows if may_reassign(actor, lead)]


def _move_steps(lead_id: int | None, from_id: int | None, to_id: int) -> int:
    """Move open next steps of a lead (None: of no lead) to the new owner; how many."""
    if from_id is None and lead_id is None:
        return 0
    mine = Interaction.next_owner_id == from_id
    if lead_id is not None:
        mine = or_(mine, Interaction.next_owner_id.is_(None))
    open_steps = (
        Interaction.lead_id == lead_id if lead_id is not None else Interaction.lead_id.is_(None),
        Interaction.next_done_on.is_(None),
        Interaction.next_step != "",
        mine,
    )
    ids = list(db.session.scalars(select(Interaction.id).where(*open_steps)))
    if ids:
        db.session.execute(
            update(Interaction)
            .where(Interaction.id.in_(ids))
            .values(next_owner_id=to_id, version=Interaction.version + 1)
            .execution_options(synchronize_session="fetch")
        )
        outbox.enqueue("interaction", ids)
    return len(ids)
