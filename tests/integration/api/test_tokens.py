"""Who may call: a token and nothing else, and it stops at once."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crm.accounts.models import ApiToken, User
from crm.core.clock import now
from tests.factories import CompanyFactory, LeadFactory
from tests.integration.api.caller import Caller, check_problem
from tests.support.clients import Client

PATHS = (
    ("GET", "/companies"), ("POST", "/companies"), ("GET", "/companies/1"),
    ("PATCH", "/companies/ref:A-1"), ("GET", "/companies/collisions?name=x"), ("GET", "/leads"),
    ("POST", "/leads"), ("GET", "/leads/1"), ("PATCH", "/leads/1"), ("POST", "/leads/1/stage"),
    ("POST", "/leads/1/status"), ("GET", "/interactions"), ("POST", "/interactions"),
    ("GET", "/interactions/1"), ("PATCH", "/interactions/1"), ("GET", "/search?q=x"),
    ("GET", "/suggest?q=x"),
)  # fmt: skip


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer 令牌"]
)
def test_without_a_right_token_everything_answers_401(app: Flask, header: str | None) -> None:
    caller = Caller(app, None)
    if header is not None:
        caller.headers["Authorization"] = header.encode().decode("latin-1")
    for method, path in PATHS:
        response = caller.call(method, path, data="{", content_type="application/json")
        assert response.status_code == 401, (method, path)
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Location" not in response.headers


def test_a_session_is_no_token(as_user: Callable[..., Client]) -> None:
    response = as_user("manager").get("/api/v1/companies")
    assert response.status_code == 401
    check_problem(response)


def test_the_language_of_a_cookie_does_not_matter(
    as_user: Callable[..., Client], officer: Caller
) -> None:
    client = as_user("manager", locale="en")
    response = client.get("/api/v1/companies/999", headers=officer.headers)
    assert response.status_code == 404
    check_problem(response)


def test_a_token_stops_with_its_revocation_and_its_owner(
    officer: Caller, db_session: Session
) -> None:
    assert officer.get("/companies").status_code == 200
    user = db_session.get(User, officer.user.id)  # type: ignore[union-attr]
    assert user is not None
    user.is_enabled = False
    assert officer.get("/companies").status_code == 401
    user.is_enabled = True
    assert officer.get("/companies").status_code == 200
    db_session.query(ApiToken).update({"revoked_at": now()})
    assert officer.get("/companies").status_code == 401


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_roles_without_business_see_none_of_it(calls: Callable[..., Caller], role: str) -> None:
    company, lead = CompanyFactory(), LeadFactory()
    caller = calls(role, team=None)
    for path in ("/companies", "/leads", "/interactions", "/search?q=x", "/suggest?q=x",
                 "/companies/collisions?name=x"):  # fmt: skip
        assert caller.get(path).status_code == 403, path
    for path in ("/companies", "/leads", "/interactions"):
        assert caller.post(path, {}).status_code == 403, path
    for path in (f"/companies/{company.id}", f"/leads/{lead.id}", f"/leads/{lead.id}"):
        there, gone = caller.get(path), caller.get(path.rpartition("/")[0] + "/99999")
        assert there.status_code == 404
        assert there.data == gone.data
        assert caller.patch(path, {}).status_code == 404
    assert caller.post(f"/leads/{lead.id}/stage", {}).status_code == 404


def test_a_reviewer_reads_and_writes_nothing(calls: Callable[..., Caller]) -> None:
    company, lead = CompanyFactory(), LeadFactory()
    caller = calls("reviewer", team=None)
    assert caller.get(f"/companies/{company.id}").status_code == 200
    assert caller.get(f"/leads/{lead.id}").status_code == 200
    for path in ("/companies", "/leads", "/interactions"):
        assert caller.post(path, {}).status_code == 403, path
    assert caller.patch(f"/companies/{company.id}", {"summary": "x"}).status_code == 403
    assert caller.patch(f"/leads/{lead.id}", {"summary": "x"}).status_code == 403
    body = {"stage": "contacted", "on": "2026-11-24"}
    assert caller.post(f"/leads/{lead.id}/stage", body).status_code == 403


class TestLimit:
    """Requests are counted by token, and the caller sees how many are left."""

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"RATELIMIT_ENABLED": True}

    def test_the_limit_is_shown_and_generous(
        self, officer: Caller, calls: Callable[..., Caller]
    ) -> None:
        first, second = officer.get("/companies"), officer.get("/companies")
        assert int(first.headers["X-RateLimit-Limit"]) >= 600
        left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, second)]
        assert left[1] == left[0] - 1
        other = calls().get("/companies")
        assert int(other.headers["X-RateLimit-Remaining"]) == left[0]

    def test_beyond_it_there_is_a_problem(
        self, officer: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from crm.extensions import limiter

        monkeypatch.setattr(limiter.limiter, "hit", Mock(return_value=False))
        response = officer.get("/companies")
        assert response.status_code == 429
        assert "Retry-After" in response.headers
