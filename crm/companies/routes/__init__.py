"""The pages of companies that need nothing but companies.

The list, the page of one company and the merge also show leads and interactions, which build on
this domain: `crm.pipeline.company_pages` adds them to the same blueprint.
"""

from crm.companies.routes import contacts, editing, picking
from crm.companies.routes.blueprint import bp

__all__ = ["bp", "contacts", "editing", "picking"]
