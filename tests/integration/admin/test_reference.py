"""Reference data: there after every upgrade, never over what people edited."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crm.chains.models import ChainNode
from crm.companies.models import NameExclusion
from crm.core import settings
from crm.core.calendar import is_workday
from crm.core.settings import ListItem, ListKind, Workday
from crm.extensions import db
from crm.reference import install_reference_data
from tests.conftest import app_for
from tests.support.clients import CliRunner

SOURCES = [
    "自行接洽", "上级推荐", "以商招商", "商协会", "中介顾问", "基金资本",
    "展会活动", "驻点招商", "官网来电", "领导交办", "存量增资", "产业外溢",
]  # fmt: skip


def test_everything_is_there_after_the_first_upgrade(db_session: Session) -> None:
    assert [item.label for item in settings.list_items(ListKind.SOURCE)] == SOURCES
    assert len(settings.list_items(ListKind.LOST_REASON)) == 9
    nodes = {node.id: node for node in db_session.scalars(select(ChainNode))}
    assert len(nodes) == 139
    assert (nodes["bat.hc"].name, nodes["bat.hc"].chain_name) == ("硬碳", "动力与钠电池")
    assert nodes["pv.wafer"].aka == ["切片", "182", "210", "wafer"]
    pairs = db_session.execute(select(NameExclusion.name, NameExclusion.excluded)).all()
    assert ("徐工", "徐工程师") in pairs
    assert ("徐工集团", "徐工程师") not in pairs


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday worked for the National Day
        (date(2026, 10, 11), False),
        (date(2026, 2, 16), False),
        (date(2026, 2, 14), True),
        (date(2025, 10, 8), False),
        (date(2024, 5, 11), True),
        (date(2026, 11, 24), True),
        (date(2027, 1, 1), True),  # not announced yet: an ordinary Friday
    ],
)
def test_the_calendar_of_china(db_session: Session, day: date, works: bool) -> None:
    assert is_workday(day, settings.calendar_exceptions()) is works


def test_only_days_that_differ_from_the_plain_week_are_kept(db_session: Session) -> None:
    for row in db_session.scalars(select(Workday)):
        assert row.works is not is_workday(row.day, {})


def test_a_second_upgrade_changes_nothing(
    cli: CliRunner, db_session: Session, count_statements: Callable[..., object]
) -> None:
    with count_statements() as ran:  # type: ignore[attr-defined]
        assert install_reference_data() == 0
    assert ran.total <= 2
    assert cli.invoke(args=["db", "upgrade"]).exit_code == 0
    assert db_session.scalar(select(func.count()).select_from(ListItem)) == 21


def test_what_people_edited_stays(cli: CliRunner, db_session: Session) -> None:
    renamed, gone = settings.list_items(ListKind.SOURCE)[:2]
    renamed.label = "主动拜访"
    db_session.delete(gone)
    db_session.execute(delete(Workday).where(Workday.day == date(2026, 10, 1)))
    node = db_session.get(ChainNode, "bat.hc")
    assert node is not None
    node.name = "硬碳负极"
    db_session.execute(delete(NameExclusion).where(NameExclusion.excluded == "徐工程师"))
    assert cli.invoke(args=["db", "upgrade"]).exit_code == 0
    labels = [item.label for item in settings.list_items(ListKind.SOURCE)]
    assert labels == ["主动拜访", *SOURCES[2:]]
    assert date(2026, 10, 1) not in settings.calendar_exceptions()
    assert node.name == "硬碳负极"
    assert "徐工程师" not in db_session.scalars(select(NameExclusion.excluded)).all()


def test_a_year_that_people_have_begun_is_theirs(db_session: Session) -> None:
    ledger = db_session.get(settings.Setting, "reference_installed")
    assert ledger is not None
    ledger.value = [name for name in ledger.value if name != "workdays:2026"]
    db_session.execute(delete(Workday).where(Workday.day >= date(2026, 1, 1)))
    db_session.add(Workday(day=date(2026, 5, 1), works=False, name="自己填的"))
    db_session.commit()
    assert install_reference_data() == 1
    kept = db_session.scalars(select(Workday).where(Workday.day >= date(2026, 1, 1))).all()
    assert [row.name for row in kept] == ["自己填的"]


def test_an_entry_of_a_later_version_still_arrives(db_session: Session) -> None:
    ledger = db_session.get(settings.Setting, "reference_installed")
    assert ledger is not None
    ledger.value = [name for name in ledger.value if name != "source:产业外溢"]
    last = settings.list_items(ListKind.SOURCE)[-1]
    db_session.delete(last)
    db_session.commit()
    assert install_reference_data() == 1
    assert "产业外溢" in [item.label for item in settings.list_items(ListKind.SOURCE)]


def test_an_upgrade_to_an_older_revision_installs_nothing(tmp_path: Path) -> None:
    app = app_for(f"sqlite:///{tmp_path}/crm.sqlite3", tmp_path)
    result = app.test_cli_runner().invoke(args=["db", "upgrade", "0001"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ListItem)) == 0
        db.session.remove()
        db.engine.dispose()
    result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ListItem)) == 21
        db.session.remove()
        db.engine.dispose()
