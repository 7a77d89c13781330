"""The pages of leads."""

from crm.leads.routes import assigning, detail, editing, listing, moving
from crm.leads.routes.blueprint import bp

__all__ = ["assigning", "bp", "detail", "editing", "listing", "moving"]
