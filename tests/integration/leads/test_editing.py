"""Editing leads: what changed is logged, amounts keep how they were typed, the index follows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.activity import Activity
from crm.core.errors import FieldErrors, GateClosed, StaleVersion
from crm.core.outbox import OutboxRow
from crm.core.permissions import Visibility
from crm.core.settings import ListKind, list_item
from crm.core.unit_of_work import unit_of_work
from crm.leads import services
from crm.leads.kinds import SiteKind
from crm.leads.models import Lead, StageEntry, StatusEntry, lead_anchors
from crm.leads.search import all_ids, load_documents
from crm.leads.services import repoint_company
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, InteractionFactory, LeadFactory
from tests.integration.leads.conftest import People


def edit(people: People, lead: Lead, today: date, **values: Any) -> bool:
    with unit_of_work():
        return services.update_lead(
            actor=people.officer.as_actor(), on=today, lead=lead, values=values
        )


def test_changes_are_logged_as_the_screen_shows_them(
    db_session: Session, people: People, today: date
) -> None:
    old, new = CompanyFactory(name="示例甲有限公司"), CompanyFactory(name="示例乙有限公司")
    anchor = CompanyFactory(name="示例链主有限公司")
    lead = LeadFactory(owner=people.officer, company=old, land_mu=Decimal(80), is_no1=False)
    db_session.commit()
    assert edit(
        people, lead, today, land_mu=Decimal("195.5"), site_kind=SiteKind.RENT, is_no1=True,
        energy_tce="unavailable", company_id=new.id, anchor_ids=[anchor.id], source="展会活动",
        chain_nodes=["cm.hyd"], product=" 履带板 ",
    )  # fmt: skip
    deed = db_session.scalars(select(Activity)).one()
    assert deed.changes == {
        "land_mu": ["80", "195.5"],
        "site_kind": ["", "租赁"],
        "is_no1": ["否", "是"],
        "energy_tce": ["", "暂不能提供"],
        "company_id": ["示例甲有限公司", "示例乙有限公司"],
        "anchor_ids": ["", "示例链主有限公司"],
        "source": ["自行接洽", "展会活动"],
        "chain_nodes": ["", "cm.hyd"],
        "product": ["", "履带板"],
    }
    assert lead.first_report.company_name == "示例甲有限公司"


def test_the_same_values_again_change_nothing(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer)
    values: dict[str, Any] = {
        "land_mu": Decimal("80.50"), "chain_nodes": ["b", "a"], "energy_tce": "unavailable",
        "summary": "概况", "source": "自行接洽", "typed": {"land_mu": "80.5亩"},
    }  # fmt: skip
    db_session.commit()
    assert edit(people, lead, today, **values)
    version, deeds = lead.version, len(db_session.scalars(select(Activity)).all())
    assert not edit(people, lead, today, **values | {"chain_nodes": ["a", "b"]})
    assert lead.version == version
    assert len(db_session.scalars(select(Activity)).all()) == deeds


def test_unavailable_comes_and_goes(people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    edit(people, lead, today, energy_tce="unavailable", pollutants="unavailable")
    assert lead.unavailable == ["energy_tce", "pollutants"]
    edit(people, lead, today, energy_tce=Decimal(1200), pollutants="")
    assert lead.unavailable == []
    assert lead.energy_tce == 1200
    edit(people, lead, today, energy_tce="unavailable")
    assert lead.energy_tce is None
    with pytest.raises(FieldErrors):
        edit(people, lead, today, agreed_amount="unavailable")


def test_one_field_at_a_time_can_be_marked(people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer, land_mu=Decimal(3))
    actor = people.officer.as_actor()
    assert services.mark_unavailable(actor=actor, on=today, lead=lead, field="energy_tce")
    assert not services.mark_unavailable(actor=actor, on=today, lead=lead, field="energy_tce")
    for field in ("land_mu", "title", "appraisal_passed_on", "no_such"):
        with pytest.raises(FieldErrors):
            services.mark_unavailable(actor=actor, on=today, lead=lead, field=field)


def test_amounts_keep_how_they_were_typed_until_they_change(people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    edit(
        people, lead, today, investment_wan_cny=Decimal(35000),
        typed={"investment_wan_cny": "3.5亿", "no_such": "x"},
    )  # fmt: skip
    assert lead.typed == {"investment_wan_cny": "3.5亿"}
    edit(people, lead, today, investment_wan_cny=Decimal(68000))
    assert lead.typed == {}


def test_stage_status_and_people_go_through_their_own_doors(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer)
    db_session.commit()
    with pytest.raises(GateClosed):
        edit(people, lead, today, stage=Stage.NEGOTIATING, title="不该留下")
    db_session.refresh(lead)
    assert (lead.stage, lead.title) != (Stage.NEGOTIATING, "不该留下")
    with pytest.raises(FieldErrors):
        edit(people, lead, today, status=Status.LOST)
    edit(people, lead, today, status=Status.LOST, lost_reason="土地指标", lost_to="某市")
    assert db_session.scalars(select(StatusEntry)).one().to_status is Status.LOST
    edit(people, lead, today, lost_to="另一市")
    assert lead.lost_to == "另一市"
    with unit_of_work():
        services.update_lead(
            actor=people.manager.as_actor(), on=today, lead=lead, historical=True,
            values={"stage": Stage.SIGNED, "owner_id": people.stranger.id},
        )  # fmt: skip
    assert (lead.stage, lead.owner_id) == (Stage.SIGNED, people.stranger.id)
    last = db_session.scalars(select(StageEntry).order_by(StageEntry.id.desc())).first()
    assert last is not None
    assert (last.to_stage, last.is_historical) == (Stage.SIGNED, True)


def test_of_two_who_edit_at_once_the_second_is_told(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer)
    db_session.commit()
    connection = db_session.connection().engine.connect()
    connection.execute(
        Lead.__table__.update().where(Lead.__table__.c.id == lead.id).values(version=7)
    )
    connection.commit()
    connection.close()
    with pytest.raises(StaleVersion):
        edit(people, lead, today, title="第二个人的")


@pytest.mark.parametrize(
    ("values", "fans_out"),
    [
        ({"visibility": Visibility.CONFIDENTIAL}, True),
        ({"title": "新名称"}, True),
        ({"land_mu": Decimal(3)}, False),
    ],
)
def test_what_notes_show_of_a_lead_is_indexed_anew(
    db_session: Session, people: People, today: date, values: dict[str, Any], fans_out: bool
) -> None:
    lead = LeadFactory(owner=people.officer)
    note = InteractionFactory(lead=lead)
    InteractionFactory()
    db_session.commit()
    services.update_lead(
        actor=people.officer.as_actor(),
        on=today,
        lead=lead,
        values=values,  # type: ignore[arg-type]
    )
    queued = {(row.doc_type, row.doc_id) for row in db_session.scalars(select(OutboxRow))}
    assert queued == {("lead", lead.id)} | ({("interaction", note.id)} if fans_out else set())


def test_documents_hold_words_people_and_access(people: People, today: date) -> None:
    company = CompanyFactory(name="示例恒履底盘科技有限公司", aliases=["恒履"])
    lead = LeadFactory(
        owner=people.officer, company=company, title="履带底盘总成",
        visibility=Visibility.CONFIDENTIAL, summary="含氟废水没有",
        investment_wan_cny=Decimal(35000), typed={"investment_wan_cny": "3.5亿"},
        lost_reason=list_item(ListKind.LOST_REASON, "土地指标"),
    )  # fmt: skip
    with unit_of_work():
        services.name_person(actor=people.officer.as_actor(), lead=lead, user_id=people.stranger.id)
    assert lead.id in all_ids()
    (document,) = load_documents([lead.id, 999_999])
    assert document.title == "履带底盘总成"
    assert document.people == ("周敏", "陈立")
    assert {"恒履", "土地指标", "自行接洽"} <= set(document.tags)
    for words in ("含氟废水没有", "3.5亿", "35000万元"):
        assert words in document.text
    assert document.access == {
        "mgr", f"lead:{people.team.id}", f"user:{people.officer.id}", f"user:{people.stranger.id}",
    }  # fmt: skip
    assert (document.stage, document.status, document.owner) == (
        "identified", "active", str(people.officer.id),
    )  # fmt: skip


def test_a_merged_companys_leads_go_to_the_one_that_stays(
    db_session: Session, people: People, today: date
) -> None:
    keep, gone = CompanyFactory(), CompanyFactory()
    lead = LeadFactory(company=gone, owner=people.officer)
    both, one = LeadFactory(owner=people.officer), LeadFactory(owner=people.officer)
    both.anchors, one.anchors = [keep, gone], [gone]
    db_session.commit()
    with unit_of_work():
        assert repoint_company(gone_id=gone.id, keep_id=keep.id) == 1
    db_session.refresh(lead)
    assert lead.company_id == keep.id
    rows = db_session.execute(select(lead_anchors))
    assert {tuple(row) for row in rows} == {(both.id, keep.id), (one.id, keep.id)}
