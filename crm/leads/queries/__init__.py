"""Reading leads; every list is cut to what the viewer may see, inside the query."""

from crm.leads.queries.collisions import CollisionLine, collision_lines
from crm.leads.queries.facts import facts_of
from crm.leads.queries.filters import LeadFilters
from crm.leads.queries.lights import Standards
from crm.leads.queries.lists import DEFAULT_SORT, SORT_KEYS, LeadPage, lead_rows, whole_leads
from crm.leads.queries.one import get_lead
from crm.leads.queries.rows import LeadRow

__all__ = [
    "DEFAULT_SORT",
    "SORT_KEYS",
    "CollisionLine",
    "LeadFilters",
    "LeadPage",
    "LeadRow",
    "Standards",
    "collision_lines",
    "facts_of",
    "get_lead",
    "lead_rows",
    "whole_leads",
]
