"""The commands, on any engine."""

import json

import pytest
from click.testing import CliRunner

from search.cli import search_group
from search.document import Key
from search.errors import EngineUnavailable
from search.index import SearchIndex
from tests.search.support import MemoryOutbox, Records, company, note


@pytest.fixture
def records():
    return Records(note(1, "隔膜"), company(1, "示例厂"))


@pytest.fixture
def outbox():
    return MemoryOutbox()


@pytest.fixture
def run(engine, records, outbox):
    index = SearchIndex(engine, records.registry(), outbox)
    group = search_group(lambda: index)

    def run(*words):
        return CliRunner().invoke(group, words)

    return run


def test_status_is_one_json_object(run, engine, outbox):
    assert run("rebuild").exit_code == 0
    outbox.add([Key("interaction", 1)])
    answer = json.loads(run("status", "--json").stdout)
    assert answer["engine"] == engine.name
    assert answer["documents"] == {"company": 1, "interaction": 1}
    assert answer["pending"] == 1
    assert answer["oldest_pending_seconds"] >= 0
    assert answer["last_error"] is None
    assert set(answer) == {
        "engine", "documents", "pending", "oldest_pending_seconds", "last_error",
    }  # fmt: skip
    assert "needs_rebuild: False" in run("status").stdout


def test_drain_fails_while_something_waits(run, records, outbox):
    outbox.add([Key("interaction", 1), Key("company", 1)])
    records.broken.add(Key("interaction", 1))
    result = run("drain")
    assert result.exit_code == 1
    assert "1 done, 1 pending" in result.stdout
    assert "cannot read interaction 1" in result.stderr
    records.broken.clear()
    assert run("drain").exit_code == 0


def test_verify_fails_on_a_difference_until_it_is_mended(run, records):
    assert run("rebuild").exit_code == 0
    assert run("verify").exit_code == 0
    records.drop(Key("company", 1))
    records.put(note(2, "新的"))
    result = run("verify")
    assert result.exit_code == 1
    assert "missing: 1\n  interaction 2\n" in result.stdout
    assert "extra: 1\n  company 1\n" in result.stdout
    assert run("verify", "--repair").exit_code == 0
    assert run("verify").exit_code == 0


def test_rebuild_names_what_it_left_out(run, records):
    records.broken.add(Key("interaction", 1))
    result = run("rebuild")
    assert result.exit_code == 1
    assert "left out: interaction 1" in result.stderr


def test_an_engine_that_is_away_is_a_message_and_no_traceback(run, engine, monkeypatch):
    def refuse(*_, **__):
        raise EngineUnavailable("disk is full")

    for name in ("rebuild", "write", "documents"):
        monkeypatch.setattr(engine, name, refuse)
    for command in ("rebuild", "verify"):
        result = run(command)
        assert result.exit_code == 1
        assert "disk is full" in result.stderr
    assert json.loads(run("status", "--json").stdout)["last_error"] == "disk is full"
