"""Reading leads; every list is cut to what the viewer may see, inside the query."""

from crm.leads.queries.collisions import CollisionLine, collision_lines
from crm.leads.queries.facts import facts_of
from crm.leads.queries.filters import LeadFilters
from crm.leads.queries.lights import Standards
from crm.leads.queries.lists import DEFAULT_SORT, SORT_KEYS, LeadPage, lead_page
from crm.leads.queries.one import get_lead

__all__ = [
    "DEFAULT_SORT",
    "SORT_KEYS",
    "CollisionLine",
    "LeadFilters",
    "LeadPage",
    "Standards",
    "collision_lines",
    "facts_of",
    "get_lead",
    "lead_page",
]
