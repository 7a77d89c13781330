"""The worker as a process of its own, killed at random points: nothing is lost."""

import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm import indexing
from crm.core import clock
from tests.factories import LeadFactory, UserFactory, team_named
from tests.integration.api.caller import Caller
from tests.search.servers import remove_indices, server_settings
from tooling.layout import ROOT


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.es)])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Each of the two engines."""
    if request.param == "embedded":
        yield {}
        return
    given = request.getfixturevalue("elasticsearch_settings")
    server = server_settings(given, index=f"test-{secrets.token_hex(6)}")
    yield {**given, "ELASTICSEARCH_INDEX": server.index}
    remove_indices(server)


def worker(app: Flask, settings: dict[str, Any], log: Path) -> subprocess.Popen[bytes]:
    """`flask search worker` on this application's database."""
    env = {
        **os.environ,
        **settings,
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "DATA_DIR": str(app.config["DATA_DIR"]),
        "SECRET_KEY": "for-tests-only",
    }
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "flask", "search", "worker"],
            cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip


@pytest.fixture
def save(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Saves a note and leaves all indexing to the worker; the clock runs, as it does there."""
    monkeypatch.setattr(indexing, "FLUSH_AT_ONCE", 0)
    caller = Caller(app, UserFactory(team=team_named("项目一科")))
    lead = LeadFactory(owner=caller.user)

    def save() -> None:
        body = {"kind": "visit", "text": "含氟废水", "lead_id": lead.id}
        caller.made("/interactions", {**body, "occurred_on": clock.today().isoformat()})

    return save


def until_all_is_taken_over(log: Path) -> None:
    """Wait for the worker."""
    deadline = time.monotonic() + 60
    while indexing.index().status().pending:
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.05)


def test_a_worker_killed_at_random_points_loses_nothing(
    app: Flask,
    save: Callable[[], None],
    settings: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What the killed one held comes up again soon.
    monkeypatch.setattr(indexing, "CLAIM_LAPSES", timedelta(seconds=1))
    chance, log = random.Random(3), tmp_path / "worker.log"
    for _ in range(2):
        save()
        process = worker(app, settings, log)
        until_all_is_taken_over(log)
        killed_at = time.monotonic() + chance.uniform(0.1, 0.8)
        while time.monotonic() < killed_at:
            save()
        process.kill()
        process.wait(10)
    index = indexing.index()
    assert index.drain(timeout=60).pending == 0
    assert not index.verify()
    assert index.engine.documents()["interaction"] > 3


def test_a_worker_takes_over_and_ends_when_told(
    app: Flask, save: Callable[[], None], settings: dict[str, Any], tmp_path: Path
) -> None:
    save()
    log = tmp_path / "worker.log"
    process = worker(app, settings, log)
    until_all_is_taken_over(log)
    process.terminate()
    assert process.wait(20) == 0
    index = indexing.index()
    assert index.engine.documents() == {"company": 1, "interaction": 1, "lead": 1}
    assert not index.verify()
