"""Leads, their stages and their status."""

from flask import Response, url_for

from crm.api import answers, bodies, lookups, tokens
from crm.api.blueprint import bp
from crm.api.openapi import OF_BODIES, operation
from crm.api.records import leads as records
from crm.api.schemas.common import IfMatch
from crm.api.schemas.leads import (
    LeadBody,
    LeadList,
    LeadPatch,
    LeadQuery,
    LeadRecord,
    NewLead,
    StageMove,
    StatusChange,
)
from crm.companies.models import Company
from crm.core import clock
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.services import advance, create_lead, set_status, update_lead
from crm.leads.values import LeadValues

TAG = "leads"


@bp.get("/leads")
@operation(answers=LeadList, tag=TAG, name="listLeads")
def list_leads(query: LeadQuery) -> Response:
    """List the leads that the caller may see."""
    return answers.respond(records.page(tokens.caller(), query))


@bp.post("/leads")
@operation(
    answers=NewLead,
    tag=TAG,
    name="createLead",
    status=201,
    also=(*OF_BODIES, 409),
    needs=Capability.ADD_LEADS,
)
def add_lead(json: LeadBody) -> Response:
    """Register a lead; it begins as `identified`.

    Others who are already talking with the firm are named in `collisions` and never hinder. A
    later `stage` passes the gates; a `ref` that is taken answers 409.
    """
    actor = tokens.caller()
    with unit_of_work(), bodies.named_as_sent():
        values = bodies.lead_values(actor, json)
        lookups.refuse_taken_ref(Lead, values.get("ref"))
        others = _others(values)
        made = create_lead(actor=actor, on=clock.today(), values=values)
    body = {**records.load(made.id), "collisions": others}
    return answers.record(body, 201, {"Location": url_for(".get_lead", id=made.id)})


def _others(values: LeadValues) -> list[answers.Json]:
    """Who talks with the firm before the new lead is there and would be found itself."""
    company = db.session.get(Company, values.get("company_id") or 0)
    if company is None:
        return []
    return records.collisions(
        tokens.caller(), name=company.name, uscc=company.uscc or "", company=company
    )


@bp.get("/leads/<path:id>")
@operation(answers=LeadRecord, tag=TAG, name="getLead", missing=lookups.NO_LEAD)
def get_lead(id: str) -> Response:
    """Get a lead."""
    return answers.record(records.load(lookups.lead(tokens.caller(), id).id))


@bp.patch("/leads/<path:id>")
@operation(
    answers=LeadRecord,
    tag=TAG,
    name="changeLead",
    also=(*OF_BODIES, 409, 412, 428),
    missing=lookups.NO_LEAD,
    headers=IfMatch,
)
def change_lead(id: str, json: LeadPatch) -> Response:
    """Change a lead. Lists that are sent replace what was there."""
    answers.require_if_match()
    actor = tokens.caller()
    with unit_of_work(), bodies.named_as_sent():
        lead = lookups.lead(actor, id)
        answers.check_if_match(lead.version)
        values = bodies.lead_values(actor, json, lead)
        lookups.refuse_taken_ref(Lead, values.get("ref"), besides=lead.id)
        update_lead(actor=actor, on=clock.today(), lead=lead, values=values)
    return answers.record(records.load(lead.id))


@bp.post("/leads/<path:id>/stage")
@operation(
    answers=LeadRecord, tag=TAG, name="moveLead", also=(*OF_BODIES, 409), missing=lookups.NO_LEAD
)
def move_lead(id: str, json: StageMove) -> Response:
    """Move a lead to another stage on its actual date.

    With a closed gate 409 lists in `missing` what is still asked for. A team lead passes it with
    `override_reason`; the same reason is needed for going back.
    """
    actor = tokens.caller()
    with unit_of_work(), bodies.named_as_sent():
        lead = lookups.lead(actor, id)
        advance(
            actor=actor,
            lead=lead,
            to=json.stage,
            on=bodies.actual_day(json.on),
            override_reason=json.override_reason,
            evidence=json.evidence,
        )
    return answers.record(records.load(lead.id))


@bp.post("/leads/<path:id>/status")
@operation(
    answers=LeadRecord,
    tag=TAG,
    name="changeStatus",
    also=(*OF_BODIES, 409),
    missing=lookups.NO_LEAD,
)
def change_status(id: str, json: StatusChange) -> Response:
    """Change a lead's status; its stage stays."""
    actor = tokens.caller()
    with unit_of_work(), bodies.named_as_sent():
        lead = lookups.lead(actor, id)
        set_status(
            actor=actor,
            lead=lead,
            to=json.status,
            on=bodies.actual_day(json.on),
            lost_reason=json.lost_reason,
            lost_to=json.lost_to,
            note=json.note,
        )
    return answers.record(records.load(lead.id))
