"""Next steps: done, undone, moved to another day."""

from collections.abc import Callable

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, trigger, wants_fragment
from crm.interactions.models import Interaction
from crm.interactions.queries import get_interaction
from crm.leads.contact_forms import StepForm
from crm.leads.contact_routes.blueprint import back_url, bp
from crm.leads.contacts import complete_next_step, reopen_next_step, reschedule_next_step


@bp.post("/<int:interaction_id>/done")
@requires(Capability.LOG_CONTACTS)
def step_done(interaction_id: int) -> ResponseReturnValue:
    """Tick a next step off."""
    return _change(
        interaction_id,
        lambda row: complete_next_step(actor=current_actor(), on=clock.today(), interaction=row),
        _("已完成，可以撤销。"),
    )


@bp.post("/<int:interaction_id>/undo")
@requires(Capability.LOG_CONTACTS)
def step_undone(interaction_id: int) -> ResponseReturnValue:
    """Take the tick back."""
    return _change(
        interaction_id,
        lambda row: reopen_next_step(actor=current_actor(), interaction=row),
        _("已撤销，这一步还没有完成。"),
    )


@bp.post("/<int:interaction_id>/move")
@requires(Capability.LOG_CONTACTS)
def step_moved(interaction_id: int) -> ResponseReturnValue:
    """Move a next step to another day."""
    get_interaction(current_actor(), interaction_id)
    form = StepForm()
    if not form.validate():
        return _answer(interaction_id, _("没有改期：请填写日期。"), "error")
    day = form.next_on.data
    return _change(
        interaction_id,
        lambda row: reschedule_next_step(
            actor=current_actor(), on=clock.today(), interaction=row, to=day
        ),
        _("已改到 %(day)s。", day=day.isoformat()),
    )


def _change(
    interaction_id: int, change: Callable[[Interaction], object], said: str
) -> ResponseReturnValue:
    row = get_interaction(current_actor(), interaction_id)
    try:
        with unit_of_work():
            change(row)
    except DomainError as error:
        if error.status == 404:
            raise
        return _answer(interaction_id, _(error.message), "error")
    return _answer(interaction_id, said)


def _answer(interaction_id: int, text: str, kind: str = "message") -> ResponseReturnValue:
    """Script stays on the page, which draws its steps anew; without script the page is reloaded."""
    if wants_fragment():
        return trigger(Response(status=204), toast=text, steps_changed=True)
    flash(text, kind)
    return redirect(back_url(url_for("interactions.detail", interaction_id=interaction_id)), 303)
