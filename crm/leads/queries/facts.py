"""What the gates and lights need to know of a lead, read from the tables."""

from sqlalchemy import exists, select

from crm.companies.models import Contact
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.stages import Facts


def facts_of(lead: Lead) -> Facts:
    """What a lead has of what the gates ask for."""
    return Facts(
        stage=lead.stage,
        company=lead.company_id is not None,
        source=lead.source_id is not None or lead.source is not None,
        owner=lead.owner_id is not None,
        contact_count=lead.contact_count or 0,
        face_count=lead.face_count or 0,
        next_step=bool(lead.next_step),
        decision_contact=_has_decision_contact(lead.company_id),
        investment=bool(lead.investment_wan_cny or lead.foreign_capital_wan_usd),
        chain_or_industry=bool(lead.industry or lead.nodes),
        site_kind=lead.site_kind is not None,
        land_or_floor=lead.land_mu is not None or lead.floor_area_sqm is not None,
        energy=lead.energy_tce is not None,
        pollutants=bool(lead.pollutants),
        output=lead.output_wan_cny is not None,
        tax=lead.tax_wan_cny is not None,
        registration=bool(lead.investor_registration or lead.company.uscc),
        agreed_amount=bool(lead.agreed_amount),
        agreed_currency=lead.agreed_currency is not None,
        appraisal_passed=lead.appraisal_passed_on is not None,
        unavailable=frozenset(lead.unavailable or ()),
    )


def _has_decision_contact(company_id: int) -> bool:
    query = select(
        exists().where(
            Contact.company_id == company_id,
            Contact.decision_role.is_not(None),
            Contact.archived_on.is_(None),
        )
    )
    return bool(db.session.scalar(query))
