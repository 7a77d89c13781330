"""Registering leads: the stamp of the first report, collisions, history, bad values."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from crm.core.activity import Activity
from crm.core.errors import FieldErrors, GateClosed, NotAllowed
from crm.core.notices import Notice
from crm.core.outbox import OutboxRow
from crm.core.permissions import SYSTEM, Visibility
from crm.core.unit_of_work import unit_of_work
from crm.leads import services
from crm.leads.models import Collision, FirstReport, Lead, StageEntry, StatusEntry
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, LeadFactory, UserFactory
from tests.integration.leads.conftest import People

BASICS: dict[str, Any] = {"title": "履带底盘总成", "source": "自行接洽"}


def create(actor: Any, today: date, **values: Any) -> Lead:
    historical = values.pop("historical", False)
    values.setdefault("company_id", CompanyFactory().id)
    with unit_of_work():
        return services.create_lead(
            actor=actor, on=today, values={**BASICS, **values}, historical=historical
        )


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_lead_is_the_officers_and_stamped(
    db_session: Session, people: People, today: date
) -> None:
    company = CompanyFactory(name="示例恒履底盘科技有限公司")
    lead = create(
        people.officer.as_actor(),
        today,
        company_id=company.id,
        investment_wan_cny=Decimal(35000),
        typed={"investment_wan_cny": "3.5亿"},
        energy_tce="unavailable",
        chain_nodes=["cm.under", "cm.under"],
        received_on=today - timedelta(days=5),
    )
    assert (lead.owner, lead.team, lead.registrar) == (people.officer, people.team, people.officer)
    assert (lead.stage, lead.status) == (Stage.IDENTIFIED, Status.ACTIVE)
    assert lead.typed == {"investment_wan_cny": "3.5亿"}
    assert lead.unavailable == ["energy_tce"]
    assert lead.energy_tce is None
    assert [node.node_id for node in lead.nodes] == ["cm.under"]
    stamp = db_session.scalars(select(FirstReport)).one()
    assert (stamp.reporter_name, stamp.team_id) == ("周敏", people.team.id)
    assert stamp.company_name == "示例恒履底盘科技有限公司"
    assert stamp.reported_on == today  # an earlier received date wins no protection
    entry = db_session.scalars(select(StageEntry)).one()
    assert (entry.to_stage, entry.entered_on) == (Stage.IDENTIFIED, lead.received_on)
    deed = db_session.scalars(select(Activity).where(Activity.verb == "lead.create")).one()
    assert deed.lead_id == lead.id
    assert "履带" not in deed.summary


def test_a_new_lead_is_queued_for_the_index_in_its_own_transaction(
    db_session: Session, people: People, today: date
) -> None:
    lead = services.create_lead(
        actor=people.officer.as_actor(),
        on=today,
        values={"title": "履带底盘总成", "company_id": CompanyFactory().id},
    )
    rows = db_session.scalars(select(OutboxRow)).all()
    assert ("lead", lead.id) in {(row.doc_type, row.doc_id) for row in rows}
    db_session.rollback()
    assert count(db_session, OutboxRow) == count(db_session, Lead) == 0


def test_an_owner_who_is_someone_else_is_told(
    db_session: Session, people: People, today: date
) -> None:
    lead = create(people.officer.as_actor(), today, owner_id=people.stranger.id)
    assert (lead.owner_id, lead.team_id) == (people.stranger.id, people.other_team.id)
    assert lead.first_report.team_id == people.team.id
    assert db_session.scalars(select(Notice.user_id)).all() == [people.stranger.id]


def test_a_lead_without_owner_waits_to_be_claimed(people: People, today: date) -> None:
    lead = create(people.officer.as_actor(), today, owner_id=None)
    assert lead.owner_id is None
    assert lead.team_id == people.team.id


def test_a_second_press_makes_no_second_lead(
    db_session: Session, people: People, today: date
) -> None:
    company = CompanyFactory()
    one = create(people.officer.as_actor(), today, company_id=company.id, submission_key="k")
    two = create(people.officer.as_actor(), today, company_id=company.id, submission_key="k")
    assert one.id == two.id
    assert count(db_session, Lead) == count(db_session, FirstReport) == 1


@pytest.mark.parametrize("role", ["reviewer", "admin", "auditor"])
def test_other_roles_register_none(
    db_session: Session, people: People, today: date, role: str
) -> None:
    with pytest.raises(NotAllowed):
        create(getattr(people, role).as_actor(), today)
    assert count(db_session, Lead) == count(db_session, OutboxRow) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " "),
        ("title", "长" * 201),
        ("title", "a\x00b"),
        ("title", "\ud800"),
        ("product", "x" * 201),
        ("summary", "😀" * 20_001),
        ("summary", "x" * 10_000_000),
        ("investment_wan_cny", Decimal(-1)),
        ("investment_wan_cny", Decimal("NaN")),
        ("investment_wan_cny", Decimal("1e99")),
        ("investment_wan_cny", Decimal("0.0000001")),
        ("land_mu", Decimal("Infinity")),
        ("jobs", -1),
        ("likelihood", 101),
        ("received_on", date(2026, 11, 25)),
        ("agreed_amount", "unavailable"),
        ("chain_nodes", ["x" * 41]),
        ("company_id", 999_999),
        ("company_id", None),
        ("owner_id", 999_999),
        ("anchor_ids", [999_999]),
    ],
)
def test_values_that_no_lead_can_have(
    db_session: Session, people: People, today: date, field: str, value: Any
) -> None:
    with pytest.raises(FieldErrors) as caught:
        create(people.officer.as_actor(), today, **{field: value})
    assert list(caught.value.errors) == [field]
    assert all(len(text) < 200 for texts in caught.value.errors.values() for text in texts)
    for model in (Lead, FirstReport, StageEntry, OutboxRow, Activity):
        assert count(db_session, model) == 0, model


def test_hostile_text_is_kept_as_text(people: People, today: date) -> None:
    text = "<script>alert(1)</script>'; DROP TABLE leads;-- 😀 =1+1"
    assert create(people.officer.as_actor(), today, title=text, summary=text).title == text


def test_whoever_cannot_carry_a_lead_does_not_get_it(people: People, today: date) -> None:
    for person in (people.reviewer, people.admin, UserFactory(is_enabled=False)):
        with pytest.raises(FieldErrors, match=r"角色|停用"):
            create(people.officer.as_actor(), today, owner_id=person.id)


def test_leads_of_one_firm_are_recorded_as_collisions_and_hinder_nothing(
    db_session: Session, people: People, today: date
) -> None:
    firm = CompanyFactory(name="示例恒履底盘科技有限公司")
    namesake = CompanyFactory(name="示例恒履底盘科技股份有限公司")
    open_one = LeadFactory(company=firm, owner=people.stranger, visibility=Visibility.CONFIDENTIAL)
    other = LeadFactory(company=namesake, owner=people.stranger)
    LeadFactory(company=firm, owner=people.stranger, status=Status.LOST)
    LeadFactory(owner=people.stranger)
    lead = create(
        people.officer.as_actor(), today, company_id=firm.id, collision_reason="集团两条线"
    )
    rows = db_session.scalars(select(Collision).order_by(Collision.other_lead_id)).all()
    assert [(row.lead_id, row.other_lead_id, row.matched_by) for row in rows] == [
        (lead.id, open_one.id, "company"),
        (lead.id, other.id, "name"),
    ]
    assert {row.reason for row in rows} == {"集团两条线"}


def test_gates_hold_at_registration_too(db_session: Session, people: People, today: date) -> None:
    with pytest.raises(GateClosed) as caught:
        create(people.officer.as_actor(), today, stage=Stage.NEGOTIATING)
    assert "interaction" in {item.key for item in caught.value.missing}
    assert count(db_session, Lead) == 0


def test_history_comes_in_as_it_was(db_session: Session, people: People, today: date) -> None:
    received = today - timedelta(days=300)
    lead = create(
        SYSTEM,
        today,
        historical=True,
        stage=Stage.SIGNED,
        status=Status.LOST,
        lost_reason="土地指标",
        lost_to="外地",
        owner_id=people.officer.id,
        received_on=received,
        appraisal_passed_on=received,
    )
    assert (lead.stage, lead.status) == (Stage.SIGNED, Status.LOST)
    assert lead.registrar_id == people.officer.id  # the import's runner is not the reporter
    assert lead.first_report.reported_on == received
    entry = db_session.scalars(select(StageEntry)).one()
    assert (entry.to_stage, entry.entered_on) == (Stage.IDENTIFIED, received)
    assert db_session.scalars(select(StatusEntry)).one().to_status is Status.LOST


def test_a_lost_lead_needs_reason_and_place(people: People, today: date) -> None:
    with pytest.raises(FieldErrors) as caught:
        create(people.officer.as_actor(), today, status=Status.LOST)
    assert set(caught.value.errors) == {"lost_reason", "lost_to"}


@pytest.mark.parametrize("table", ["stage_log", "status_log", "first_reports", "activities"])
@pytest.mark.parametrize("deed", ["update", "delete"])
def test_the_database_refuses_to_change_the_logs(
    db_session: Session, people: People, today: date, table: str, deed: str
) -> None:
    create(people.officer.as_actor(), today, status=Status.PAUSED)
    rows = Lead.metadata.tables[table]
    before = db_session.execute(select(rows)).all()
    assert before
    statement = update(rows).values(lead_id=None) if deed == "update" else rows.delete()
    with pytest.raises(DBAPIError, match="never changed"):
        db_session.execute(statement)
    db_session.rollback()
    assert db_session.execute(select(rows)).all() == before
