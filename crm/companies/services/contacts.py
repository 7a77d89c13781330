"""People at companies: add, change, archive, show a phone number."""

import re
from datetime import date
from typing import Any, TypedDict, cast

import phonenumbers
from flask_babel import gettext as _

from crm.companies import names
from crm.companies.kinds import DecisionRole
from crm.companies.models import Company, Contact
from crm.companies.services.documents import company_changed, contact_renamed
from crm.companies.services.values import clean_text
from crm.core import activity
from crm.core.errors import FieldErrors, StaleVersion
from crm.core.labels import N_
from crm.core.permissions import Actor
from crm.extensions import db

TEXT_LENGTHS = {"ref": 120, "name": 80, "title": 80, "phone": 40, "email": 200}
_COLUMNS = (*TEXT_LENGTHS, "decision_role", "owner_team_id")
_EMAIL = re.compile(r"[^@\s,;，；]+@[^@\s,;，；]+\.[^@\s.,;，；]{2,}")


class ContactValues(TypedDict, total=False):
    """What a contact is made of; keys that are absent stay unchanged."""

    ref: str | None
    name: str
    title: str
    decision_role: DecisionRole | None
    phone: str
    email: str
    owner_team_id: int | None
    submission_key: str | None


def save_contact(
    *,
    actor: Actor,
    company: Company,
    values: ContactValues,
    contact: Contact | None = None,
    version: int | None = None,
) -> Contact:
    """Add a contact to a company, or change one. Raises FieldErrors, StaleVersion.

    A new contact belongs to the team of whoever adds it. Nothing is written where the values say
    what is stored already.
    """
    if contact is not None and version is not None and version != contact.version:
        raise StaleVersion(N_("这条记录刚被别人改过，请核对后再保存。"))
    clean = _checked(values, is_new=contact is None)
    if contact is None:
        contact = Contact(company=company, owner_team_id=actor.team_id)
        contact.submission_key = values.get("submission_key") or None
        db.session.add(contact)
        _apply(contact, clean)
        verb, changes = "contact.create", None
    else:
        changes = _apply(contact, clean)
        if not changes:
            return contact
        verb = "contact.update"
    db.session.flush()
    _record(actor, verb, contact, changes)
    company_changed([company.id])
    if changes and "name" in changes:
        contact_renamed(contact.id)
    return contact


def archive_contact(*, actor: Actor, on: date, contact: Contact) -> None:
    """Take a contact out of the lists; notes keep naming them. Archiving twice changes nothing."""
    if contact.archived_on is None:
        contact.archived_on = on
        _record(actor, "contact.archive", contact, None)


def restore_contact(*, actor: Actor, contact: Contact) -> None:
    """Put an archived contact back into the lists."""
    if contact.archived_on is not None:
        contact.archived_on = None
        _record(actor, "contact.restore", contact, None)


def reveal_phone(*, actor: Actor, contact: Contact) -> str:
    """The phone number in full; who looked at it is logged."""
    _record(actor, "contact.reveal", contact, None)
    return contact.phone


def find_phone_fault(text: str) -> str:
    """What is wrong with a phone number, empty if nothing. Foreign numbers are never refused.

    Several numbers and extensions may stand in one field, so only a number that is plainly one
    of China is held against the numbering plan.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) < 5 or re.search(
        r"[^\W\d_]", re.sub(r"转|分机|ext\.?|x", "", text, flags=re.IGNORECASE)
    ):
        return _("请填写电话号码，例如 138 1234 5678 或 0516-8765 4321。")
    if text.startswith(("+", "00")) or re.search(
        r"[/、,，;；转分x#]|ext", text, flags=re.IGNORECASE
    ):
        return ""
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return ""
    is_mobile = digits.startswith("1") and not digits.startswith("10")
    if is_mobile and len(digits) != 11:
        return _("手机号应为 11 位，您填了 %(count)d 位；国外号码请以 + 开头。", count=len(digits))
    if len(digits) >= 7 and not phonenumbers.is_possible_number(number):
        return _("这个号码的位数不对；国外号码请以 + 开头。")
    return ""


def _checked(values: ContactValues, *, is_new: bool) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    clean = cast("dict[str, Any]", dict(values))
    for key, most in TEXT_LENGTHS.items():
        if key in clean:
            faults: list[str] = []
            clean[key] = clean_text(clean[key] or "", most, faults)
            if faults:
                errors[key] = faults
    if "ref" in clean:
        clean["ref"] = clean["ref"] or None
    if (is_new or "name" in clean) and not clean.get("name"):
        errors.setdefault("name", []).append(_("请填写姓名。"))
    phone, email = clean.get("phone"), clean.get("email")
    if phone and "phone" not in errors and (fault := find_phone_fault(phone)):
        errors["phone"] = [fault]
    if email and "email" not in errors and not _EMAIL.fullmatch(email):
        errors["email"] = [_("邮箱地址不对，例如 name@example.com。")]
    if errors:
        raise FieldErrors(errors)
    return clean


def _apply(contact: Contact, clean: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for key in _COLUMNS:
        if key in clean and getattr(contact, key) != clean[key]:
            # The log is read by people who may not see a phone number: it says only that it changed.
            shown = (
                ["***", "***"]
                if key in {"phone", "email"}
                else [
                    _shown(getattr(contact, key)),
                    _shown(clean[key]),
                ]
            )
            changes[key] = shown
            setattr(contact, key, clean[key])
    contact.phone_key = names.phone_key(contact.phone or "")
    return changes


def _shown(value: Any) -> Any:
    return getattr(value, "label", value)


def _record(actor: Actor, verb: str, contact: Contact, changes: dict[str, Any] | None) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="contact",
        subject_id=contact.id,
        summary=contact.name,
        changes=changes,
    )
