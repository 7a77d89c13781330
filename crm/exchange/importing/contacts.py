"""Imports contacts of companies."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.companies.models import Company, Contact
from crm.companies.services import ContactValues, save_contact
from crm.core.errors import NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Capability
from crm.exchange.exporting.companies import contact_values
from crm.exchange.faults import RowFault
from crm.exchange.headers import Row
from crm.exchange.importing.base import Importer, cells_of
from crm.exchange.importing.context import Context, Results
from crm.exchange.importing.differences import differing
from crm.exchange.importing.lookups import NO_COMPANY, ids_by_ref, needed
from crm.extensions import db


class ContactImporter(Importer):
    """One contact a row; a known contact stays with its company."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not context.actor.can(Capability.EDIT_COMPANIES):
            raise NotAllowed(N_("您的角色不能新增或修改联系人。"))

    def prepare(self, rows: Sequence[Row]) -> None:
        self._company_ids = ids_by_ref(Company, cells_of(rows, "company_ref"))
        self._known = ids_by_ref(Contact, cells_of(rows, "ref"))
        wanted = set(self._company_ids.values())
        query = select(Company).where(Company.id.in_(wanted))
        self._companies = {company.id: company for company in db.session.scalars(query)}
        contacts = select(Contact).where(Contact.id.in_(self._known.values()))
        contacts = contacts.options(joinedload(Contact.company))
        self._contacts = {contact.id: contact for contact in db.session.scalars(contacts)}

    def take_row(self, row: Row, results: Results) -> None:
        if row.key in self._known and not self.context.update:
            results.changed(row, False)
            return
        ref = row.values["company_ref"]
        company_id = needed(self._company_ids, "company_ref", ref, NO_COMPANY)
        actor = self.context.actor
        if row.key not in self._known:
            values = {k: v for k, v in row.values.items() if k != "company_ref"}
            company = self._companies[company_id]
            save_contact(actor=actor, company=company, values=cast(ContactValues, values))
            results.created.add(row.number)
            return
        contact = self._contacts[self._known[row.key]]
        if contact.company_id != company_id:
            raise RowFault("company_ref", N_("这位联系人属于另一家企业，不能改换。"))
        given = self._differing(row, contact)
        if given:
            save_contact(
                actor=actor,
                company=contact.company,
                contact=contact,
                values=cast(ContactValues, given),
            )
        results.changed(row, bool(given))

    def _differing(self, row: Row, contact: Contact) -> dict[str, Any]:
        context = self.context
        given = differing(context.layout, row, contact_values(contact), context.on)
        return {k: v for k, v in given.items() if k not in {"ref", "company_ref"}}
