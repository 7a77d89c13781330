"""What can be done with an interaction, whatever it hangs on.

Whatever concerns a lead (its facts, its clock, telling its owner) is added by `leads.contacts`,
which pages, API and import call instead of these.
"""

from crm.interactions.services.bulk import BulkOutcome, record_interactions
from crm.interactions.services.files import Upload, attach, remove_attachment
from crm.interactions.services.moving import hand_over_steps, move_to_company
from crm.interactions.services.prepared import InteractionValues
from crm.interactions.services.recording import find_submission, record_interaction
from crm.interactions.services.revising import revise_interaction
from crm.interactions.services.steps import complete_step, reopen_step, reschedule_step

__all__ = [
    "BulkOutcome",
    "InteractionValues",
    "Upload",
    "attach",
    "complete_step",
    "find_submission",
    "hand_over_steps",
    "move_to_company",
    "record_interaction",
    "record_interactions",
    "remove_attachment",
    "reopen_step",
    "reschedule_step",
    "revise_interaction",
]
