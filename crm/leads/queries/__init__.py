"""Reading leads; every list is cut to what the viewer may see, inside the query."""

from crm.leads.queries.collisions import CollisionLine, collision_lines
from crm.leads.queries.facts import facts_of
from crm.leads.queries.one import get_lead

__all__ = ["CollisionLine", "collision_lines", "facts_of", "get_lead"]
