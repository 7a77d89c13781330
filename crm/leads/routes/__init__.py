"""The pages of leads."""

from crm.leads.routes import assigning, bulk_steps, detail, editing, listing, moving
from crm.leads.routes.blueprint import bp

__all__ = ["assigning", "bp", "bulk_steps", "detail", "editing", "listing", "moving"]
