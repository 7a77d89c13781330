"""Companies over the API, column by column."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy.orm import Session

from crm.chains.models import ChainNode
from crm.companies.models import Company
from crm.core.permissions import Visibility
from tests.factories import (
    CompanyFactory,
    HonourFactory,
    InteractionFactory,
    LeadFactory,
    UserFactory,
    make_uscc,
    team_named,
)
from tests.integration.api.caller import Caller, Json, faults
from tests.support.statements import Statements

FULL: Json = {
    "ref": "A/7 示例",
    "name": "示例北辰液压有限公司",
    "short_name": "示例北辰",
    "aliases": ["Sample Beichen", "北辰液压件厂"],
    "uscc": make_uscc(71),
    "country": "中国",
    "region": "江苏 常州",
    "honours": ["little_giant:国家:2025", "high_tech"],
    "in_zone": False,
    "is_anchor": True,
    "products": "液压泵；马达",
    "summary": "做液压件。",
}


def test_what_was_sent_comes_back(officer: Caller) -> None:
    parent = CompanyFactory(ref="P-1")
    response = officer.post("/companies", {**FULL, "parent_ref": "P-1"})
    assert response.status_code == 201
    made = response.json
    assert made is not None
    expected = {**FULL, "honours": ["little_giant:国家:2025:2028-12-31", "high_tech"]}
    assert {name: made[name] for name in FULL} == expected
    assert (made["parent_id"], made["parent_ref"]) == (parent.id, "P-1")
    assert made["created_at"].endswith("+08:00")
    assert response.headers["Location"].endswith(f"/api/v1/companies/{made['id']}")
    assert response.headers["ETag"] == made["etag"]
    assert officer.get(f"/companies/{made['id']}").json == made
    assert officer.get("/companies/ref:A/7 示例").json == made
    assert officer.get("/companies/ref:A%2F7%20%E7%A4%BA%E4%BE%8B").json == made


def test_any_ref_is_an_address(officer: Caller) -> None:
    for ref in ("a//b", "a/stage", "x?y#z", "100%", "a+b", "..", "collisions", "7"):
        made = officer.made("/companies", {"name": "示例甲有限公司", "ref": ref})
        path = "/companies/ref:" + quote(ref, safe="/")
        assert officer.get(path).json == made
        assert officer.patch(path, {"summary": "x"}).status_code == 200


def test_lists_come_as_text_and_flags_as_numbers_too(officer: Caller, app: Flask) -> None:
    body = {
        "name": "示例乙有限公司",
        "aliases": "乙厂;乙公司；乙厂",
        "honours": "little_giant:省:2024;listed",
        "in_zone": 1,
    }
    made = officer.made("/companies", body)
    assert made["aliases"] == ["乙厂", "乙公司"]
    assert made["honours"] == ["little_giant:省:2024:2027-12-31", "listed"]
    assert made["in_zone"] is True
    honours = [{"kind": "unicorn", "year": 2026, "level": "national", "issuer": "示例机构"}]
    changed = officer.patch(f"/companies/{made['id']}", {"honours": honours}).json
    assert changed is not None
    assert changed["honours"] == ["unicorn:国家:2026:2029-12-31"]
    assert changed["honours_detail"][0]["issuer"] == "示例机构"


BAD_VALUES: list[tuple[str, Any]] = [
    ("name", ""), ("name", None), ("name", 5), ("name", "字" * 201), ("name", "a\x00b"),
    ("name", "\ud800"), ("uscc", "123"), ("honours", ["nobel"]), ("honours", [5]),
    ("honours", {"kind": "listed"}), ("honours", [{"kind": "listed", "x": 1}]),
    ("honours", ["listed:国家:1800"]), ("in_zone", 2), ("in_zone", "yes"), ("aliases", [1]),
    ("aliases", 3), ("aliases", ["a"] * 201), ("chain_nodes", ["no.such"]),
    ("parent_ref", "gone"), ("parent_id", 99999), ("parent_id", 10**30), ("parent_id", True),
    ("account_owner", "nobody"), ("unknown", 1), ("summary", "字" * 20_001),
    ("investor_nature", "alien"), ("id", 7), ("created_at", "2020-01-01"),
]  # fmt: skip


def test_bad_values_are_named(officer: Caller) -> None:
    for field, value in BAD_VALUES:
        body = {"name": "示例丙有限公司", field: value}
        assert faults(officer.post("/companies", body)) == {field}, value
    listed = officer.get("/companies").json
    assert listed is not None
    assert listed["total"] == 0


def test_a_taken_ref_or_code_is_a_conflict(officer: Caller) -> None:
    officer.made("/companies", FULL)
    again = officer.post("/companies", {"name": "示例丁有限公司", "ref": FULL["ref"]})
    assert (again.status_code, again.json["errors"][0]["field"]) == (409, "ref")  # type: ignore[index]
    code = officer.post("/companies", {"name": "示例丁有限公司", "uscc": FULL["uscc"]})
    assert (code.status_code, code.json["errors"][0]["field"]) == (409, "uscc")  # type: ignore[index]
    other = officer.made("/companies", {"name": "示例丁有限公司", "ref": "B"})
    assert officer.patch(f"/companies/{other['id']}", {"ref": FULL["ref"]}).status_code == 409


def test_the_etag_guards_a_change(officer: Caller) -> None:
    made = officer.made("/companies", FULL)
    path = f"/companies/{made['id']}"
    unchanged = officer.get(path, headers={"If-None-Match": made["etag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert officer.patch(path, {"summary": "x"}, etag=None).status_code == 428
    assert officer.patch(path, {"summary": "x"}, etag='"77-abc"').status_code == 412
    first = officer.patch(path, {"aliases": ["新名"]}, etag=made["etag"])
    assert first.status_code == 200
    assert first.headers["ETag"] != made["etag"]
    assert officer.patch(path, {"summary": "x"}, etag=made["etag"]).status_code == 412
    read = officer.get(path)
    assert read.headers["ETag"] == first.headers["ETag"]
    assert read.json["aliases"] == ["新名"]  # type: ignore[index]
    weak = f"W/{first.headers['ETag']}"
    assert officer.patch(path, {"summary": "y"}, etag=weak).status_code == 200
    assert officer.patch(path, {}, etag="*").status_code == 200


def test_a_merged_company_leads_to_the_one_that_was_kept(
    officer: Caller, db_session: Session
) -> None:
    kept = CompanyFactory()
    gone = CompanyFactory(ref="GONE", merged_into_id=kept.id)
    for key in (gone.id, "ref:GONE"):
        found = officer.get(f"/companies/{key}").json
        assert found is not None
        assert found["id"] == kept.id


def test_a_list_is_narrowed_sorted_and_paged(officer: Caller, db_session: Session) -> None:
    db_session.add(ChainNode(id="zz.pump", chain="zz", chain_name="示例链", name="泵", kind="part"))
    db_session.commit()
    titled = officer.made(
        "/companies",
        {"name": "示例一公司", "region": "江苏 苏州", "honours": ["listed"], "in_zone": True,
         "chain_nodes": ["zz.pump"], "ref": "L-1"},
    )  # fmt: skip
    anchor = officer.made("/companies", {"name": "示例二公司", "is_anchor": 1, "country": "日本"})
    officer.made(
        "/companies",
        {"name": "示例三公司", "honours": ["china_500:国家:2020"], "parent_ref": "L-1"},
    )
    company = db_session.get(Company, titled["id"])
    InteractionFactory(company=company, occurred_on=date(2026, 11, 1))

    def names(query: str) -> list[str]:
        listed = officer.get(f"/companies?{query}").json
        assert listed is not None
        return [item["name"] for item in listed["items"]]

    assert names("honour=listed,china_500") == ["示例一公司"]
    assert names("region=苏州") == ["示例一公司"]
    assert names("in_zone=1") == names("in_zone=true") == ["示例一公司"]
    assert names("node=zz.pump") == ["示例一公司"]
    assert names("anchor=1") == names("region=日本") == [anchor["name"]]
    assert names("parent=ref:L-1") == ["示例三公司"]
    assert names("parent=ref:none") == []
    assert names("q=示例二") == ["示例二公司"]
    assert names("contact_from=2026-11-01&contact_to=2026-11-02") == ["示例一公司"]
    assert names("contact_to=2026-10-31") == []
    assert "示例一公司" not in names("never=1")
    assert names("sort=-contact")[0] == "示例一公司"
    assert names("honour=china_500&honour_state=expired") == ["示例三公司"]
    assert names("honour_level=national") == names("nature=private") == []
    assert names("owner=zhou") == names("owner=nobody") == []
    assert names("sort=-name") == list(reversed(names("sort=name")))
    page = officer.get("/companies?per_page=1&page=2&sort=id").json
    assert page is not None
    assert page["items"][0]["id"] == anchor["id"]
    assert (page["page"], page["per_page"]) == (2, 1)
    beyond = officer.get("/companies?per_page=200&page=9").json
    assert beyond is not None
    assert beyond["items"] == []


BAD_QUERIES = [
    ("colour=red", "colour"), ("per_page=201", "per_page"), ("per_page=0", "per_page"),
    ("page=0", "page"), ("page=x", "page"), ("page=99999999999999999999", "page"),
    ("honour=nobel", "honour"), ("in_zone=maybe", "in_zone"), ("sort=uscc", "sort"), ("honour_level=city", "honour_level"),
    ("honour_state=maybe", "honour_state"), ("nature=x", "nature"),
    ("sort=name;drop", "sort"), ("contact_to=2026-02-30", "contact_to"), ("q=%00", "q"),
    ("q=a&q=b", "q"), ("region=" + "x" * 201, "region"), ("%00=1", "�"),
]  # fmt: skip


def test_unknown_parameters_and_values_are_named(officer: Caller) -> None:
    for query, field in BAD_QUERIES:
        assert faults(officer.get(f"/companies?{query}")) == {field}, query


def test_last_contacts_that_are_hidden_give_nothing_away(
    officer: Caller, calls: Callable[..., Caller]
) -> None:
    owner = UserFactory(team=team_named("外资招商科"))
    lead = LeadFactory(owner=owner, visibility=Visibility.CONFIDENTIAL)
    InteractionFactory(lead=lead, author=owner, occurred_on=date(2026, 11, 3))
    path = "/companies?contact_from=2026-11-03"
    assert officer.get(path).json["total"] == 0  # type: ignore[index]
    assert calls("manager", team=None).get(path).json["total"] == 1  # type: ignore[index]


def test_statements_do_not_grow_with_rows(
    officer: Caller, count_statements: Callable[[], Any], db_session: Session
) -> None:
    def read() -> Statements:
        db_session.commit()
        with count_statements() as ran:
            assert officer.get("/companies?per_page=200").status_code == 200
        found: Statements = ran
        return found

    def add(count: int) -> None:
        for company in CompanyFactory.create_batch(count, aliases=("别名",)):
            company.parent = CompanyFactory()
            HonourFactory(company=company)

    add(2)
    read()
    few = read()
    add(20)
    many = read()
    assert many.total == few.total, many
    assert many.total <= 8, many
