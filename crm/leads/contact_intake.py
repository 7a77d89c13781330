"""What a form brings besides the contact itself: a new firm, a new person, figures of the lead.

All in one transaction, so that a refusal of one part leaves nothing of the others.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from crm.companies.models import CompanyName, Contact
from crm.companies.queries import company_by_name, find_matches, get_company
from crm.companies.services import create_company, save_contact
from crm.core.errors import FieldErrors, NotAllowed
from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.contacts import InteractionValues, Upload, log_contact
from crm.leads.models import Lead
from crm.leads.services import update_lead
from crm.leads.stages import OPEN_STATUSES
from crm.leads.values import LeadValues

NO_LEAD = "0"
_MOST_LEADS = 50
_SEPARATORS = re.compile(r"[；;\n]")


@dataclass(frozen=True)
class ContactEntry:
    """What a person entered.

    `lead_choice` is an id, `NO_LEAD`, or empty: then the firm's only open lead that the person
    sees is taken. `company_names` were typed and not picked; `may_create` says that a firm with a
    similar name is meant to be new.
    """

    values: InteractionValues
    company_ids: Sequence[int] = ()
    company_names: Sequence[str] = ()
    may_create: bool = False
    lead_choice: str = ""
    contact_name: str = ""
    lead_values: LeadValues = field(default_factory=LeadValues)
    files: Sequence[Upload] = ()


def enter_contact(*, actor: Actor, on: date, entry: ContactEntry) -> Interaction:
    """Log what was entered. Raises as `log_contact`, and FieldErrors for the other parts."""
    companies = [*entry.company_ids, *resolve_names(actor=actor, on=on, entry=entry)]
    values: InteractionValues = {**entry.values, "company_ids": companies}
    lead_id = choose_lead(actor, companies, entry.lead_choice)
    values["lead_id"] = lead_id
    if entry.contact_name:
        firm = _firm_of(companies, lead_id)
        contact = _contact(actor, firm, entry.contact_name)
        values["contact_ids"] = [*values.get("contact_ids", ()), contact.id]
    interaction = log_contact(actor=actor, on=on, values=values, files=entry.files)
    if entry.lead_values:
        _update_lead(actor, on, lead_id, entry.lead_values)
    return interaction


def resolve_names(*, actor: Actor, on: date, entry: ContactEntry) -> list[int]:
    """Ids of firms that were typed: the one of exactly this name, else a new one.

    Raises FieldErrors where firms with a similar name exist and `may_create` is not set.
    """
    found = []
    for name in entry.company_names:
        company = company_by_name(name)
        if company is None:
            near = [] if entry.may_create else find_matches(name=name, limit=3)
            if near:
                known = "、".join(match.company_name for match in near)
                message = _("企业库里已有相近的名称：%(known)s。请从候选里选择。", known=known)
                question = _("确实是另一家，请勾选后再保存。")
                raise FieldErrors({"company_ids": [message], "may_create": [question]})
            company = create_company(actor=actor, on=on, values={"name": name})
        found.append(company.id)
    return found


def split_picked(ids: Sequence[int], text: str, *, several: bool) -> tuple[list[int], list[str]]:
    """What a typeahead of firms means: ids that were picked, and names that were typed.

    Without script the box holds the names of what was picked before: a name that is gone from it
    takes its id along, and a name that belongs to a picked firm is no new one.
    """
    names = [name.strip() for name in _SEPARATORS.split(text)] if several else [text.strip()]
    typed = [name for name in names if name]
    if not typed or not ids:
        return list(ids), typed
    own: dict[str, int] = {}
    rows = db.session.execute(
        select(CompanyName.name, CompanyName.company_id).where(CompanyName.company_id.in_(ids))
    )
    for name, company_id in rows:
        own.setdefault(name, company_id)
    unknown = [name for name in typed if name not in own]
    if several and len(unknown) == len(typed):
        return list(ids), unknown
    return list(dict.fromkeys(own[name] for name in typed if name in own)), unknown


def choose_lead(actor: Actor, company_ids: Collection[int], choice: str) -> int | None:
    """The lead to log on. Raises FieldErrors where several are possible and none was chosen."""
    if choice == NO_LEAD:
        return None
    if choice:
        return int(choice) if choice.isascii() and choice.isdigit() and len(choice) < 10 else -1
    leads = open_leads_of(actor, company_ids)
    if len(leads) > 1:
        message = _(
            "这家企业有 %(count)s 条在谈线索，请选择一条，或选“不挂线索”。", count=len(leads)
        )
        raise FieldErrors({"lead_id": [message]})
    return leads[0].id if leads else None


def open_leads_of(actor: Actor, company_ids: Collection[int]) -> list[Lead]:
    """Leads of these companies that are still talked about and that the person may see."""
    if not company_ids:
        return []
    query = (
        select(Lead)
        .where(
            Lead.company_id.in_(company_ids),
            Lead.status.in_(OPEN_STATUSES),
            visible_leads(actor, Lead),
        )
        .order_by(Lead.received_on.desc(), Lead.id.desc())
        .limit(_MOST_LEADS)
    )
    return list(db.session.scalars(query))


def _firm_of(company_ids: Sequence[int], lead_id: int | None) -> int:
    if company_ids:
        return company_ids[0]
    company_id = db.session.scalar(select(Lead.company_id).where(Lead.id == lead_id))
    if company_id is None:
        raise FieldErrors({"contact_name": [_("请先选择企业，再填联系人。")]})
    return company_id


def _contact(actor: Actor, company_id: int, name: str) -> Contact:
    """The person of this name at the firm, added where nobody is called so."""
    query = select(Contact).where(
        Contact.company_id == company_id, Contact.name == name, Contact.archived_on.is_(None)
    )
    known = db.session.scalars(query.order_by(Contact.id)).first()
    if known is not None:
        return known
    try:
        return save_contact(actor=actor, company=get_company(company_id), values={"name": name})
    except FieldErrors as error:
        messages = [text for texts in error.errors.values() for text in texts]
        raise FieldErrors({"contact_name": messages}) from error


def _update_lead(actor: Actor, on: date, lead_id: int | None, values: LeadValues) -> None:
    first = next(name for name in values if name != "typed")
    lead = db.session.get(Lead, lead_id) if lead_id else None
    if lead is None:
        raise FieldErrors({first: [_("没有挂线索，这里的数字没有地方存。请选择线索或清空。")]})
    try:
        update_lead(actor=actor, on=on, lead=lead, values=values)
    except NotAllowed as error:
        raise FieldErrors({first: [error.message]}) from error
