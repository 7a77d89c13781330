"""Companies, and who is already talking with one."""

from flask import Response, url_for

from crm.api import answers, bodies, lookups, tokens
from crm.api.blueprint import bp
from crm.api.openapi import OF_BODIES, operation
from crm.api.records import companies as records, leads as lead_records
from crm.api.schemas.common import IfMatch
from crm.api.schemas.companies import (
    CompanyBody,
    CompanyList,
    CompanyPatch,
    CompanyQuery,
    CompanyRecord,
)
from crm.api.schemas.leads import CollisionList, CollisionQuery
from crm.companies.models import Company
from crm.companies.services import create_company, update_company
from crm.core import clock
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work

TAG = "companies"


@bp.get("/companies")
@operation(answers=CompanyList, tag=TAG, name="listCompanies")
def list_companies(query: CompanyQuery) -> Response:
    """List companies."""
    return answers.respond(records.page(tokens.caller(), query))


@bp.post("/companies")
@operation(
    answers=CompanyRecord,
    tag=TAG,
    name="createCompany",
    status=201,
    also=(*OF_BODIES, 409),
    needs=Capability.EDIT_COMPANIES,
)
def add_company(json: CompanyBody) -> Response:
    """Add a company. A `ref` or credit code that is taken answers 409."""
    with unit_of_work(), bodies.named_as_sent():
        values = bodies.company_values(json)
        lookups.refuse_taken_ref(Company, values.get("ref"))
        made = create_company(actor=tokens.caller(), on=clock.today(), values=values)
    location = url_for(".get_company", id=made.id)
    return answers.record(records.load(made.id), 201, {"Location": location})


@bp.get("/companies/collisions")
@operation(answers=CollisionList, tag=TAG, name="findCollisions")
def collisions(query: CollisionQuery) -> Response:
    """Tell who is already talking with a firm.

    The firm may be known by name, alias, credit code, phone, pinyin or a near spelling. Each line
    says which team, since when and at which stage, whoever may see the lead itself.
    """
    lines = lead_records.collisions(
        tokens.caller(), name=query.name, uscc=query.uscc, phone=query.phone
    )
    count = len(lines)
    return answers.respond(answers.envelope(lines, total=count, page=1, per_page=count))


@bp.get("/companies/<path:id>")
@operation(answers=CompanyRecord, tag=TAG, name="getCompany", missing=lookups.NO_COMPANY)
def get_company(id: str) -> Response:
    """Get a company. One that was merged into another gives the other."""
    return answers.record(records.load(lookups.company(id).id))


@bp.patch("/companies/<path:id>")
@operation(
    answers=CompanyRecord,
    tag=TAG,
    name="changeCompany",
    also=(*OF_BODIES, 409, 412, 428),
    needs=Capability.EDIT_COMPANIES,
    missing=lookups.NO_COMPANY,
    headers=IfMatch,
)
def change_company(id: str, json: CompanyPatch) -> Response:
    """Change a company. Lists that are sent replace what was there."""
    answers.require_if_match()
    with unit_of_work(), bodies.named_as_sent():
        company = lookups.company(id)
        answers.check_if_match(company.version)
        values = bodies.company_values(json)
        lookups.refuse_taken_ref(Company, values.get("ref"), besides=company.id)
        update_company(actor=tokens.caller(), on=clock.today(), company=company, values=values)
    return answers.record(records.load(company.id))
