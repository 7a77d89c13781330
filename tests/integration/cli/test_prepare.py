"""`flask prepare`: from nothing to ready, and quick when there is nothing to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import cli as commands
from crm.companies.models import Company
from crm.extensions import db
from tests.conftest import app_for
from tests.factories import CompanyFactory
from tests.support.clients import CliRunner


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The demo's loading takes seconds and has tests of its own: here it is only counted."""
    done: list[str] = []
    monkeypatch.setattr(commands.example, "load", lambda: done.append("loaded"))
    monkeypatch.setattr(commands.example, "sign_ins", lambda: ["示例账户", *done])
    return done


def test_from_nothing_to_ready(tmp_path: Path, loads: list[str]) -> None:
    app = app_for(f"sqlite:///{tmp_path}/crm.sqlite3", tmp_path)
    result = app.test_cli_runner().invoke(args=["prepare", "--demo"])
    assert result.exit_code == 0, result.output
    assert loads == ["loaded"]
    assert result.stdout.splitlines() == ["示例账户", "loaded"]
    with app.app_context():
        assert commands.is_migrated()
        assert not app.extensions["search_index"].status().needs_rebuild
        db.session.remove()
        db.engine.dispose()


def test_without_demo_the_database_stays_empty(cli: CliRunner, loads: list[str]) -> None:
    assert cli.invoke(args=["prepare"]).exit_code == 0
    assert loads == []


def test_records_are_never_mixed_with_the_demo(cli: CliRunner, loads: list[str]) -> None:
    CompanyFactory()
    assert cli.invoke(args=["prepare", "--demo"]).exit_code == 0
    assert loads == []
    assert db.session.scalar(select(func.count()).select_from(Company)) == 1


def test_the_index_is_built_where_it_is_missing(
    app: Flask, cli: CliRunner, loads: list[str]
) -> None:
    company = CompanyFactory()
    assert cli.invoke(args=["prepare"]).exit_code == 0
    status = app.extensions["search_index"].status()
    assert (status.needs_rebuild, status.documents.get("company")) == (False, 1)
    assert company.id


def test_a_second_time_does_next_to_nothing(
    cli: CliRunner, loads: list[str], count_statements: Callable[..., object]
) -> None:
    cli.invoke(args=["prepare"])
    with count_statements() as ran:  # type: ignore[attr-defined]
        cli.invoke(args=["prepare"])
    assert not [text for text in ran.texts if text.startswith(("INSERT", "UPDATE", "CREATE"))]
    assert ran.total <= 12


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path, loads: list[str]) -> None:
    app = app_for("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path)
    result = app.test_cli_runner().invoke(args=["prepare"])
    assert result.exit_code == 1
    assert "数据库没有打开" in result.output
