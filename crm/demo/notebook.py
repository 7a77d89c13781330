"""Logs the contacts of the demo: recent ones one by one, older ones many at a time.

Older contacts wait until something asks for them (a move of their lead, a later contact, the end),
and are then logged together; the rules are the same, only nobody is told of them any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from crm.core.permissions import SYSTEM, Actor
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.interactions.services import complete_step
from crm.leads.contacts import InteractionValues, log_contact, log_contacts, refresh_contact_facts


@dataclass
class Note:
    """A contact with what it settles; `id` once it is logged."""

    actor: Actor
    on: date
    values: InteractionValues
    settles: "Note | None" = None
    id: int | None = None

    @property
    def has_step(self) -> bool:
        """Whether something was agreed that a later contact settles."""
        return bool(self.values.get("next_step"))


class Notebook:
    """What is still to be logged."""

    def __init__(self) -> None:
        self._waiting: list[Note] = []

    def log(self, note: Note) -> None:
        """Log a contact at once, with its notices."""
        self.write_up()
        if note.settles and note.settles.id:
            note.values["done_step_ids"] = [note.settles.id]
        note.id = log_contact(actor=note.actor, on=note.on, values=note.values).id

    def keep(self, note: Note) -> None:
        """Let a contact wait for the next writing up."""
        note.values["author_id"] = note.actor.id
        self._waiting.append(note)

    def waits_for(self, lead_id: int) -> bool:
        """Whether contacts of a lead are still to be logged."""
        return any(note.values.get("lead_id") == lead_id for note in self._waiting)

    def write_up(self) -> None:
        """Log all that waits. Raises the first fault: demo data has to be right."""
        notes, self._waiting = self._waiting, []
        if not notes:
            return
        latest = max(note.on for note in notes)
        outcome = log_contacts(actor=SYSTEM, on=latest, rows=[note.values for note in notes])
        for error in outcome.errors.values():
            raise error
        for place, note in enumerate(notes):
            note.id = outcome.ids[place]
        _settle(notes)


def _settle(notes: Sequence[Note]) -> None:
    """Tick off the steps that these contacts settled."""
    by_step = {note.settles.id: note for note in notes if note.settles and note.settles.id}
    if not by_step:
        return
    for step in db.session.scalars(select(Interaction).where(Interaction.id.in_(by_step))):
        note = by_step[step.id]
        complete_step(actor=note.actor, on=note.on, interaction=step)
    refresh_contact_facts([lead_id for note in notes if (lead_id := note.values.get("lead_id"))])
