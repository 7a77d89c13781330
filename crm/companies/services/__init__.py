"""The use cases of companies."""

from crm.companies.services.bulk import create_companies
from crm.companies.services.contacts import (
    ContactValues,
    archive_contact,
    find_phone_fault,
    restore_contact,
    reveal_phone,
    save_contact,
)
from crm.companies.services.documents import company_changed
from crm.companies.services.merging import merge_companies, what_moves
from crm.companies.services.saving import create_company, update_company
from crm.companies.services.values import CodeTaken, CompanyValues, HonourValue, NameValue

__all__ = [
    "CodeTaken",
    "CompanyValues",
    "ContactValues",
    "HonourValue",
    "NameValue",
    "archive_contact",
    "company_changed",
    "create_companies",
    "create_company",
    "find_phone_fault",
    "merge_companies",
    "restore_contact",
    "reveal_phone",
    "save_contact",
    "update_company",
    "what_moves",
]
