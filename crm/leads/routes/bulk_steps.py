"""One next step for the leads that were ticked in the list: all or none."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from crm.accounts.guards import requires
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.permissions import Capability, may_change_lead
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor
from crm.leads.contacts import set_next_steps
from crm.leads.forms import NextStepForm
from crm.leads.models import Lead
from crm.leads.routes.blueprint import bp, chosen_leads, show_refusal


@bp.route("/next-step", methods=["GET", "POST"])
@requires(Capability.ADD_LEADS)
def bulk_step() -> ResponseReturnValue:
    """Set the next step of several leads; those the person may not change are named."""
    leads = chosen_leads()
    if not leads:
        flash(_("请先勾选线索。"), "warning")
        return redirect(url_for("leads.list"), 303)
    form = NextStepForm()
    if not form.is_submitted():
        return _page(form, leads)
    if not form.validate():
        return _page(form, leads, 422)
    try:
        with unit_of_work():
            set_next_steps(
                actor=current_actor(), on=clock.today(), leads=leads,
                step=form.next_step.data or "", to=form.next_on.data,
            )  # fmt: skip
    except DomainError as error:
        return _page(form, chosen_leads(), show_refusal(form, error))
    flash(ngettext("已给 %(num)d 条线索定下一步。", "已给 %(num)d 条线索定下一步。", len(leads)))
    return redirect(url_for("leads.list"), 303)


def _page(form: NextStepForm, leads: Sequence[Lead], status: int = 200) -> ResponseReturnValue:
    """The form goes on with the leads that the person may change; the others stand beside it."""
    actor = current_actor()
    open_leads = [lead for lead in leads if may_change_lead(actor, lead)]
    closed = [lead for lead in leads if lead not in open_leads]
    body = render_template("leads/bulk_step.html", form=form, leads=open_leads, closed=closed)
    return body, status
