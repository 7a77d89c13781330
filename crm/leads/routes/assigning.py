"""The pages on which leads change hands: assigning, claiming, handing over, naming people."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from crm.accounts.guards import requires
from crm.accounts.models import User
from crm.core import clock
from crm.core.errors import DomainError, FieldErrors
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor
from crm.leads import services
from crm.leads.forms import PersonForm, PressForm
from crm.leads.models import Lead
from crm.leads.queries import Standards, get_lead
from crm.leads.queries.one import person_named
from crm.leads.queries.pack import pack_of
from crm.leads.routes.blueprint import bp, check_version, chosen_leads, load, show_refusal
from crm.leads.services.access import require_reassign


def _person(field: str = "user_id") -> User:
    """The person who was chosen in a form."""
    chosen, typed = request.form.get(field, ""), request.form.get(f"{field}_text", "").strip()
    person = person_named(chosen, typed)
    if person is None:
        text = _("没有找到“%(name)s”。", name=typed[:20]) if typed else _("请选择人员。")
        raise FieldErrors({field: [text]})
    return person


def _shown_person() -> list[tuple[int, str]]:
    person = person_named(request.form.get("user_id", ""), "")
    return [(person.id, person.name)] if person else []


def _refused(form: PersonForm, error: DomainError) -> int:
    """As `show_refusal`; the services call the person by what they become."""
    if isinstance(error, FieldErrors):
        renamed = {"owner_id": "user_id", "to_owner_id": "user_id"}
        error = FieldErrors({renamed.get(k, k): texts for k, texts in error.errors.items()})
    elif error.field == "owner_id":
        error.field = "user_id"
    return show_refusal(form, error)


@bp.route("/<int:lead_id>/assign", methods=["GET", "POST"])
@requires(Capability.REASSIGN)
def assign(lead_id: int) -> ResponseReturnValue:
    """Give a lead to a person."""
    lead = load(lead_id)
    require_reassign(current_actor(), lead)
    form = PersonForm()
    if request.method == "GET":
        form.version.data = str(lead.version)
        return _assign_page(form, lead)
    if not form.validate():
        return _assign_page(form, lead, 422)
    try:
        check_version(form, lead)
        with unit_of_work():
            person = _person()
            services.assign(
                actor=current_actor(), lead=lead, owner_id=person.id, on=clock.today(),
                team_id=lead.team_id if form.keep_team.data else None, note=form.note.data or "",
            )  # fmt: skip
    except DomainError as error:
        lead = load(lead_id)
        form.version.data = str(lead.version)
        return _assign_page(form, lead, _refused(form, error))
    flash(_("已交由 %(name)s 负责。", name=person.name))
    return _back_to(lead_id)


def _assign_page(form: PersonForm, lead: Lead, code: int = 200) -> ResponseReturnValue:
    body = render_template(
        "leads/assign.html", form=form, leads=[lead], lead=lead, person=_shown_person(),
        typed=request.form.get("user_id_text", ""),
    )  # fmt: skip
    return body, code


def _back_to(lead_id: int) -> ResponseReturnValue:
    """To the lead, or to the list where the person no longer sees it."""
    if get_lead(current_actor(), lead_id) is None:
        return redirect(url_for("leads.list"), 303)
    return redirect(url_for("leads.detail", lead_id=lead_id), 303)


@bp.route("/assign", methods=["GET", "POST"])
@requires(Capability.REASSIGN)
def bulk_assign() -> ResponseReturnValue:
    """Give several leads to one person: all or none."""
    leads = chosen_leads()
    if not leads:
        flash(_("请先勾选线索。"), "warning")
        return redirect(url_for("leads.list"), 303)
    for lead in leads:
        require_reassign(current_actor(), lead)
    form = PersonForm()
    if request.method == "GET" or not form.validate():
        code = 200 if request.method == "GET" else 422
        return _bulk_page(form, leads), code
    try:
        with unit_of_work():
            person = _person()
            moved = [lead for lead in leads if lead.owner_id != person.id]
            for lead in moved:
                services.assign(
                    actor=current_actor(), lead=lead, owner_id=person.id, on=clock.today(),
                    team_id=lead.team_id if form.keep_team.data else None,
                    note=form.note.data or "",
                )  # fmt: skip
    except DomainError as error:
        return _bulk_page(form, chosen_leads()), _refused(form, error)
    flash(
        ngettext(
            "%(num)d 条线索已交由 %(name)s 负责。",
            "%(num)d 条线索已交由 %(name)s 负责。",
            len(moved),
            name=person.name,
        )
    )
    return redirect(url_for("leads.list"), 303)


def _bulk_page(form: PersonForm, leads: list[Lead]) -> str:
    return render_template(
        "leads/assign.html", form=form, leads=leads, lead=None, person=_shown_person(),
        typed=request.form.get("user_id_text", ""),
    )  # fmt: skip


@bp.post("/<int:lead_id>/claim")
@requires(Capability.ADD_LEADS)
def claim(lead_id: int) -> ResponseReturnValue:
    """Take a lead without owner."""
    lead = load(lead_id)
    return _press(
        lambda: services.claim(actor=current_actor(), lead=lead, on=clock.today()),
        _("已领取，请在 1 个工作日内联系企业。"), lead_id,
    )  # fmt: skip


@bp.post("/<int:lead_id>/release")
@requires(Capability.REASSIGN)
def release(lead_id: int) -> ResponseReturnValue:
    """Return a lead to those without owner."""
    lead = load(lead_id)
    note = request.form.get("note", "")
    return _press(
        lambda: services.release(actor=current_actor(), lead=lead, on=clock.today(), note=note),
        _("已退回公海。"), lead_id,
    )  # fmt: skip


def _press(deed: Any, done: str, lead_id: int) -> ResponseReturnValue:
    """Do what a button of a page asks; a refusal is said on the page one comes back to."""
    if not PressForm().validate():
        abort(400)
    try:
        with unit_of_work():
            deed()
    except DomainError as error:
        if error.status == 404:
            raise
        flash(error.message, "error")
    else:
        flash(done)
    return _back_to(lead_id)


@bp.post("/<int:lead_id>/people")
@requires(Capability.ADD_LEADS)
def name_person(lead_id: int) -> ResponseReturnValue:
    """Name a colleague on a lead."""
    lead = load(lead_id)

    def deed() -> None:
        services.name_person(actor=current_actor(), lead=lead, user_id=_person().id)

    return _press(deed, _("已列名，对方可以查看和修改这条线索。"), lead_id)


@bp.post("/<int:lead_id>/people/<int:user_id>/remove")
@requires(Capability.ADD_LEADS)
def unname_person(lead_id: int, user_id: int) -> ResponseReturnValue:
    """Take a colleague off a lead."""
    lead = load(lead_id)
    return _press(
        lambda: services.unname_person(actor=current_actor(), lead=lead, user_id=user_id),
        _("已取消列名。"), lead_id,
    )  # fmt: skip


@bp.route("/<int:lead_id>/hand-over", methods=["GET", "POST"])
@requires(Capability.REASSIGN)
def hand_over(lead_id: int) -> ResponseReturnValue:
    """Hand one lead over, with its pack."""
    lead = load(lead_id)
    require_reassign(current_actor(), lead)
    return _hand_over(
        [lead],
        lambda to, note: services.hand_over(
            actor=current_actor(), leads=[lead], to_owner_id=to, on=clock.today(), note=note
        ),
        {"lead": lead, "from_person": lead.owner},
    )


@bp.route("/hand-over", methods=["GET", "POST"])
@requires(Capability.REASSIGN)
def hand_over_person() -> ResponseReturnValue:
    """Hand over everything of a person who leaves."""
    person = person_named(request.args.get("from", ""), "")
    if person is None:
        abort(404)
    leads = services.leads_to_hand_over(current_actor(), person.id)
    return _hand_over(
        leads,
        lambda to, note: services.hand_over_person(
            actor=current_actor(), from_user_id=person.id, to_owner_id=to, on=clock.today(),
            note=note,
        ),
        {"lead": None, "from_person": person},
    )  # fmt: skip


def _hand_over(leads: list[Lead], deed: Any, context: dict[str, Any]) -> ResponseReturnValue:
    form = PersonForm()
    code = 200
    if request.method == "POST":
        if not form.validate():
            code = 422
        else:
            try:
                with unit_of_work():
                    person = _person()
                    done = deed(person.id, form.note.data or "")
            except DomainError as error:
                code = _refused(form, error)
            else:
                flash(
                    _(
                        "已交接 %(leads)s 条线索、%(steps)s 个下一步给 %(name)s。",
                        leads=done.leads,
                        steps=done.next_steps,
                        name=person.name,
                    )
                )
                return redirect(url_for("leads.list"), 303)
    standards = Standards.of(clock.today())
    body = render_template(
        "leads/hand_over.html", form=form, pack=pack_of(leads), standards=standards,
        person=_shown_person(), typed=request.form.get("user_id_text", ""), **context,
    )  # fmt: skip
    return body, code
