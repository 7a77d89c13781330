"""The forms of leads: new, edit, moves and changes of hands, without scripts."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.core.permissions import Visibility
from crm.leads.models import Collision, Lead, LeadPerson, StageEntry, StatusEntry
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, InteractionFactory, LeadFactory
from tests.integration.leads.conftest import People


def total(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def form_of(lead: Lead, **changes: Any) -> dict[str, Any]:
    return {
        "title": lead.title, "company_id": lead.company_id, "visibility": lead.visibility.value,
        "version": lead.version, "source": "自行接洽", **changes,
    }  # fmt: skip


# --- new -----------------------------------------------------------------------------------


def test_a_lead_with_a_new_firm_in_one_form(as_user, db_session: Session, people: People) -> None:
    client = as_user(user=people.officer)
    page = client.get("/leads/new").text
    key = re.search(r'name="submission_key" value="([^"]+)"', page)
    assert key is not None
    data = {
        "title": "履带底盘总成", "company_id_text": "示例恒履底盘科技有限公司", "source": "展会活动",
        "investment_wan_cny": "3.5亿", "foreign_capital_wan_usd": "3000万美元", "land_mu": "二百亩",
        "unavailable": ["energy_tce", "land_mu"], "visibility": "team", "received_on": "2026-11-20",
        "submission_key": key.group(1),
    }  # fmt: skip
    answer = client.post("/leads/new", data=data)
    assert answer.status_code == 303
    lead = db_session.scalars(select(Lead)).one()
    assert answer.location.endswith(f"/leads/{lead.id}")
    assert lead.company.name == "示例恒履底盘科技有限公司"
    assert (lead.investment_wan_cny, lead.foreign_capital_wan_usd, lead.land_mu) == (
        35000,
        3000,
        200,
    )
    assert lead.typed["investment_wan_cny"] == "3.5亿"
    assert lead.unavailable == ["energy_tce"]  # what is written goes before 暂不能提供
    assert (lead.owner_id, lead.visibility) == (people.officer.id, Visibility.TEAM)
    again = client.post("/leads/new", data=data)
    assert again.location == answer.location
    assert total(db_session, Lead) == total(db_session, Company) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "请填写"),
        ("title", "长" * 201, "200"),
        ("title", "a\x00b", "控制字符"),
        ("summary", "字" * 20_001, "20000"),
        ("investment_wan_cny", "-3亿", "负数"),
        ("investment_wan_cny", "1e99", "看不懂"),
        ("investment_wan_cny", "NaN", "看不懂"),
        ("investment_wan_cny", "3000万美元", "币种"),
        ("land_mu", "3亿元", "这里填面积"),
        ("jobs", "2.5人", "整数"),
        ("received_on", "2026-02-30", "日期"),
        ("received_on", "2026-11-25", "晚于今天"),
        ("likelihood", "101", "100"),
        ("company_id_text", "", "企业"),
        ("company_id", "999999", "没有这家企业"),
        ("owner_id_text", "查无此人", "没有找到"),
        ("anchor_ids_text", "没有这家链主", "没有找到"),
        ("sector", "nonsense", ""),
    ],
)  # fmt: skip
def test_bad_input_comes_back_with_everything_typed(
    as_user, db_session: Session, people: People, field: str, value: str, words: str
) -> None:
    data = {
        "title": "履带底盘总成", "company_id_text": "示例恒履底盘科技有限公司", "product": "支重轮 <b>",
        field: value,
    }  # fmt: skip
    answer = as_user(user=people.officer).post("/leads/new", data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert words in answer.text
    assert "支重轮 &lt;b&gt;" in answer.text
    assert total(db_session, Lead) == total(db_session, Company) == 0


def test_ten_megabytes_are_refused_in_words(as_user, db_session: Session, people: People) -> None:
    data = {"title": "线索", "company_id_text": "示例企业", "summary": "x" * 10_000_000}
    answer = as_user(user=people.officer).post("/leads/new", data=data)
    assert answer.status_code == 422
    assert "20000" in answer.text
    assert total(db_session, Lead) == 0


def test_a_firm_others_talk_with_asks_a_reason(
    as_user, db_session: Session, people: People
) -> None:
    firm = CompanyFactory(name="示例恒履底盘科技有限公司")
    other = LeadFactory(
        company=firm, owner=people.stranger, visibility=Visibility.CONFIDENTIAL, title="秘密项目"
    )
    client = as_user(user=people.officer)
    data = {"title": "履带底盘总成", "company_id": firm.id}
    refused = client.post("/leads/new", data=data)
    assert refused.status_code == 422
    assert "外资招商科" in refused.text
    assert "秘密项目" not in refused.text
    assert 'name="collision_reason"' in refused.text
    assert total(db_session, Lead) == 1
    saved = client.post("/leads/new", data=data | {"collision_reason": "集团另一条线"})
    assert saved.status_code == 303
    row = db_session.scalars(select(Collision)).one()
    assert (row.other_lead_id, row.reason) == (other.id, "集团另一条线")
    # One's own lead is nobody else's.
    third = client.post("/leads/new", data={"title": "又一条", "company_id": CompanyFactory().id})
    assert third.status_code == 303


# --- edit ----------------------------------------------------------------------------------


def test_editing_saves_and_says_when_nothing_changed(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer, investment_wan_cny=Decimal(35000))
    client = as_user(user=people.officer)
    assert "= 35,000 万元" in client.get(f"/leads/{lead.id}/edit").text
    data = form_of(
        lead, investment_wan_cny="6.8亿", sector="manufacturing", investor_kind="domestic"
    )
    assert client.post(f"/leads/{lead.id}/edit", data=data).status_code == 303
    assert lead.investment_wan_cny == 68000
    page = client.get(f"/leads/{lead.id}/edit").text
    assert 'value="6.8亿"' in page
    client.post(f"/leads/{lead.id}/edit", data=data | {"version": lead.version})
    assert "没有改动" in client.get(f"/leads/{lead.id}").text


def test_of_two_the_second_sees_both_versions_and_chooses(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer, product="旧产品", industry="旧行业")
    client = as_user(user=people.officer)
    base = form_of(lead, sector="manufacturing", investor_kind="domestic")
    second = as_user(user=people.team_lead)
    first_edit = base | {"product": "别人的产品", "industry": "别人的行业"}
    assert second.post(f"/leads/{lead.id}/edit", data=first_edit).status_code == 303
    mine = base | {"product": "我的产品", "industry": "我的行业"}
    conflict = client.post(f"/leads/{lead.id}/edit", data=mine)
    assert conflict.status_code == 412
    for words in (
        "别人的产品",
        "我的产品",
        "别人的行业",
        "我的行业",
        "何苗",
        'name="choose-product"',
    ):
        assert words in conflict.text
    assert lead.product == "别人的产品"
    version = re.search(r'name="version" value="(\d+)"', conflict.text)
    assert version is not None
    chosen = mine | {
        "version": version.group(1), "choose-product": "mine", "choose-industry": "theirs",
    }  # fmt: skip
    assert client.post(f"/leads/{lead.id}/edit", data=chosen).status_code == 303
    assert (lead.product, lead.industry) == ("我的产品", "别人的行业")


# --- moves ---------------------------------------------------------------------------------


def test_a_closed_gate_answers_409_with_what_is_missing(
    as_user, db_session: Session, people: People
) -> None:
    lead = LeadFactory(owner=people.officer, source=None)
    client = as_user(user=people.officer)
    data = {"to": "contacted", "on": "2026-11-24"}
    answer = client.post(f"/leads/{lead.id}/advance", data=data)
    assert answer.status_code == 409
    for words in ("还差 3 项", "线索来源", "1 次接洽记录", "下一步"):
        assert words in answer.text
    assert 'name="override_reason"' not in answer.text
    leader = as_user(user=people.team_lead)
    assert 'name="override_reason"' in leader.post(f"/leads/{lead.id}/advance", data=data).text
    done = leader.post(f"/leads/{lead.id}/advance", data=data | {"override_reason": "专班会议定"})
    assert done.status_code == 303
    assert lead.stage is Stage.CONTACTED
    assert total(db_session, StageEntry) == 2


def test_a_move_with_everything_in_place(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.CONTACTED)
    lead.stage = Stage.IDENTIFIED
    client = as_user(user=people.officer)
    assert "条件已齐" in client.get(f"/leads/{lead.id}/advance").text
    data = {"to": "contacted", "on": "2026-11-24"}
    for bad in (
        {"on": "2026-11-25"},
        {"on": "2026-02-30"},
        {"on": "2020-01-01"},
        {"to": "nowhere"},
    ):
        assert client.post(f"/leads/{lead.id}/advance", data=data | bad).status_code == 422
    assert client.post(f"/leads/{lead.id}/advance", data=data).status_code == 303
    assert lead.stage is Stage.CONTACTED
    stale = client.post(f"/leads/{lead.id}/advance", data={"to": "identified", "on": "2026-11-24",
                        "override_reason": "x", "version": "1"})  # fmt: skip
    assert stale.status_code == 412


def test_losing_through_the_form(as_user, db_session: Session, people: People) -> None:
    lead = LeadFactory(owner=people.officer)
    client = as_user(user=people.officer)
    data = {"to": "lost", "on": "2026-11-24"}
    refused = client.post(f"/leads/{lead.id}/status", data=data)
    assert refused.status_code == 422
    assert refused.text.count("field-err") >= 2
    data |= {"lost_reason": "土地指标", "lost_to": "某市"}
    assert client.post(f"/leads/{lead.id}/status", data=data).status_code == 303
    assert lead.status is Status.LOST
    assert total(db_session, StatusEntry) == 1


# --- hands ---------------------------------------------------------------------------------


def test_assigning_one_and_several(as_user, db_session: Session, people: People) -> None:
    one, two = LeadFactory(owner=people.officer), LeadFactory(owner=people.officer)
    foreign = LeadFactory(owner=people.stranger)
    client = as_user(user=people.team_lead)
    unknown = client.post(f"/leads/{one.id}/assign", data={"user_id_text": "查无此人"})
    assert unknown.status_code == 422
    assert (
        client.post(f"/leads/{one.id}/assign", data={"user_id": people.reviewer.id}).status_code
        == 422
    )
    done = client.post(f"/leads/{one.id}/assign", data={"user_id": people.colleague.id})
    assert done.status_code == 303
    both = {"ids": [one.id, two.id], "user_id_text": "王海峰"}
    assert client.get("/leads/assign", query_string=both).status_code == 200
    assert client.post("/leads/assign", data=both).status_code == 303
    assert one.owner_id == two.owner_id == people.colleague.id
    mixed = {"ids": [one.id, foreign.id], "user_id": people.officer.id}
    assert client.post("/leads/assign", data=mixed).status_code == 403
    assert (one.owner_id, foreign.owner_id) == (people.colleague.id, people.stranger.id)
    assert client.get("/leads/assign").status_code == 303


def test_claiming_from_the_page(as_user, people: People) -> None:
    lead = LeadFactory(owner=None, title="没有主人的线索")
    hidden = LeadFactory(
        owner=None, team=people.other_team, visibility=Visibility.TEAM, title="别科的公海"
    )
    client = as_user(user=people.officer)
    page = client.get("/leads/claim").text
    assert "没有主人的线索" in page
    assert "别科的公海" not in page
    assert "今天还可领取 3 条" in page
    assert client.post(f"/leads/{lead.id}/claim").status_code == 303
    assert lead.owner_id == people.officer.id
    assert client.post(f"/leads/{hidden.id}/claim").status_code == 404
    assert "今天还可领取 2 条" in client.get("/leads/claim").text


def test_a_hand_over_shows_its_pack_first(as_user, people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer, title="履带底盘总成")
    InteractionFactory(
        lead=lead, author=people.officer, text="对方关心双回路", next_step="发送测算表",
        next_on=today, next_owner=people.officer,
    )  # fmt: skip
    client = as_user(user=people.team_lead)
    for path in (f"/leads/{lead.id}/hand-over", f"/leads/hand-over?from={people.officer.id}"):
        text = client.get(path).text
        for words in ("履带底盘总成", "对方关心双回路", "发送测算表"):
            assert words in text
    path = f"/leads/hand-over?from={people.officer.id}"
    assert client.post(path, data={"user_id": people.officer.id}).status_code == 422
    assert (
        client.post(path, data={"user_id": people.colleague.id, "note": "调离"}).status_code == 303
    )
    assert lead.owner_id == people.colleague.id
    assert "没有要交接的线索" in client.get(path).text
    assert client.post(path, data={"user_id": people.colleague.id}).status_code in (409, 422)
    stranger = as_user(user=people.other_lead).get(path)
    assert "履带底盘总成" not in stranger.text


def test_naming_people_on_the_page(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer, visibility=Visibility.CONFIDENTIAL)
    lead.people.append(LeadPerson(user_id=people.colleague.id))
    client = as_user(user=people.officer)
    path = f"/leads/{lead.id}/people"
    assert client.post(path, data={"user_id_text": "陈立"}).status_code == 303
    assert as_user(user=people.stranger).get(f"/leads/{lead.id}").status_code == 200
    assert client.post(f"{path}/{people.stranger.id}/remove").status_code == 303
    assert as_user(user=people.stranger).get(f"/leads/{lead.id}").status_code == 404
    assert client.post(path, data={"user_id_text": "查无此人"}).status_code == 303


def test_an_appraisal_is_noted_by_a_team_lead(as_user, people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    path = f"/leads/{lead.id}/appraisal"
    assert as_user(user=people.officer).get(path).status_code == 404
    client = as_user(user=people.team_lead)
    data = {"appraisal_passed_on": "2026-11-24", "appraisal_evidence": ""}
    assert client.post(path, data=data).status_code == 422
    assert client.post(path, data=data | {"appraisal_evidence": "纪要 12 号"}).status_code == 303
    assert lead.appraisal_passed_on == today
