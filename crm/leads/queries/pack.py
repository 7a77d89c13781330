"""What a person needs who takes leads over: each with its open steps and its last notes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, lazyload

from crm.accounts.models import User
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead

LAST_NOTES = 3


@dataclass
class PackedLead:
    """One lead of a pack."""

    lead: Lead
    steps: list[Interaction] = field(default_factory=list)
    notes: list[Interaction] = field(default_factory=list)


def pack_of(leads: Sequence[Lead]) -> list[PackedLead]:
    """The pack of these leads; the viewer may see them all. Two statements besides the firms'."""
    packed = {lead.id: PackedLead(lead) for lead in leads}
    if not packed:
        return []
    by = joinedload(Interaction.author).options(lazyload(User.team))
    place = func.row_number().over(
        partition_by=Interaction.lead_id,
        order_by=(Interaction.occurred_on.desc(), Interaction.id.desc()),
    )
    ranked = (
        select(Interaction.id, place.label("place"))
        .where(Interaction.lead_id.in_(packed))
        .subquery()
    )
    last = (
        select(Interaction)
        .join(ranked, ranked.c.id == Interaction.id)
        .where(ranked.c.place <= LAST_NOTES)
        .order_by(Interaction.occurred_on.desc(), Interaction.id.desc())
        .options(by)
    )
    for note in db.session.scalars(last).unique():
        if note.lead_id is not None:
            packed[note.lead_id].notes.append(note)
    steps = (
        select(Interaction)
        .where(
            Interaction.lead_id.in_(packed),
            Interaction.next_step != "",
            Interaction.next_done_on.is_(None),
        )
        .order_by(Interaction.next_on, Interaction.id)
        .options(by)
    )
    for step in db.session.scalars(steps).unique():
        if step.lead_id is not None:
            packed[step.lead_id].steps.append(step)
    return list(packed.values())
