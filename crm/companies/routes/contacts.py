"""Contacts of a company: add, edit, archive, show a phone number."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.accounts.guards import requires
from crm.companies import queries, services
from crm.companies.fields import CONTACT
from crm.companies.forms import ContactForm, PressForm
from crm.companies.kinds import DecisionRole
from crm.companies.models import Company, Contact
from crm.companies.routes.blueprint import bp, load, show_refusal
from crm.companies.services import ContactValues
from crm.core import clock
from crm.core.errors import DomainError, NotFound, StaleVersion
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, wants_fragment

TEXTS = ("name", "title", "phone", "email")


@bp.route("/<int:company_id>/contacts/new", methods=["GET", "POST"])
@requires(Capability.EDIT_COMPANIES)
def new_contact(company_id: int) -> ResponseReturnValue:
    """Add a contact."""
    company = load(company_id)
    form = ContactForm()
    if request.method == "GET":
        form.submission_key.data = secrets.token_urlsafe(16)
        return _page(form, company)
    if not form.validate():
        return _page(form, company, status=422)
    key = form.submission_key.data or ""
    if queries.contact_by_submission(company, key) is None:
        values = _values(form)
        values["submission_key"] = key or None
        try:
            with unit_of_work():
                services.save_contact(actor=current_actor(), company=company, values=values)
        except DomainError as error:
            if queries.contact_by_submission(company, key) is None:
                return _page(form, company, status=show_refusal(form, error))
    return _saved(company, f"contact:new:{company.id}", _("联系人已添加。"))


@bp.route("/<int:company_id>/contacts/<int:contact_id>/edit", methods=["GET", "POST"])
@requires(Capability.EDIT_COMPANIES)
def edit_contact(company_id: int, contact_id: int) -> ResponseReturnValue:
    """Change a contact."""
    company, contact = _load(company_id, contact_id)
    if request.method == "GET":
        return _page(ContactForm(data=_stored(contact)), company, contact)
    form = ContactForm()
    if not form.validate():
        return _page(form, company, contact, status=422)
    sent = form.version.data or ""
    version = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
    values = _values(form)
    for name in list(values):
        if request.form.get(f"choose-{name}") == "theirs":
            values.pop(name)  # type: ignore[misc]
    try:
        with unit_of_work():
            services.save_contact(
                actor=current_actor(),
                company=company,
                contact=contact,
                values=values,
                version=version,
            )
    except StaleVersion:
        return _show_conflict(form, *_load(company_id, contact_id))
    except DomainError as error:
        return _page(form, *_load(company_id, contact_id), status=show_refusal(form, error))
    return _saved(company, f"contact:{contact_id}", _("已保存。"))


@bp.post("/<int:company_id>/contacts/<int:contact_id>/archive")
@requires(Capability.EDIT_COMPANIES)
def archive_contact(company_id: int, contact_id: int) -> ResponseReturnValue:
    """Take a contact out of the lists, or put one back."""
    company, contact = _load(company_id, contact_id)
    if not PressForm().validate():
        abort(400)
    back = request.form.get("back") == "1"
    with unit_of_work():
        if back:
            services.restore_contact(actor=current_actor(), contact=contact)
        else:
            services.archive_contact(actor=current_actor(), on=clock.today(), contact=contact)
    return _saved(company, "", _("已恢复。") if back else _("联系人已归档，历史记录里仍可看到。"))


@bp.post("/<int:company_id>/contacts/<int:contact_id>/phone")
@requires(Capability.SEE_BUSINESS)
def reveal_phone(company_id: int, contact_id: int) -> ResponseReturnValue:
    """Show one phone number in full; who looked is logged."""
    company, contact = _load(company_id, contact_id)
    if not PressForm().validate():
        abort(400)
    with unit_of_work():
        phone = services.reveal_phone(actor=current_actor(), contact=contact)
    if wants_fragment():
        return render_template("companies/_phone.html", phone=phone)
    flash(_("%(name)s：%(phone)s（查看已留痕）", name=contact.name, phone=phone or "—"), "info")
    return redirect(_address(company), 303)


def _load(company_id: int, contact_id: int) -> tuple[Company, Contact]:
    company = load(company_id)
    try:
        return company, queries.get_contact(company, contact_id)
    except NotFound:
        abort(404)


def _values(form: ContactForm) -> ContactValues:
    role = form.decision_role.data
    return ContactValues(
        name=form.name.data or "",
        title=form.title.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        decision_role=DecisionRole(role) if role else None,
    )


def _stored(contact: Contact) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(contact, name) for name in TEXTS}
    data["decision_role"] = contact.decision_role.value if contact.decision_role else ""
    data["version"] = str(contact.version)
    return data


def _show_conflict(form: ContactForm, company: Company, contact: Contact) -> ResponseReturnValue:
    rows = []
    for name, mine in _values(form).items():
        texts = [_shown(getattr(contact, name)), _shown(mine)]
        if texts[0] != texts[1]:
            label = _(CONTACT[name])
            rows.append({"field": name, "label": label, "theirs": texts[0], "mine": texts[1]})
    form.version.data = str(contact.version)
    return _page(form, company, contact, status=412, rows=rows)


def _shown(value: Any) -> str:
    return _(value.label) if isinstance(value, DecisionRole) else str(value or "")


def _saved(company: Company, draft: str, text: str) -> ResponseReturnValue:
    flash(text)
    if draft:
        flash(draft, "draft-clear")
    return redirect(_address(company), 303)


def _address(company: Company) -> str:
    return url_for("companies.detail", company_id=company.id, _anchor="contacts")


def _page(
    form: ContactForm,
    company: Company,
    contact: Contact | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> ResponseReturnValue:
    body = render_template(
        "companies/contact_form.html", form=form, company=company, contact=contact, **more
    )
    return body, status
