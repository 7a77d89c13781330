"""The page from which search is looked after: figures and tasks, no word of the business."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import indexing
from crm.core.activity import Activity
from crm.core.clock import now
from crm.core.figures import SEARCH_FAILURES
from crm.core.outbox import OutboxRow
from crm.core.permissions import Role
from crm.find import operations
from crm.find.models import IndexJob, IndexTask, TaskState
from crm.find.services import tasks
from search.document import Key
from search.errors import EngineUnavailable
from search.sync import OutboxRow as Held
from tests.factories import LeadFactory
from tests.support.clients import Client
from tests.support.html import check_html

AsUser = Callable[..., Client]
PAGE = "/admin/search"


@pytest.fixture
def admin(as_user: AsUser) -> Client:
    return as_user(Role.ADMIN, team=None)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for each task before the page answers."""
    start = operations.run

    def wait(*args: Any) -> Thread:
        thread = start(*args)
        thread.join()
        return thread

    monkeypatch.setattr(operations, "run", wait)


def jobs(db_session: Session) -> list[IndexJob]:
    query = select(IndexJob).order_by(IndexJob.id).execution_options(populate_existing=True)
    return list(db_session.scalars(query))


@pytest.mark.usefixtures("at_once")
def test_the_index_is_built_verified_and_mended_from_the_page(
    admin: Client, db_session: Session
) -> None:
    lead = LeadFactory(title="含氟废水密项")
    db_session.commit()
    assert admin.post(PAGE, data={"task": "verify"}).status_code == 303
    assert admin.post(PAGE, data={"task": "rebuild"}).status_code == 303
    with indexing.index().engine.write() as batch:
        batch.delete([Key("lead", lead.id)])
    assert admin.post(PAGE, data={"task": "verify"}).status_code == 303
    page = admin.get(PAGE).text
    check_html(page)
    assert "缺 1 份，旧 0 份，多 0 份" in page
    assert "编入 2 份" in page
    admin.post(PAGE, data={"task": "repair"})
    assert "与记录完全一致" in admin.get(PAGE).text
    states = [(one.task, one.state) for one in jobs(db_session)]
    assert states[1:] == [
        (IndexTask.REBUILD, TaskState.DONE),
        (IndexTask.VERIFY, TaskState.DONE),
        (IndexTask.REPAIR, TaskState.DONE),
    ]
    deeds = db_session.scalars(select(Activity.verb).where(Activity.subject_type == "index"))
    assert {"index.rebuild", "index.verify", "index.repair"} == set(deeds)
    assert admin.post(PAGE, data={"task": "nonsense"}).status_code == 422


def test_errors_are_shown_by_their_kind_alone(admin: Client, db_session: Session) -> None:
    db_session.add(
        OutboxRow(
            doc_type="lead",
            doc_id=7,
            attempts=3,
            last_error="lead 7: ValueError: 含氟废水密谈 示例绝密公司",
            available_at=now() + timedelta(minutes=5),
        )
    )
    db_session.commit()
    page = admin.get(PAGE).text
    check_html(page)
    assert "线索 7 不能编入索引（ValueError）" in page
    assert "试过 3 次" in page
    for secret in ("含氟废水", "绝密"):
        assert secret not in page
    assert (
        operations.in_words("https://user:key@host refused 绝密")
        == "搜索引擎没有应答，或不能写入。"
    )


def test_a_running_task_shows_how_far_it_is_and_lets_no_second_one_begin(
    admin: Client, db_session: Session
) -> None:
    db_session.add(IndexJob(task=IndexTask.REBUILD, total=2000, done=500))
    db_session.commit()
    page = admin.get(PAGE).text
    check_html(page)
    assert "已编入 500 / 2,000 份" in page
    assert 'hx-trigger="every 2s"' in page
    admin.post(PAGE, data={"task": "verify"})
    assert len(jobs(db_session)) == 1
    part = admin.get(PAGE, headers={"HX-Request": "true"}).text
    assert part.startswith('<div class="stack" id="operations"')


def test_a_task_whose_process_is_gone_is_closed(admin: Client, db_session: Session) -> None:
    db_session.add(IndexJob(task=IndexTask.REBUILD, touched_at=now() - 2 * tasks.STALE))
    db_session.commit()
    page = admin.get(PAGE).text
    assert "中途中断" in page
    assert jobs(db_session)[0].state is TaskState.FAILED


@pytest.mark.usefixtures("at_once")
def test_an_engine_that_is_away_is_said_and_hinders_nothing(
    admin: Client, app: Flask, monkeypatch: pytest.MonkeyPatch, db_session: Session
) -> None:
    def away(*_: object, **__: object) -> None:
        raise EngineUnavailable("https://user:key@host")

    for name in ("documents", "state", "rebuild"):
        monkeypatch.setattr(app.extensions["search_index"].engine, name, away)
    page = admin.get(PAGE)
    check_html(page.text)
    assert page.status_code == 200
    assert "搜索引擎没有应答" in page.text
    assert "user:key" not in page.text
    admin.post(PAGE, data={"task": "rebuild"})
    assert jobs(db_session)[0].fault == "engine_unavailable"


def test_lag_and_failures_are_among_the_figures(client: Client, db_session: Session) -> None:
    before = SEARCH_FAILURES.labels("document")._value.get()
    row = OutboxRow(doc_type="lead", doc_id=7, enqueued_at=now() - timedelta(minutes=2))
    db_session.add(row)
    db_session.commit()
    indexing.index().outbox.failed(Held(row.id, Key("lead", 7)), "lead 7: ValueError: 绝密", 60.0)
    text = client.get("/metrics").text
    figures = dict(
        line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")
    )
    assert float(figures["crm_search_pending"]) == 1
    assert float(figures["crm_search_oldest_pending_seconds"]) >= 120
    assert float(figures["crm_search_refused"]) == 1
    assert float(figures['crm_search_failures_total{kind="document"}']) == before + 1
    assert "绝密" not in text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER, Role.AUDITOR])
def test_only_administrators_look_after_search(as_user: AsUser, role: Role) -> None:
    client = as_user(role)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, data={"task": "rebuild"}).status_code == 404
