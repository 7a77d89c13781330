"""Reading interactions; every list is cut to what the viewer may see, inside the query."""

from crm.interactions.queries.candidates import firm_candidates
from crm.interactions.queries.lists import InteractionFilters, TeamChoice, interaction_page, teams
from crm.interactions.queries.one import (
    LeadBrief,
    find_attachment,
    get_interaction,
    lead_briefs,
    revisions_of,
)
from crm.interactions.queries.steps import open_steps
from crm.interactions.queries.timeline import Timeline, company_timeline

__all__ = [
    "InteractionFilters",
    "LeadBrief",
    "TeamChoice",
    "Timeline",
    "company_timeline",
    "find_attachment",
    "firm_candidates",
    "get_interaction",
    "interaction_page",
    "lead_briefs",
    "open_steps",
    "revisions_of",
    "teams",
]
