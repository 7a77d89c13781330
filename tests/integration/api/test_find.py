"""Search and suggestions over the API."""

from collections.abc import Callable
from html import escape

import pytest
from flask import Flask

from crm import indexing
from crm.core.permissions import Visibility
from search.errors import EngineUnavailable
from tests.factories import CompanyFactory, LeadFactory
from tests.integration.api.caller import Caller, Json, faults
from tests.integration.api.conftest import TEAM


def note(caller: Caller, text: str, **fields: object) -> Json:
    return caller.made(
        "/interactions", {"kind": "visit", "occurred_on": "2026-11-20", "text": text, **fields}
    )


def search(caller: Caller, query: str) -> Json:
    response = caller.get(f"/search?{query}")
    assert response.status_code == 200, response.text
    found: Json = response.json
    return found


def test_a_save_left_to_the_worker_is_waited_for_by_its_author(
    app: Flask, officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WORKER_THREAD", True)
    lead = LeadFactory(owner=officer.user)
    note(officer, "等总部批复", lead_id=lead.id)
    assert app.extensions["search_index"].status().pending
    assert search(officer, "q=总部批复")["total"] == 1


def test_a_note_is_found_by_its_authors_next_request(officer: Caller) -> None:
    lead = LeadFactory(owner=officer.user, ref="L-1")
    text = "含氟废水要等总部批复 <b>急</b> & 快"
    made = note(officer, text, lead_id=lead.id, ref="N-1")
    found = search(officer, "q=含氟废水")
    (hit,) = found["items"]
    assert (hit["type"], hit["id"], hit["ref"]) == ("interaction", made["id"], "N-1")
    assert hit["company"] == {"id": lead.company.id, "ref": None, "name": lead.company.name}
    assert hit["lead"] == {"id": lead.id, "ref": "L-1", "title": lead.title}
    assert hit["occurred_on"] == "2026-11-20"
    snippet = hit["snippets"][0]
    assert "<mark>含氟废水</mark>" in snippet
    assert escape("<b>急</b> &") in snippet
    assert "<" not in hit["title"]
    assert (found["total"], found["page"], found["per_page"]) == (1, 1, 20)
    assert (found["engine"], found["degraded"], found["did_you_mean"]) == ("embedded", False, None)
    assert found["took_ms"] >= 0
    assert [one["text"] for one in found["understood"]["words"]] == ["含氟废水"]
    assert found["facets"]["type"] == {"interaction": 1}
    assert found["facets"]["team"] == {TEAM: 1}


def test_hits_are_narrowed(officer: Caller) -> None:
    company = officer.made("/companies", {"name": "示例硬碳材料有限公司", "ref": "C-1"})
    lead = officer.made("/leads", {"title": "硬碳负极项目", "company_ref": "C-1"})
    made = note(officer, "硬碳样品", lead_id=lead["id"])
    every = {("company", company["id"]), ("lead", lead["id"]), ("interaction", made["id"])}
    for query, expected in (
        ("q=硬碳", every),
        ("q=硬碳&type=company,lead", {one for one in every if one[0] != "interaction"}),
        ("q=硬碳&type=project", set()),
        ("q=硬碳&stage=identified&type=lead", {("lead", lead["id"])}),
        ("q=硬碳&status=lost", set()),
        (f"q=硬碳&team={TEAM}&type=lead", {("lead", lead["id"])}),
        ("q=硬碳&team=没有这科", set()),
        ("q=硬碳&owner=zhou&type=lead", {("lead", lead["id"])}),
        ("q=硬碳&owner=nobody", set()),
        ("q=硬碳&company=ref:C-1", every),
        ("q=硬碳&company=C-1", every),
        ("q=硬碳&company=ref:none", set()),
        ("q=硬碳&type=interaction&from=2026-11-20&to=2026-11-20", {("interaction", made["id"])}),
        ("q=硬碳&type=interaction&to=2026-11-19", set()),
        ("q=没有的词语", set()),
        ("q=", set()),
    ):
        found = search(officer, query)
        assert {(hit["type"], hit["id"]) for hit in found["items"]} == expected, query
    assert len(search(officer, "q=硬碳&per_page=1&page=2")["items"]) == 1


def test_hits_reveal_nothing_that_is_hidden(officer: Caller, calls: Callable[..., Caller]) -> None:
    body = {"title": "绝密项目", "company_id": CompanyFactory().id, "visibility": "confidential"}
    lead = officer.made("/leads", body)
    note(officer, "绝密的话", lead_id=lead["id"])
    mine = search(officer, "q=绝密")
    assert mine["total"] == 2
    others = search(calls(team="外资招商科"), "q=绝密")
    assert (others["items"], others["total"]) == ([], 0)
    assert others["facets"] == {"type": {}, "stage": {}, "team": {}}
    assert search(calls("manager", team=None), "q=绝密")["total"] == 2


def test_bad_queries_are_named(officer: Caller) -> None:
    for query, field in (
        ("q=" + "字" * 201, "q"), ("q=x&type=person", "type"), ("q=x&stage=won", "stage"),
        ("q=x&sort=name", "sort"), ("q=x&per_page=201", "per_page"), ("q=x&from=x", "from"),
        ("query=x", "query"), ("q=a%00b", "q"),
    ):  # fmt: skip
        assert faults(officer.get(f"/search?{query}")) == {field}, query
    assert faults(officer.get("/suggest?limit=5")) == {"limit"}


def test_without_the_engine_the_answer_is_degraded(
    officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise EngineUnavailable("away")

    monkeypatch.setattr(indexing.index().engine, "search", away)
    found = search(officer, "q=液压")
    assert (found["items"], found["degraded"]) == ([], True)


def test_suggestions_by_name_alias_pinyin_and_initials(
    officer: Caller, calls: Callable[..., Caller]
) -> None:
    officer.made(
        "/companies", {"name": "示例北辰液压有限公司", "ref": "C-1", "aliases": ["Beichen"]}
    )
    lead = officer.made("/leads", {"title": "马达扩产", "company_ref": "C-1"})
    for typed in ("示例北辰", "beichen", "shilibeichen", "slbc"):
        found: Json = officer.get("/suggest", query_string={"q": typed}).json
        kinds = [(one["type"], one["ref"] or one["id"]) for one in found["items"]]
        assert kinds[0] == ("company", "C-1"), typed
        assert ("lead", lead["id"]) in kinds, typed
        assert len(found["items"]) <= 10
    people: Json = officer.get("/suggest?q=周敏").json
    assert ("person", "zhou") in [(one["type"], one["ref"]) for one in people["items"]]
    hidden = LeadFactory(title="机密马达", visibility=Visibility.CONFIDENTIAL)
    stranger: Json = calls(team="外资招商科").get("/suggest?q=机密").json
    assert hidden.id not in [one["id"] for one in stranger["items"] if one["type"] == "lead"]
