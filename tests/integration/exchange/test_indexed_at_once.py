"""A search right after an import finds what it brought, unless it is very much."""

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from crm import draining
from search.errors import EngineUnavailable
from tests.support.clients import CliRunner

ROWS = 300


def test_an_import_is_indexed_when_the_command_ends(
    app: Flask, cli: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "firms.csv"
    lines = [f"C{number},示例企业{number}有限公司" for number in range(ROWS)]
    file.write_text("ref,name\n" + "\n".join(lines) + "\n", encoding="utf-8")
    result = cli.invoke(args=["data", "import", "companies", str(file)])
    assert json.loads(result.stdout.splitlines()[-1])["created"] == ROWS
    assert len(result.stdout.splitlines()) == 1
    status = app.extensions["search_index"].status()
    assert (status.pending, status.documents["company"]) == (0, ROWS)


def test_a_large_import_leaves_indexing_to_the_server(
    app: Flask, cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.exchange.commands._INDEXED_AT_ONCE", 1)
    app.extensions["search_index"].rebuild()
    file = tmp_path / "firms.csv"
    lines = [f"C{number},示例企业{number}有限公司" for number in range(ROWS)]
    file.write_text("ref,name\n" + "\n".join(lines) + "\n", encoding="utf-8")
    result = cli.invoke(args=["data", "import", "companies", str(file)])
    assert f"还有 {ROWS} 份文档没有编入" in result.stderr
    assert app.extensions["search_index"].status().pending == ROWS


def test_demo_data_is_indexed_when_the_command_ends(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr("crm.demo.commands.load", lambda: order.append("load"))
    monkeypatch.setattr("crm.demo.commands.index_what_waits", lambda: order.append("index"))
    assert cli.invoke(args=["demo", "load"]).exit_code == 0
    assert order == ["load", "index"]


def test_progress_is_told_and_what_is_left(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(draining, "_EVERY_SECONDS", 0.01)
    report = SimpleNamespace(pending=3)
    index: Any = SimpleNamespace(
        status=lambda: SimpleNamespace(needs_rebuild=False),
        outbox=SimpleNamespace(backlog=lambda: SimpleNamespace(pending=7)),
        drain=lambda **_: time.sleep(0.2) or report,
    )
    monkeypatch.setitem(app.extensions, "search_index", index)
    with app.app_context():
        draining.index_what_waits()
    told = capsys.readouterr()
    assert "还有 7 份" in told.err
    assert "还有 3 份文档没有编入" in told.err
    assert told.out == ""


def test_an_engine_that_is_away_hinders_no_import(
    app: Flask, cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise EngineUnavailable("away")

    monkeypatch.setattr(app.extensions["search_index"], "drain", away)
    file = tmp_path / "firms.csv"
    file.write_text("ref,name\nA,示例\n", encoding="utf-8")
    result = cli.invoke(args=["data", "import", "companies", str(file)])
    assert result.exit_code == 0
    assert "暂时没有更新" in result.stderr
