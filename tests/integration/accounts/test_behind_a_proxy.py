"""Behind a reverse proxy the visitor's address counts; without one nobody may make an address up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import request

import config
from crm.extensions import db, limiter
from tests.conftest import app_for


@pytest.fixture
def fresh_counts() -> Iterator[None]:
    """The limiter is one for all applications of a process: it is left as it was found."""
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.mark.parametrize(("proxies", "hindered"), [(0, 429), (1, 200)])
def test_the_limit_counts_the_visitors_address(
    tmp_path: Path, fresh_counts: None, proxies: int, hindered: int
) -> None:
    app = app_for(
        f"sqlite:///{tmp_path}/crm.sqlite3", tmp_path, TRUSTED_PROXIES=proxies,
        RATELIMIT_ENABLED=True,
    )  # fmt: skip
    limiter.reset()

    @app.get("/limited")
    @limiter.limit("2 per minute")
    def limited() -> str:
        return "ok"

    client = app.test_client()

    def ask(visitor: str) -> int:
        return client.get("/limited", headers={"X-Forwarded-For": visitor}).status_code

    assert [ask("10.0.0.1"), ask("10.0.0.1")] == [200, 200]
    assert ask("10.0.0.1") == 429
    assert ask("10.0.0.2") == hindered
    with app.app_context():
        db.engine.dispose()


def test_one_proxy_is_believed_and_not_what_the_visitor_sent_it(tmp_path: Path) -> None:
    app = app_for(f"sqlite:///{tmp_path}/crm.sqlite3", tmp_path, TRUSTED_PROXIES=1)
    seen: list[str | None] = []
    app.before_request(lambda: seen.append(request.remote_addr))
    app.test_client().get("/healthz", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.9"})
    assert seen == ["10.0.0.9"]
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "99"])
def test_a_setting_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", text)
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        config.from_environment()
    monkeypatch.setenv("TRUSTED_PROXIES", "")
    assert config.from_environment()["TRUSTED_PROXIES"] == 0
