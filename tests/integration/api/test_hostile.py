"""Requests that are broken, huge or malicious get a clear problem and change nothing."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm.api import tokens
from crm.companies.models import Company
from crm.interactions.models import Interaction
from tests.factories import CompanyFactory
from tests.integration.api.caller import Caller, check_problem, faults

JSON = "application/json"


def test_bodies_that_are_not_json(officer: Caller, db_session: Session) -> None:
    for data, status in (
        ("", 400), ("{", 400), ("{'name': 'x'}", 400), ('{"name": NaN}', 400),
        ('{"name": Infinity}', 400), ('{"name": -Infinity}', 400), ('{"name": 1e}', 400),
        ('{"name": "a", "name": "b"}', 400), ("[" * 200_000, 400), ('{"a":' * 50_000, 400),
        ('{"name": ' + "9" * 5_000 + "}", 400), (b"\xff\xfe{}", 400), (b'{"name": "\xff"}', 400),
        ("[]", 422), ("null", 422), ('"x"', 422), ("5", 422), ("true", 422), ("[{}]", 422),
        ("{}", 422), ('{"name": {"a": 1}}', 422), ('{"name": 1e400}', 422),
        ('{"name": 1e999999999999999999999}', 400), ('{"": 1, "name": "x"}', 422),
        ('{"name": "x", "\\u0000": 1}', 422), ('{"name": "\\ud83d"}', 422),
    ):  # fmt: skip
        response = officer.post("/companies", data=data, content_type=JSON)
        assert response.status_code == status, (data[:40], response.text)
    assert db_session.scalar(select(func.count(Company.id))) == 0


def test_bodies_of_another_type(officer: Caller) -> None:
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ):
        response = officer.post("/companies", data='{"name": "x"}', content_type=media_type)
        assert response.status_code == 415, media_type
    body = '\ufeff{"name": "示例公司"}'.encode()
    for media_type in (f"{JSON}; charset=utf-8", "application/vnd.api+json"):
        assert officer.post("/companies", data=body, content_type=media_type).status_code == 201


def test_a_note_of_ten_megabytes_is_refused_at_once(officer: Caller, db_session: Session) -> None:
    company = CompanyFactory()
    db_session.commit()
    body = {"kind": "visit", "occurred_on": "2026-11-24", "company_ids": [company.id]}
    started = time.perf_counter()
    response = officer.post("/interactions", {**body, "text": "字" * 3_400_000})
    assert response.status_code == 413
    assert (
        officer.post("/interactions", data=b"x" * 40_000_000, content_type=JSON).status_code == 413
    )
    assert faults(officer.post("/interactions", {**body, "text": "字" * 100_000})) == {"text"}
    assert time.perf_counter() - started < 5
    assert db_session.scalar(select(func.count(Interaction.id))) == 0


def test_addresses_that_are_none(officer: Caller) -> None:
    missing = officer.get("/companies/99999").data
    for key in ("0", "-1", "1.5", "１", "abc", "99999999999999999999", "ref:", "ref:%00", "ref:\u2028",
                "1%00", "ref:" + "x" * 500, "' OR 1=1", "../leads", "REF:x", "null"):  # fmt: skip
        response = officer.get(f"/companies/{key}")
        assert (response.status_code, response.data) == (404, missing), key
    for path in ("/", "/nothing", "/companies/", "/leads/1/stages", "/leads/"):
        assert officer.get(path).status_code == 404, path
    for method, path in (("DELETE", "/companies/1"), ("PUT", "/leads"), ("GET", "/leads/1/stage/x"),
                         ("POST", "/search")):  # fmt: skip
        assert officer.call(method, path).status_code in (404, 405), path
    refused = officer.call("DELETE", "/companies")
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]


def test_queries_stay_values(officer: Caller) -> None:
    CompanyFactory(name="示例'--公司")
    for text in ("'", '"', "%", "_", "\\", "' OR '1'='1", "示例'--", "{{7*7}}", "<script>", "％"):
        for path in ("/companies", "/leads", "/interactions", "/search", "/suggest"):
            assert officer.get(path, query_string={"q": text}).status_code == 200, (path, text)
        for name in ("name", "uscc", "phone"):
            response = officer.get("/companies/collisions", query_string={name: text})
            assert response.status_code == 200, text
    assert officer.get("/companies?q=示例'--公司").json["total"] == 1  # type: ignore[index]


def test_what_was_stored_as_text_stays_text(officer: Caller) -> None:
    name = "示例<script>alert(1)</script>公司"
    made = officer.made("/companies", {"name": name, "summary": "=cmd|' /C calc'!A0"})
    response = officer.get(f"/companies/{made['id']}")
    assert response.content_type == JSON
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json["name"] == name  # type: ignore[index]


def test_a_database_that_is_away_is_said_to_be(
    officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_text: str) -> Any:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(tokens.tokens, "find_user", gone)
    response = officer.get("/companies")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "SELECT" not in response.text


def test_a_failure_of_ours_is_a_problem_too(app: Flask, officer: Caller) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    view = app.view_functions["api.list_companies"]
    app.view_functions["api.list_companies"] = lambda **_kwargs: json.loads("{")
    response = officer.get("/companies")
    app.view_functions["api.list_companies"] = view
    assert response.status_code == 500
    assert "Traceback" not in response.text


def test_two_at_once_save_a_ref_once(officer: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.api import lookups

    officer.made("/companies", {"name": "示例一公司", "ref": "A"})
    # As if the other had not been there yet when this one looked.
    monkeypatch.setattr(lookups, "refuse_taken_ref", lambda *_args, **_kwargs: None)
    again = officer.post("/companies", {"name": "示例二公司", "ref": "A"})
    assert again.status_code in (409, 422)
    note = {"kind": "call", "occurred_on": "2026-11-24", "text": "x", "ref": "N",
            "company_refs": ["A"]}  # fmt: skip
    officer.made("/interactions", note)
    assert officer.post("/interactions", note).status_code == 409


def test_pages_keep_their_own_errors(as_user: Callable[..., Any]) -> None:
    response = as_user().get("/no-such-page")
    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_unknown_addresses_answer_without_a_token(app: Flask) -> None:
    response = app.test_client().get("/api/nothing")
    assert response.status_code == 404
    check_problem(response)


def test_texts_of_other_systems_are_taken_as_files_take_them(officer: Caller) -> None:
    firm = officer.made("/companies", {"name": "示例公司", "region": "江苏\r\n常州"})
    assert firm["region"] == "江苏 常州"
    body = {"title": "示例\r\n项目", "company_id": firm["id"], "summary": "一\r\n二\r三"}
    lead = officer.made("/leads", body)
    assert (lead["title"], lead["summary"]) == ("示例 项目", "一\n二\n三")


def test_a_ref_that_no_file_could_name_is_refused(officer: Caller) -> None:
    for ref in ("a;b", "a；b"):
        assert faults(officer.post("/companies", {"name": "示例公司", "ref": ref})) == {"ref"}
    for ref in ("a　b", "a b", "a/b", "=1", "é%2F"):
        made = officer.made("/companies", {"name": "示例公司", "ref": ref})
        found = officer.get(f"/companies/ref:{quote(ref, safe='')}")
        assert found.status_code == 200, ref
        assert found.json["id"] == made["id"]
