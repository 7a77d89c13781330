"""What can be done to a lead. Everything takes keywords, an `actor` and the day `on`.

Contacts on a lead (logging, next steps) are in `crm.leads.contacts`.
"""

from crm.leads.services.assignment import (
    assign,
    claim,
    claims_on,
    name_person,
    release,
    unname_person,
)
from crm.leads.services.bulk import create_leads
from crm.leads.services.editing import mark_unavailable, set_appraisal, update_lead
from crm.leads.services.handing_over import (
    HandOver,
    hand_over,
    hand_over_person,
    leads_to_hand_over,
)
from crm.leads.services.history import PastStage, add_stage_histories
from crm.leads.services.intake import create_lead
from crm.leads.services.merging import repoint_company
from crm.leads.services.moves import add_stage_history, advance, set_status

__all__ = [
    "HandOver",
    "PastStage",
    "add_stage_histories",
    "add_stage_history",
    "advance",
    "assign",
    "claim",
    "claims_on",
    "create_lead",
    "create_leads",
    "hand_over",
    "hand_over_person",
    "leads_to_hand_over",
    "mark_unavailable",
    "name_person",
    "release",
    "repoint_company",
    "set_appraisal",
    "set_status",
    "unname_person",
    "update_lead",
]
