"""Interactions."""

from flask import Response, url_for

from crm.api import answers, bodies, lookups, tokens
from crm.api.blueprint import bp
from crm.api.openapi import OF_BODIES, operation
from crm.api.records import interactions as records
from crm.api.schemas.common import IfMatch
from crm.api.schemas.interactions import (
    InteractionBody,
    InteractionList,
    InteractionPatch,
    InteractionQuery,
    InteractionRecord,
)
from crm.core import clock
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.interactions.models import Interaction
from crm.leads.contacts import log_contact, revise_contact

TAG = "interactions"


@bp.get("/interactions")
@operation(answers=InteractionList, tag=TAG, name="listInteractions")
def list_interactions(query: InteractionQuery) -> Response:
    """List the interactions that the caller may see: those of such leads, and those without one."""
    return answers.respond(records.page(tokens.caller(), query))


@bp.post("/interactions")
@operation(
    answers=InteractionRecord,
    tag=TAG,
    name="createInteraction",
    status=201,
    also=(*OF_BODIES, 404, 409),
    needs=Capability.LOG_CONTACTS,
)
def add_interaction(json: InteractionBody) -> Response:
    """Log a contact with one or several companies, on a lead or without one."""
    actor = tokens.caller()
    with unit_of_work(), bodies.named_as_sent():
        values = bodies.interaction_values(actor, json)
        lookups.refuse_taken_ref(Interaction, values.get("ref"))
        made = log_contact(actor=actor, on=clock.today(), values=values)
    location = url_for(".get_interaction", id=made.id)
    return answers.record(records.load(made.id), 201, {"Location": location})


@bp.get("/interactions/<path:id>")
@operation(
    answers=InteractionRecord, tag=TAG, name="getInteraction", missing=lookups.NO_INTERACTION
)
def get_interaction(id: str) -> Response:
    """Get an interaction."""
    return answers.record(records.load(lookups.interaction(tokens.caller(), id).id))


@bp.patch("/interactions/<path:id>")
@operation(
    answers=InteractionRecord,
    tag=TAG,
    name="changeInteraction",
    also=(*OF_BODIES, 409, 412, 428),
    missing=lookups.NO_INTERACTION,
    headers=IfMatch,
)
def change_interaction(id: str, json: InteractionPatch) -> Response:
    """Change an interaction; what it said before is kept."""
    answers.require_if_match()
    actor = tokens.caller()
    with unit_of_work(), bodies.named_as_sent():
        interaction = lookups.interaction(actor, id)
        answers.check_if_match(interaction.version)
        values = bodies.interaction_values(actor, json)
        lookups.refuse_taken_ref(Interaction, values.get("ref"), besides=interaction.id)
        revise_contact(actor=actor, on=clock.today(), interaction=interaction, values=values)
    return answers.record(records.load(interaction.id))
