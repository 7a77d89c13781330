"""The pages of leads as a browser without scripts meets them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.core.activity import Activity
from crm.core.permissions import Visibility
from crm.leads.models import Assignment, Collision, Lead, LeadPerson, StageEntry, StatusEntry
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, ContactFactory, InteractionFactory, LeadFactory
from tests.integration.leads.conftest import People

HOSTILE = "<script>alert(1)</script>'\"; DROP TABLE leads;-- 😀 {{ 7*7 }}"
READS = ("", "/edit", "/advance", "/status", "/assign", "/hand-over", "/appraisal")
WRITES: dict[str, dict[str, Any]] = {
    "/edit": {"title": "改名"},
    "/advance": {"to": "contacted", "on": "2026-11-24"},
    "/status": {"to": "paused", "on": "2026-11-24"},
    "/assign": {"user_id_text": "陈立"},
    "/claim": {},
    "/release": {},
    "/people": {"user_id_text": "陈立"},
    "/people/1/remove": {},
    "/hand-over": {"user_id_text": "陈立"},
    "/appraisal": {"appraisal_passed_on": "2026-11-24", "appraisal_evidence": "纪要"},
    "/unavailable/energy_tce": {},
}
LARGEST = 2**31


def total(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def form_of(lead: Lead, **changes: Any) -> dict[str, Any]:
    return {
        "title": lead.title, "company_id": lead.company_id, "visibility": lead.visibility.value,
        "version": lead.version, "source": "自行接洽", **changes,
    }  # fmt: skip


# --- who gets in ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", READS)
def test_a_lead_one_may_not_see_looks_like_none(as_user, people: People, path: str) -> None:
    lead = LeadFactory(owner=people.stranger, visibility=Visibility.CONFIDENTIAL, title="秘密")
    for person in (people.officer, people.team_lead, people.reviewer, people.admin, people.auditor):
        client = as_user(user=person)
        hidden = client.get(f"/leads/{lead.id}{path}")
        missing = client.get(f"/leads/{lead.id + 999}{path}")
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert "秘密" not in hidden.text
        strip = re.compile(r'nonce|value="[^"]*"|content="[^"]*"|[0-9A-F]{4}-[0-9A-F]{4}|next=\S+')
        assert strip.sub("", hidden.text) == strip.sub("", missing.text)


@pytest.mark.parametrize("path", list(WRITES))
def test_whoever_may_not_see_it_writes_nothing(
    as_user, db_session: Session, people: People, path: str
) -> None:
    lead = LeadFactory(owner=people.stranger, visibility=Visibility.CONFIDENTIAL)
    before = (lead.version, total(db_session, Activity))
    for person in (people.officer, people.team_lead, people.reviewer, people.admin):
        assert (
            as_user(user=person).post(f"/leads/{lead.id}{path}", data=WRITES[path]).status_code
            == 404
        )
    db_session.refresh(lead)
    assert (lead.version, total(db_session, Activity)) == before


@pytest.mark.parametrize("path", list(WRITES))
def test_whoever_may_see_but_not_change_it_writes_nothing(
    as_user, db_session: Session, people: People, path: str
) -> None:
    lead = LeadFactory(owner=people.stranger, visibility=Visibility.ZONE)
    before = (lead.version, lead.owner_id, lead.stage, lead.status)
    for person in (people.officer, people.team_lead, people.reviewer):
        answer = as_user(user=person).post(f"/leads/{lead.id}{path}", data=WRITES[path])
        assert answer.status_code in (303, 403, 404)
    db_session.refresh(lead)
    assert (lead.version, lead.owner_id, lead.stage, lead.status) == before
    assert not lead.people
    assert total(db_session, Activity) == total(db_session, Assignment) == 0


def test_signed_out_nothing_is_open(client, people: People) -> None:
    lead = LeadFactory(owner=people.officer)
    for path in ("/leads/", "/leads/new", f"/leads/{lead.id}", "/leads/collisions?name=x"):
        answer = client.get(path)
        assert answer.status_code in (302, 303)
        assert "/login" in answer.location


@pytest.mark.parametrize("key", ["0", "-1", str(LARGEST), "9" * 40, "x", "1.5", "%00"])
def test_ids_that_cannot_be(as_user, people: People, key: str) -> None:
    client = as_user(user=people.officer)
    assert client.get(f"/leads/{key}").status_code == 404
    assert as_user(user=people.manager).get(f"/leads/assign?ids={key}").status_code in (303, 404)
    assert as_user(user=people.manager).get(f"/leads/hand-over?from={key}").status_code == 404


def test_a_reviewer_reads_and_has_no_way_to_write(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer)
    client = as_user(user=people.reviewer)
    text = client.get(f"/leads/{lead.id}").text
    for word in ("/edit", "/advance", "/status", "/unavailable", "/people", "/log/new"):
        assert f"/leads/{lead.id}{word}" not in text or word == "/log/new"
    assert "/log/new" not in text
    assert client.get("/leads/").status_code == 200


# --- list ----------------------------------------------------------------------------------


def test_the_list_shows_reason_sum_and_state(as_user, people: People, today: date) -> None:
    LeadFactory(
        title="履带底盘总成", owner=people.officer, investment_wan_cny=Decimal(68000),
        next_step="发模板", next_on=today - timedelta(days=1),
    )  # fmt: skip
    client = as_user(user=people.officer)
    text = client.get("/leads/?light=yellow&sort=-investment&cols=light&cols=energy").text
    for words in ("履带底盘总成", "下一步逾期 1 个工作日", "6.80", "1 条", "能耗 吨标煤"):
        assert words in text
    assert "c-num" not in text  # the column of the investment was not asked for
    assert "没有符合条件的线索" in client.get("/leads/?light=red").text


def test_an_empty_zone_invites_the_first_lead(as_user, people: People) -> None:
    assert "还没有线索" in as_user(user=people.officer).get("/leads/").text


def test_htmx_gets_the_list_alone(as_user, people: People) -> None:
    LeadFactory(title="履带底盘总成", owner=people.officer)
    text = as_user(user=people.officer).get("/leads/", headers={"HX-Request": "true"}).text
    assert text.lstrip().startswith('<div id="leads-view"')
    assert "<html" not in text


def test_bad_filters_are_said_and_hurt_nothing(as_user, people: People) -> None:
    client = as_user(user=people.officer)
    args = {"amount_min": "-3亿", "from": "2026-02-30", "page": "x", "per_page": "-4", "sort": HOSTILE,
            "stage": HOSTILE, "q": HOSTILE * 20, "cols": HOSTILE, "team": "\x00", "owner": HOSTILE}  # fmt: skip
    answer = client.get("/leads/", query_string=args)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "负数" in answer.text


def test_the_list_page_costs_the_same_for_many_rows(
    as_user, db_session: Session, people: People, count_statements
) -> None:
    client = as_user(user=people.officer)

    def read() -> int:
        with count_statements() as ran:
            assert client.get("/leads/").status_code == 200
        return ran.total

    LeadFactory(owner=people.officer)
    few = read()
    for _ in range(10):
        LeadFactory(owner=people.colleague)
    assert read() == few <= 16


# --- one lead ------------------------------------------------------------------------------


def test_the_page_says_what_is_missing_with_a_way_to_it(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.NEGOTIATING)
    text = as_user(user=people.officer).get(f"/leads/{lead.id}").text
    assert "进入评审会商，还差 5 项" in text
    assert f"/leads/{lead.id}/edit#energy_tce" in text
    assert f"/leads/{lead.id}/unavailable/energy_tce" in text
    edit = as_user(user=people.officer).get(f"/leads/{lead.id}/edit").text
    for field in ("energy_tce", "land_mu", "pollutants", "chain_nodes", "source", "agreed_amount"):
        assert f'id="{field}"' in edit


def test_unavailable_is_one_press(as_user, db_session: Session, people: People) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.NEGOTIATING)
    client = as_user(user=people.officer)
    url = f"/leads/{lead.id}/unavailable/energy_tce"
    answer = client.post(url, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
    assert client.post(url).status_code == 303
    assert lead.unavailable == ["energy_tce"]
    assert "还差 4 项" in client.get(f"/leads/{lead.id}").text
    assert client.post(f"/leads/{lead.id}/unavailable/title").status_code == 303
    assert lead.unavailable == ["energy_tce"]


def test_the_timeline_tells_everything_in_order(
    as_user, db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.CONTACTED)
    InteractionFactory(lead=lead, author=people.officer, text="看老厂，含氟废水没有")
    client = as_user(user=people.officer)
    client.post(f"/leads/{lead.id}/edit", data=form_of(lead, land_mu="13公顷"))
    client.post(
        f"/leads/{lead.id}/status",
        data={"to": "lost", "on": today, "lost_reason": "土地指标", "lost_to": "某市"},
    )
    as_user(user=people.team_lead).post(f"/leads/{lead.id}/assign", data={"user_id_text": "王海峰"})
    text = client.get(f"/leads/{lead.id}").text
    order = ("含氟废水没有", "进入 初步接洽", "进入 线索")
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    for words in ("首报登记", "流失到 某市，土地指标", "王海峰", "195"):
        assert words in text
    assert "含氟废水没有" not in client.get(f"/leads/{lead.id}?show=changes").text
    assert "首报登记" not in client.get(f"/leads/{lead.id}?show=visits").text


def test_contacts_are_masked(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer)
    ContactFactory(company=lead.company, name="示例林总", phone="13812342075")
    text = as_user(user=people.officer).get(f"/leads/{lead.id}").text
    assert "138 **** 2075" in text
    assert "13812342075" not in text


def test_hostile_text_is_text_everywhere(as_user, people: People) -> None:
    lead = LeadFactory(
        owner=people.officer, title=HOSTILE, summary=HOSTILE, product=HOSTILE, next_step=HOSTILE[:100],
        company=CompanyFactory(name=HOSTILE), lost_to=HOSTILE,
    )  # fmt: skip
    InteractionFactory(lead=lead, text=HOSTILE)
    client = as_user(user=people.team_lead)
    for path in ("/leads/", *(f"/leads/{lead.id}{read}" for read in READS)):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "{{ 7*7 }}" in text


def test_the_page_costs_the_same_for_a_long_history(
    as_user, people: People, count_statements
) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.NEGOTIATING)
    client = as_user(user=people.officer)
    address = f"/leads/{lead.id}"

    def read() -> int:
        with count_statements() as ran:
            assert client.get(address).status_code == 200
        return ran.total

    few = read()
    for _ in range(8):
        InteractionFactory(lead=lead, author=people.colleague)
        ContactFactory(company=lead.company)
    client.post(f"/leads/{lead.id}/edit", data=form_of(lead, land_mu="13公顷"))
    assert read() == few <= 22


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
