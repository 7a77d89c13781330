"""Logging contacts: the quick form, the full form, editing, next steps, reading pasted text."""

from crm.leads.contact_routes import asides, editing, entering, steps
from crm.leads.contact_routes.blueprint import bp

__all__ = ["asides", "bp", "editing", "entering", "steps"]
