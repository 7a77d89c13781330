"""The pages of leads as a browser without scripts meets them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.core.activity import Activity
from crm.core.permissions import Visibility
from crm.leads.models import Assignment, Lead
from crm.leads.stages import Stage
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
