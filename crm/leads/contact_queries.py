"""Records that the forms of contacts name, read by id."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from crm.accounts.models import User
from crm.companies.models import Company, Contact
from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.leads.models import Lead

_LARGEST = 2**31 - 1
_MOST_CONTACTS = 100


def companies_by_id(ids: Sequence[int]) -> list[Company]:
    """The companies with these ids, in their order; those that are gone are left out."""
    if not ids:
        return []
    rows = {row.id: row for row in db.session.scalars(select(Company).where(Company.id.in_(ids)))}
    return [rows[company_id] for company_id in ids if company_id in rows]


def people_by_id(ids: Sequence[int]) -> list[User]:
    """The colleagues with these ids, in their order."""
    if not ids:
        return []
    query = select(User).where(User.id.in_(ids)).options(lazyload(User.team))
    rows = {row.id: row for row in db.session.scalars(query)}
    return [rows[user_id] for user_id in ids if user_id in rows]


def contacts_of(company_ids: Collection[int]) -> list[Contact]:
    """People at these companies who are still there."""
    if not company_ids:
        return []
    query = (
        select(Contact)
        .where(Contact.company_id.in_(company_ids), Contact.archived_on.is_(None))
        .order_by(Contact.company_id, Contact.id)
        .limit(_MOST_CONTACTS)
        .options(joinedload(Contact.company))
    )
    return list(db.session.scalars(query))


def contacts_by_id(ids: Sequence[int]) -> list[Contact]:
    """The contacts with these ids."""
    return list(db.session.scalars(select(Contact).where(Contact.id.in_(ids)))) if ids else []


def lead_of(actor: Actor, lead_id: int) -> Lead | None:
    """The lead with this id, None where there is none that the person may see."""
    if not 0 < lead_id <= _LARGEST:
        return None
    return db.session.scalar(select(Lead).where(Lead.id == lead_id, visible_leads(actor, Lead)))
