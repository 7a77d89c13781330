"""Leads over the API: columns, rights, stages, collisions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.chains.models import ChainNode
from crm.core.activity import Activity
from crm.core.outbox import OutboxRow
from crm.core.permissions import Visibility
from crm.leads.models import Lead, LeadPerson
from crm.leads.stages import Stage
from tests.factories import CompanyFactory, LeadFactory, UserFactory, team_named
from tests.integration.api.caller import Caller, Json, faults
from tests.integration.api.conftest import TEAM

FULL: Json = {
    "ref": "L/1 示例",
    "title": "液压马达扩产",
    "visibility": "team",
    "source": "以商招商",
    "sector": "manufacturing",
    "investor_kind": "foreign",
    "investment_wan_cny": 35000.5,
    "foreign_capital_wan_usd": 3000,
    "land_mu": 80,
    "fixed_investment_wan_cny": 20000,
    "site_kind": "new_land",
    "floor_area_sqm": 12000,
    "energy_tce": 1200,
    "pollutants": "少量废水",
    "output_wan_cny": 60000,
    "tax_wan_cny": 2400,
    "jobs": 120,
    "product": "液压马达",
    "industry": "工程机械",
    "character": "small_fine",
    "is_no1": True,
    "likelihood": 60,
    "agreed_amount": 35000,
    "agreed_currency": "CNY",
    "investor_registration": "HK-示例",
    "received_on": "2026-11-02",
    "summary": "想扩两条线。",
}


def test_what_was_sent_comes_back(officer: Caller, db_session: Session) -> None:
    company = CompanyFactory(ref="C-1")
    anchor = CompanyFactory(ref="C-2", is_anchor=True)
    db_session.add(ChainNode(id="zz.pump", chain="zz", chain_name="示例链", name="泵", kind="part"))
    body = {**FULL, "company_ref": "C-1", "anchor_refs": ["C-2"], "chain_nodes": ["zz.pump"]}
    response = officer.post("/leads", body)
    assert response.status_code == 201, response.text
    made: Json = response.json
    assert {name: made[name] for name in body} == body
    assert (made["company_id"], made["company"]["name"]) == (company.id, company.name)
    assert made["anchor_ids"] == [anchor.id]
    assert (made["owner"], made["owner_name"], made["team"]) == ("zhou", "周敏", TEAM)
    assert (made["stage"], made["status"]) == ("identified", "active")
    assert made.pop("collisions") == []
    assert response.headers["Location"].endswith(f"/leads/{made['id']}")
    assert officer.get(f"/leads/{made['id']}").json == made
    assert officer.get("/leads/ref:L/1 示例").json == made
    listed: Json = officer.get("/leads").json
    assert listed["items"] == [made]
    assert officer.patch(f"/leads/{made['id']}", body, etag=made["etag"]).json == made


def test_amounts_may_be_texts_and_unavailable(officer: Caller, db_session: Session) -> None:
    company = CompanyFactory()
    body = {
        "title": "示例项目", "company_id": company.id, "investment_wan_cny": "3.5亿",
        "land_mu": "13公顷", "agreed_amount": "3000万美元", "energy_tce": "unavailable",
        "site_kind": "unavailable", "jobs": "unavailable", "chain_nodes": "unavailable",
    }  # fmt: skip
    made = officer.made("/leads", body)
    assert (made["investment_wan_cny"], made["land_mu"]) == (35000, 195)
    assert (made["agreed_amount"], made["agreed_currency"]) == (3000, "USD")
    names = ("energy_tce", "site_kind", "jobs", "chain_nodes")
    assert [made[name] for name in names] == ["unavailable"] * 4
    assert set(made["unavailable"]) == set(names)
    lead = db_session.get(Lead, made["id"])
    assert lead is not None
    assert lead.investment_wan_cny == Decimal(35000)
    assert lead.typed["investment_wan_cny"] == "3.5亿"
    changed: Json = officer.patch(f"/leads/{made['id']}", {"energy_tce": 1, "jobs": None}).json
    assert (changed["energy_tce"], changed["jobs"]) == (1, None)
    assert set(changed["unavailable"]) == {"site_kind", "chain_nodes"}


BAD_VALUES: list[tuple[str, Any]] = [
    ("title", ""), ("title", None), ("title", "a\x01b"), ("company_id", 99999),
    ("company_ref", "gone"), ("owner", "nobody"), ("team", "没有这科"), ("visibility", "secret"),
    ("visibility", None), ("stage", "won"), ("status", "happy"), ("investment_wan_cny", -1),
    ("investment_wan_cny", 10**30), ("investment_wan_cny", 1.23456789), ("land_mu", "-3亿"),
    ("land_mu", "3亿美元"), ("land_mu", True), ("land_mu", [1]), ("energy_tce", "1e99"),
    ("jobs", 1.5), ("jobs", -1), ("jobs", 10**18), ("likelihood", 101), ("is_no1", "yes"),
    ("received_on", "2026-11-25"), ("received_on", "2026-02-30"), ("received_on", "2026/11/02"),
    ("received_on", None), ("received_on", 20261102), ("received_on", "0001-01-01"),
    ("agreed_amount", "unavailable"), ("chain_nodes", ["no.such"]), ("anchor_refs", ["gone"]),
    ("anchor_ids", [99999]), ("anchor_ids", ["1"]), ("lost_reason", "价格"), ("summary", 3),
    ("contact_count", 5), ("registrar_id", 1), ("agreed_currency", "EUR"), ("source", "字" * 61),
]  # fmt: skip


def test_bad_values_are_named_and_nothing_is_saved(officer: Caller, db_session: Session) -> None:
    company = CompanyFactory(ref="C-1")
    db_session.commit()
    for field, value in BAD_VALUES:
        body: Json = {"title": "示例", "company_id": company.id, field: value}
        if field == "company_ref":
            del body["company_id"]
        assert faults(officer.post("/leads", body)) == {field}, value
    assert faults(officer.post("/leads", {"title": "示例"})) == {"company_id"}
    assert faults(officer.post("/leads", {"title": "示例", "company_ref": ""})) == {"company_ref"}
    both = {"title": "示例", "company_id": CompanyFactory().id, "company_ref": "C-1"}
    assert faults(officer.post("/leads", both)) == {"company_ref"}
    assert db_session.scalar(select(func.count(Lead.id))) == 0
    assert db_session.scalar(select(func.count(OutboxRow.id))) == 0
    assert db_session.scalar(select(func.count(Activity.id))) == 0


def test_a_taken_ref_is_a_conflict(officer: Caller) -> None:
    lead = LeadFactory(ref="L-1")
    body = {"title": "示例", "company_id": lead.company.id, "ref": "L-1"}
    assert officer.post("/leads", body).status_code == 409
    other = officer.made("/leads", {**body, "ref": None})
    assert officer.patch(f"/leads/{other['id']}", {"ref": "L-1"}).status_code == 409


def test_a_collision_is_told_and_hinders_nobody(officer: Caller) -> None:
    stranger = UserFactory(team=team_named("外资招商科"))
    company = CompanyFactory(name="示例北辰液压有限公司", ref="C-1", aliases=("Beichen",))
    LeadFactory(
        company=company, owner=stranger, visibility=Visibility.CONFIDENTIAL, title="机密标题",
        received_on=date(2026, 10, 1), stage_since=date(2026, 10, 1),
    )  # fmt: skip
    line = {
        "company": company.name, "company_ref": "C-1", "matched_by": "name",
        "team": "外资招商科", "since": "2026-10-01", "stage": "identified",
    }  # fmt: skip
    made = officer.made("/leads", {"title": "我的", "company_ref": "C-1"})
    assert made["collisions"] == [line]
    for query, matched_by in (("name=北辰液压", "name"), ("name=beichen", "alias"),
                              (f"uscc={company.uscc}", "uscc"), ("name=slbcyy", "pinyin")):  # fmt: skip
        response = officer.get(f"/companies/collisions?{query}")
        assert "机密" not in response.text
        found: Json = response.json
        strange = [one for one in found["items"] if one["team"] == "外资招商科"]
        assert strange == [{**line, "matched_by": matched_by}], query
    assert officer.get("/companies/collisions").json["items"] == []  # type: ignore[index]
    assert faults(officer.get("/companies/collisions?q=x")) == {"q"}


def test_each_sees_what_their_place_lets_them(calls: Callable[..., Caller]) -> None:
    owner = calls()
    assert owner.user is not None
    people = {
        "owner": owner, "colleague": calls(), "lead": calls("team_lead"),
        "stranger": calls(team="外资招商科"), "other lead": calls("team_lead", team="外资招商科"),
        "manager": calls("manager", team=None), "reviewer": calls("reviewer", team=None),
    }  # fmt: skip
    named = calls(team="外资招商科")
    sees = {
        Visibility.ZONE: set(people),
        Visibility.TEAM: {"owner", "colleague", "lead", "manager"},
        Visibility.CONFIDENTIAL: {"owner", "lead", "manager"},
    }
    for visibility, expected in sees.items():
        lead = LeadFactory(owner=owner.user, visibility=visibility, ref=f"R-{visibility}")
        lead.people.append(LeadPerson(user_id=named.user.id))  # type: ignore[union-attr]
        for who, caller in people.items():
            for key in (str(lead.id), f"ref:{lead.ref}"):
                response = caller.get(f"/leads/{key}")
                if who in expected:
                    assert response.status_code == 200, (who, visibility)
                    continue
                missing = caller.get("/leads/99999")
                assert (response.status_code, response.data) == (404, missing.data)
                for again in (
                    caller.patch(f"/leads/{key}", {"summary": "x"}),
                    caller.post(f"/leads/{key}/stage", {"stage": "signed", "on": "2026-11-24"}),
                    caller.post(f"/leads/{key}/status", {"status": "paused", "on": "2026-11-24"}),
                ):
                    if who != "reviewer":
                        assert (again.status_code, again.data) == (404, missing.data)
            listed: Json = caller.get("/leads").json
            assert (lead.id in [item["id"] for item in listed["items"]]) is (who in expected)
        assert named.get(f"/leads/{lead.id}").status_code == 200
    totals = {who: caller.get("/leads").json["total"] for who, caller in people.items()}  # type: ignore[index]
    assert totals == {
        "owner": 3, "colleague": 2, "lead": 3, "stranger": 1, "other lead": 1, "manager": 3,
        "reviewer": 1,
    }  # fmt: skip


def test_who_may_change_what(calls: Callable[..., Caller]) -> None:
    owner, colleague, lead_of_team = calls(), calls(), calls("team_lead")
    stranger, manager = calls(team="外资招商科"), calls("manager", team=None)
    lead = LeadFactory(owner=owner.user)
    path, body = f"/leads/{lead.id}", {"summary": "改"}
    for caller, status in ((owner, 200), (colleague, 403), (stranger, 403)):
        assert caller.patch(path, body).status_code == status
    assert lead_of_team.patch(path, body).status_code == 200
    assert manager.patch(path, body).status_code == 200
    give = {"owner": colleague.user.username}  # type: ignore[union-attr]
    assert owner.patch(path, give).status_code == 403
    given: Json = lead_of_team.patch(path, give).json
    assert given["owner"] == give["owner"]
    assert owner.patch(path, body).status_code == 403
    passed = {"appraisal_passed_on": "2026-11-20"}
    assert colleague.patch(path, passed).status_code == 403
    assert manager.patch(path, passed).json["appraisal_passed_on"] == "2026-11-20"  # type: ignore[index]


def test_the_etag_guards_every_kind_of_change(officer: Caller, db_session: Session) -> None:
    db_session.add(ChainNode(id="zz.pump", chain="zz", chain_name="示例链", name="泵", kind="part"))
    lead = LeadFactory(owner=officer.user)
    path = f"/leads/{lead.id}"
    etag = officer.get(path).headers["ETag"]
    assert officer.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert officer.patch(path, {"summary": "x"}, etag=None).status_code == 428
    for body in ({"summary": "改"}, {"chain_nodes": ["zz.pump"]}, {"anchor_ids": [lead.company.id]},
                 {"status": "paused"}):  # fmt: skip
        changed = officer.patch(path, body, etag=etag)
        assert changed.status_code == 200, body
        assert officer.patch(path, {"summary": "y"}, etag=etag).status_code == 412, body
        etag = changed.headers["ETag"]
    noted = {"kind": "call", "occurred_on": "2026-11-24", "text": "打了电话", "lead_id": lead.id}
    officer.made("/interactions", noted)
    shown = officer.get(path, headers={"If-None-Match": etag})
    assert shown.status_code == 200
    assert shown.json["last_contact_on"] == "2026-11-24"  # type: ignore[index]
    assert officer.patch(path, {"summary": "z"}, etag=etag).status_code == 200


def test_a_list_is_narrowed_and_sorted(officer: Caller, calls: Callable[..., Caller]) -> None:
    numbers = calls(username="10023")
    first = LeadFactory(owner=officer.user, title="液压件", received_on=date(2026, 11, 2))
    second = LeadFactory(owner=numbers.user, stage=Stage.NEGOTIATING, title="泵阀")
    second.company.ref = "C/2"

    def ids(query: str) -> list[int]:
        response = officer.get(f"/leads?{query}")
        assert response.status_code == 200, response.text
        listed: Json = response.json
        assert listed["total"] == len(listed["items"])
        return [item["id"] for item in listed["items"]]

    assert ids("q=液压") == [first.id]
    assert ids("stage=negotiating") == ids("stage=signed,negotiating") == [second.id]
    assert ids("stage=negotiating&stage=identified&sort=id") == [first.id, second.id]
    assert ids("owner=zhou") == ids("mine=true") == [first.id]
    assert ids("owner=10023") == [second.id]
    assert ids("owner=nobody") == ids("team=没有") == ids("company=ref:none") == []
    assert ids(f"team={TEAM}&sort=-id") == [second.id, first.id]
    assert ids("company=ref:C/2") == ids(f"company={second.company.id}") == [second.id]
    assert ids("source=自行接洽&status=active&visibility=zone&sort=title") == [second.id, first.id]
    assert ids("amount_min=3亿") == [second.id]
    assert ids("from=2026-11-02&to=2026-11-02") == [first.id]
    assert ids("mine=0&unowned=true") == []
    for query, field in (
        ("registrar=1", "registrar"), ("stage=won", "stage"), ("amount_min=-1", "amount_min"),
        ("quiet=-1", "quiet"), ("sort=lost_to", "sort"), ("mine=perhaps", "mine"),
        ("from=2026-13-01", "from"), ("per_page=500", "per_page"), ("light=blue", "light"),
    ):  # fmt: skip
        assert faults(officer.get(f"/leads?{query}")) == {field}, query


def test_statements_do_not_grow_with_rows(
    officer: Caller, count_statements: Callable[[], Any], db_session: Session
) -> None:
    def add(count: int) -> None:
        for lead in LeadFactory.create_batch(count, visibility=Visibility.ZONE):
            lead.people.append(LeadPerson(user_id=UserFactory().id))
            lead.anchors.append(CompanyFactory())

    def read() -> Any:
        db_session.commit()
        with count_statements() as ran:
            assert officer.get("/leads?per_page=200").status_code == 200
        return ran

    add(2)
    read()
    few = read()
    add(15)
    many = read()
    assert many.total == few.total, many
    assert many.total <= 12, many
