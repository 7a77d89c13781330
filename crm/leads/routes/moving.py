"""The pages on which a lead is moved: stage, status, appraisal."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.core import clock, settings
from crm.core.errors import DomainError, GateClosed
from crm.core.permissions import Capability, may_reassign
from crm.core.settings import ListKind
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, trigger, wants_fragment
from crm.leads import services, stages
from crm.leads.forms import AppraisalForm, MoveForm, StatusForm
from crm.leads.models import Lead
from crm.leads.queries import facts_of
from crm.leads.routes.blueprint import bp, check_version, load, show_refusal
from crm.leads.routes.detail import gate_rows
from crm.leads.services.access import require_change, require_reassign
from crm.leads.stages import Stage, Status


@bp.route("/<int:lead_id>/advance", methods=["GET", "POST"])
@requires(Capability.ADD_LEADS)
def advance(lead_id: int) -> ResponseReturnValue:
    """Move a lead to another stage; a closed gate answers 409 with what is missing."""
    lead = load(lead_id)
    require_change(current_actor(), lead)
    form = MoveForm()
    form.set_choices(lead.stage)
    if request.method == "GET":
        wanted = Stage.read(request.args.get("to", "")) or stages.next_stage(lead.stage)
        form.to.data = wanted.value if wanted and wanted is not lead.stage else None
        form.on.data = clock.today()
        form.version.data = str(lead.version)
        return _move_page(form, lead)
    if not form.validate():
        return _move_page(form, lead, 422)
    try:
        check_version(form, lead)
        with unit_of_work():
            services.advance(
                actor=current_actor(), lead=lead, to=Stage(form.to.data), on=form.on.data,
                override_reason=form.override_reason.data or "",
                evidence=form.evidence.data or "",
            )  # fmt: skip
    except DomainError as error:
        lead = load(lead_id)
        form.version.data = str(lead.version)
        status = show_refusal(form, _about_stage(error))
        return _move_page(form, lead, status)
    return _moved(lead)


@bp.post("/drop")
@requires(Capability.ADD_LEADS)
def drop() -> ResponseReturnValue:
    """A card of the board put into another lane: moved today where the gate is open."""
    lead_id = request.form.get("lead", "")
    if not (lead_id.isascii() and lead_id.isdigit() and len(lead_id) < 10):
        abort(404)
    lead = load(int(lead_id))
    require_change(current_actor(), lead)
    form = MoveForm(data={"to": request.form.get("to", ""), "on": clock.today()}, formdata=None)
    form.set_choices(lead.stage)
    form.version.data = str(lead.version)
    to = Stage.read(request.form.get("to", ""))
    if to is None:
        abort(404)
    try:
        with unit_of_work():
            services.advance(actor=current_actor(), lead=lead, to=to, on=clock.today())
    except DomainError as error:
        lead = load(lead.id)
        return _move_page(form, lead, show_refusal(form, _about_stage(error)))
    return _moved(lead)


def _moved(lead: Lead) -> ResponseReturnValue:
    """Back to the lead; a page that asked with a part of itself is told what has happened."""
    said = _("已进入“%(stage)s”。", stage=_(lead.stage.label))
    if wants_fragment():
        return trigger(Response(status=204), toast=said, lead_moved=True, dialog_close=True)
    flash(said)
    return redirect(url_for("leads.detail", lead_id=lead.id), 303)


def _about_stage(error: DomainError) -> DomainError:
    """The form calls the stage `to`."""
    if isinstance(error, GateClosed) or error.field == "stage":
        error.field = "to"
    return error


def _move_page(form: MoveForm, lead: Lead, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    to = Stage.read(form.to.data or "")
    facts = facts_of(lead)
    context: dict[str, Any] = {
        "form": form, "lead": lead, "to": to, "may_override": may_reassign(actor, lead),
        "rows": gate_rows(actor, lead, facts, to) if to else [],
        "missing": len(stages.missing(facts, to)) if to else 0,
        "back": to is not None and to is not lead.stage and not stages.is_forward(lead.stage, to),
    }  # fmt: skip
    template = "leads/_move.html" if wants_fragment() else "leads/advance.html"
    return render_template(template, is_fragment=wants_fragment(), **context), status


@bp.route("/<int:lead_id>/status", methods=["GET", "POST"])
@requires(Capability.ADD_LEADS)
def status(lead_id: int) -> ResponseReturnValue:
    """Pause, lose, end or take up a lead again."""
    lead = load(lead_id)
    require_change(current_actor(), lead)
    form = StatusForm()
    form.set_choices(lead.status)
    if request.method == "GET":
        wanted = Status.read(request.args.get("to", ""))
        form.to.data = wanted.value if wanted and wanted is not lead.status else None
        form.on.data = clock.today()
        form.version.data = str(lead.version)
        return _status_page(form, lead)
    if not form.validate():
        return _status_page(form, lead, 422)
    try:
        check_version(form, lead)
        with unit_of_work():
            services.set_status(
                actor=current_actor(), lead=lead, to=Status(form.to.data), on=form.on.data,
                lost_reason=form.lost_reason.data, lost_to=form.lost_to.data or "",
                note=form.note.data or "",
            )  # fmt: skip
    except DomainError as error:
        lead = load(lead_id)
        form.version.data = str(lead.version)
        if error.field == "status":
            error.field = "to"
        return _status_page(form, lead, show_refusal(form, error))
    flash(_("状态已改为“%(status)s”。", status=_(lead.status.label)))
    return redirect(url_for("leads.detail", lead_id=lead_id), 303)


def _status_page(form: StatusForm, lead: Lead, code: int = 200) -> ResponseReturnValue:
    reasons = settings.list_items(ListKind.LOST_REASON)
    return render_template("leads/status.html", form=form, lead=lead, reasons=reasons), code


@bp.route("/<int:lead_id>/appraisal", methods=["GET", "POST"])
@requires(Capability.OVERRIDE_GATE)
def appraisal(lead_id: int) -> ResponseReturnValue:
    """Note the outcome of the appraisal, with evidence."""
    lead = load(lead_id)
    require_reassign(current_actor(), lead)
    form = AppraisalForm()
    if request.method == "GET":
        form.appraisal_passed_on.data = lead.appraisal_passed_on
        form.appraisal_evidence.data = lead.appraisal_evidence
        form.version.data = str(lead.version)
        return render_template("leads/appraisal.html", form=form, lead=lead)
    if not form.validate():
        return render_template("leads/appraisal.html", form=form, lead=lead), 422
    try:
        check_version(form, lead)
        with unit_of_work():
            services.set_appraisal(
                actor=current_actor(), lead=lead, passed_on=form.appraisal_passed_on.data,
                evidence=form.appraisal_evidence.data or "",
            )  # fmt: skip
    except DomainError as error:
        lead = load(lead_id)
        form.version.data = str(lead.version)
        code = show_refusal(form, error)
        return render_template("leads/appraisal.html", form=form, lead=lead), code
    flash(_("评审结论已登记。"))
    return redirect(url_for("leads.detail", lead_id=lead_id), 303)
