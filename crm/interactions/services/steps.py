"""Next steps: done, reopened, moved to another day."""

from datetime import date

from flask_babel import gettext as _

from crm.core import activity, outbox
from crm.core.errors import Conflict, FieldErrors
from crm.core.permissions import Actor
from crm.interactions.models import Interaction


def complete_step(*, actor: Actor, on: date, interaction: Interaction) -> bool:
    """Tick the next step off; False where it was done already. Raises Conflict without a step."""
    if not interaction.next_step:
        raise Conflict(_("这条记录没有下一步。"))
    if interaction.next_done_on is not None:
        return False
    interaction.next_done_on = on
    interaction.next_done_by_id = actor.id
    _note(actor, "interaction.step_done", interaction)
    return True


def reopen_step(*, actor: Actor, interaction: Interaction) -> bool:
    """Take the tick back; False where the step was open."""
    if interaction.next_done_on is None:
        return False
    interaction.next_done_on = None
    interaction.next_done_by_id = None
    _note(actor, "interaction.step_reopened", interaction)
    return True


def reschedule_step(*, actor: Actor, on: date, interaction: Interaction, to: date) -> None:
    """Move an open step to another day, today or later. Raises Conflict, FieldErrors."""
    if not interaction.next_step or interaction.next_done_on is not None:
        raise Conflict(_("这一步已经完成，不能改期。"))
    if to < on:
        raise FieldErrors({"next_on": [_("请选今天或以后的日期。")]})
    before = interaction.next_on
    interaction.next_on = to
    changes = {"next_on": [before.isoformat() if before else "", to.isoformat()]}
    _note(actor, "interaction.step_moved", interaction, changes)


def _note(
    actor: Actor,
    verb: str,
    interaction: Interaction,
    changes: dict[str, list[str]] | None = None,
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="interaction",
        subject_id=interaction.id,
        lead_id=interaction.lead_id,
        changes=changes,
    )
    outbox.enqueue("interaction", [interaction.id])
