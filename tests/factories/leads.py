"""Leads that are legally in the stage they are in."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory

from crm.core import clock
from crm.core.settings import ListKind, list_item
from crm.extensions import db
from crm.interactions.kinds import InteractionKind
from crm.leads.kinds import Currency, InvestorKind, Sector, SiteKind
from crm.leads.models import FirstReport, Lead, StageEntry
from crm.leads.reached import refresh_reached
from crm.leads.stages import Stage
from tests.factories.base import Factory
from tests.factories.companies import CompanyFactory, ContactFactory
from tests.factories.interactions import InteractionFactory
from tests.factories.people import UserFactory

# What the gate to each stage asks for, as fields of the lead.
_NEEDED: dict[Stage, dict[str, Any]] = {
    Stage.IDENTIFIED: {},
    Stage.CONTACTED: {"next_step": "约见总经理"},
    Stage.NEGOTIATING: {
        "investment_wan_cny": Decimal(35000),
        "industry": "工程机械",
        "site_kind": SiteKind.NEW_LAND,
    },
    Stage.APPRAISING: {
        "land_mu": Decimal(80),
        "energy_tce": Decimal(1200),
        "pollutants": "无",
        "output_wan_cny": Decimal(60000),
        "tax_wan_cny": Decimal(2400),
    },
    Stage.SIGNED: {
        "investor_registration": "示例登记号",
        "agreed_amount": Decimal(35000),
        "agreed_currency": Currency.CNY,
    },
}
DAYS_IN_STAGE = 10


def _reached(stage: Stage) -> list[Stage]:
    return list(Stage)[: stage.position + 1]


class LeadFactory(Factory):
    """A lead of a made-up firm, in stage `identified` unless another is given.

    With `stage=` it has everything the gates up to that stage ask for: fields, a deciding contact,
    two interactions, a stage log with ten days in each stage, the last entered ten days ago.
    """

    class Meta:
        model = Lead

    stage = Stage.IDENTIFIED
    title = factory.Sequence(lambda n: f"示例项目{n}")
    company = factory.SubFactory(CompanyFactory)
    owner = factory.SubFactory(UserFactory)
    registrar = factory.SelfAttribute("owner")
    team = factory.LazyAttribute(lambda made: made.owner.team if made.owner else None)
    sector = Sector.MANUFACTURING
    investor_kind = InvestorKind.DOMESTIC
    source = factory.LazyFunction(lambda: list_item(ListKind.SOURCE, "自行接洽"))
    received_on = factory.LazyAttribute(
        lambda made: clock.today() - timedelta(days=DAYS_IN_STAGE * (made.stage.position + 1))
    )
    stage_since = factory.LazyAttribute(
        lambda made: made.received_on + timedelta(days=DAYS_IN_STAGE * made.stage.position)
    )

    @classmethod
    def _create(cls, model_class: type[Lead], *args: Any, **kwargs: Any) -> Lead:
        needed: dict[str, Any] = {}
        for stage in _reached(kwargs["stage"]):
            needed |= _NEEDED[stage]
        if kwargs["stage"] is Stage.SIGNED:
            needed["appraisal_passed_on"] = kwargs["stage_since"]
            needed["appraisal_evidence"] = "示例会议纪要"
        lead: Lead = super()._create(model_class, *args, **(needed | kwargs))
        _record_history(lead)
        return lead


def _record_history(lead: Lead) -> None:
    """First report, stage log, and the contacts that the gates ask for."""
    team_id = lead.team.id if lead.team else None
    db.session.add(
        FirstReport(
            lead=lead,
            reported_on=lead.received_on,
            reporter_id=lead.registrar_id,
            reporter_name=lead.registrar.name if lead.registrar else "",
            team_id=team_id,
            company_name=lead.company.name,
        )
    )
    before = None
    for number, stage in enumerate(_reached(lead.stage)):
        day = lead.received_on + timedelta(days=DAYS_IN_STAGE * number)
        db.session.add(
            StageEntry(
                lead_id=lead.id,
                from_stage=before,
                to_stage=stage,
                entered_on=day,
                by_id=lead.registrar_id,
            )
        )
        before = stage
    refresh_reached([lead.id])
    if lead.stage is not Stage.IDENTIFIED:
        _record_contacts(lead)
    db.session.flush()


def _record_contacts(lead: Lead) -> None:
    kinds = [InteractionKind.CALL]
    if lead.stage is not Stage.CONTACTED:
        ContactFactory(company=lead.company)
        kinds.append(InteractionKind.VISIT)
    for number, kind in enumerate(kinds, start=1):
        day = lead.received_on + timedelta(days=5 * number)
        InteractionFactory(lead=lead, author=lead.owner, kind=kind, occurred_on=day)
        lead.last_contact_on = day
    lead.responded_on = lead.received_on
    lead.contact_count = len(kinds)
    lead.face_count = sum(kind.is_face_to_face for kind in kinds)
