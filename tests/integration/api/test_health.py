"""Health, readiness and figures need no token and say nothing of the business."""

from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm import indexing
from crm.accounts.models import SignInAttempts
from crm.core.clock import now
from crm.core.outbox import enqueue
from crm.extensions import db
from tests.integration.api.caller import Caller
from tests.support.clients import Client


def database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_kwargs: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("away"))

    for name in ("execute", "scalar", "scalars"):
        monkeypatch.setattr(db.session, name, away)


def test_alive_whatever_happens(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    database_is_away(monkeypatch)
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_ready_degraded_and_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json == {
        "status": "ok", "database": "ok", "search": "ok", "engine": "embedded",
    }  # fmt: skip
    monkeypatch.setattr(indexing.index().engine, "ping", lambda: False)
    degraded = client.get("/readyz")
    assert (degraded.status_code, degraded.json["status"]) == (200, "degraded")  # type: ignore[index]
    database_is_away(monkeypatch)
    down = client.get("/readyz")
    assert (down.status_code, down.json["database"]) == (503, "down")  # type: ignore[index]


def figures(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_figures(client: Client, officer: Caller, db_session: Session) -> None:
    officer.made("/companies", {"name": "示例机密有限公司"})
    enqueue("company", [1])
    db_session.add(SignInAttempts(name_hash="x", count=3, last_at=now()))
    before = figures(client)
    officer.get("/companies?q=机密")
    client.get("/nowhere/机密")
    after = figures(client)

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    listed = {"endpoint": "api.list_companies"}
    assert grown("crm_requests_total", method="GET", status="200", **listed) == 1
    assert grown("crm_request_seconds_count", **listed) == 1
    assert grown("crm_requests_total", endpoint="unknown", method="GET", status="404") == 1
    assert after["crm_outbox_pending", ()] >= 1
    assert after["crm_outbox_oldest_seconds", ()] >= 0
    assert after["crm_sign_in_failures", ()] == 3
    assert after["crm_search_documents", (("type", "company"),)] == 1
    assert after["crm_database_up", ()] == after["crm_search_up", ()] == 1
    assert "机密" not in client.get("/metrics").text


def test_figures_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    database_is_away(monkeypatch)
    found = figures(client)
    assert found["crm_database_up", ()] == 0
    assert ("crm_outbox_pending", ()) not in found


def test_no_address_sets_a_cookie(app: Flask) -> None:
    client = app.test_client()
    for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/v1/leads"):
        assert "Set-Cookie" not in client.get(path).headers, path
