"""The factories make records that the database accepts and that agree with one another."""

from datetime import date, timedelta

import pytest
from flask import session
from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from crm.accounts.sign_in import current_key_hash, hash_key
from crm.companies.models import CompanyName
from crm.core.permissions import Role
from crm.interactions.models import Interaction
from crm.leads.models import StageEntry
from crm.leads.stages import Stage
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    HonourFactory,
    InteractionFactory,
    LeadFactory,
    make_uscc,
)


def test_companies_have_names_that_are_found(db_session: Session) -> None:
    company = CompanyFactory(short_name="示例重工", aliases=["示例牌"])
    rows = db_session.scalars(select(CompanyName).where(CompanyName.company_id == company.id))
    assert {row.name for row in rows} == {company.name, "示例重工", "示例牌"}
    assert uscc.is_valid(company.uscc)


def test_credit_codes_are_valid_and_differ() -> None:
    codes = {make_uscc(number) for number in range(200)}
    assert len(codes) == 200
    assert all(uscc.is_valid(code) for code in codes)


@pytest.mark.parametrize("stage", Stage)
def test_a_lead_has_the_history_of_its_stage(
    db_session: Session, today: date, stage: Stage
) -> None:
    lead = LeadFactory(stage=stage)
    log = list(db_session.scalars(select(StageEntry).order_by(StageEntry.id)))
    assert [row.to_stage for row in log] == list(Stage)[: stage.position + 1]
    assert log[0].entered_on == lead.received_on
    assert log[-1].entered_on == lead.stage_since == today - timedelta(days=10)
    notes = db_session.scalars(select(Interaction).where(Interaction.lead_id == lead.id)).all()
    assert len(notes) == lead.contact_count == min(stage.position, 2)
    assert lead.first_report.company_name == lead.company.name


def test_the_other_records(db_session: Session) -> None:
    assert HonourFactory().valid_until == date(2028, 12, 31)
    assert ContactFactory().phone_key
    note = InteractionFactory()
    assert [person.user for person in note.participants] == [note.author]


def test_a_signed_in_person_is_known_to_the_request(app, as_user) -> None:
    seen = []

    @app.route("/who")
    def who() -> str:
        from crm.core.web import current_actor

        assert current_key_hash() == hash_key(session["key"])
        seen.append(current_actor())
        return "ok"

    lead = as_user(role="team_lead", team="项目一科")
    officer = as_user(can_export=True)
    lead.get("/who")
    officer.get("/who")
    assert [actor.role for actor in seen] == [Role.TEAM_LEAD, Role.OFFICER]
    assert seen[0].team_id == seen[1].team_id
    assert seen[1].can_export
    assert officer.user.id == seen[1].id
