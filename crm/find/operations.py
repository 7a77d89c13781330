"""Runs tasks on the index in the background, and says how search fares in words without business.

Whoever looks after the system must not read what the records say: an error is shown by the name of
its kind, a document by its type and number.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import func, select

from crm import indexing
from crm.core.labels import N_
from crm.core.outbox import OutboxRow
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.find.filters import TYPES
from crm.find.models import IndexTask
from crm.find.services import tasks
from search.errors import SearchError
from search.index import SearchIndex, Status

log = logging.getLogger(__name__)

AWAY = N_("搜索引擎没有应答，或不能写入。")
FAULTS = {
    "engine_unavailable": AWAY,
    "engine_outdated": N_("索引是旧版本的，需要重建。"),
    "rebuild_running": N_("另一个进程正在重建索引。"),
    "interrupted": N_("中途中断：服务重启或异常退出。"),
}
OTHER_FAULT = N_("出错了，详情在服务器日志里。")

_DOCUMENT_FAULT = re.compile(r"(\w+) (\d+): (\w+)(?::|$)")
_BEAT_SECONDS = 10.0
_DRAIN_SECONDS = 60.0
_SHOWN = 20


@dataclass(frozen=True)
class Refused:
    """A document that the index could not take: which, how often tried, when again, what kind."""

    type: str
    id: int
    attempts: int
    again_at: datetime
    fault: str


@dataclass(frozen=True)
class Figures:
    """The state of search as the page of operations shows it."""

    status: Status
    refused: list[Refused]
    refused_total: int
    last_fault: str


def figures() -> Figures:
    """The present state; never raises for the engine."""
    status = indexing.index().status()
    failing = OutboxRow.attempts > 0
    rows = db.session.scalars(
        select(OutboxRow).where(failing).order_by(OutboxRow.id.desc()).limit(_SHOWN)
    ).all()
    total = db.session.scalar(select(func.count()).select_from(OutboxRow).where(failing)) or 0
    return Figures(
        status=status,
        refused=[
            Refused(
                row.doc_type, row.doc_id, row.attempts, row.available_at, kind_of(row.last_error)
            )
            for row in rows
        ],
        refused_total=total,
        last_fault=in_words(status.last_error),
    )


def kind_of(error: str | None) -> str:
    """The name of the kind of error in a document's message; nothing of what it says."""
    found = _DOCUMENT_FAULT.match(error or "")
    return found.group(3) if found else ""


def in_words(error: str | None) -> str:
    """An error as someone may read it who must not read the records."""
    if not error:
        return ""
    found = _DOCUMENT_FAULT.match(error)
    if found and found.group(1) in TYPES:
        return _(
            "%(type)s %(id)s 不能编入索引（%(kind)s）",
            type=_(TYPES[found.group(1)]),
            id=found.group(2),
            kind=found.group(3),
        )
    return _(AWAY)


def records() -> int:
    """How many records have a document."""
    registry = indexing.index().registry
    return sum(sum(1 for _id in registry.all_ids(type_)) for type_ in registry.types)


def run(app: Flask, job_id: int, task: IndexTask) -> Thread:
    """Run a noted task in a thread of this process."""
    thread = Thread(target=_run, args=(app, job_id, task), name="index-task", daemon=True)
    thread.start()
    return thread


def _run(app: Flask, job_id: int, task: IndexTask) -> None:
    ended = Event()
    beat = Thread(target=_beat, args=(app, job_id, ended), name="index-task-beat", daemon=True)
    beat.start()
    result: dict[str, int] = {}
    fault = ""
    try:
        with app.app_context():
            result = _DEEDS[task](indexing.index(), job_id)
    except SearchError as error:
        log.warning("index task %s ended: %s", task.value, error.code)
        fault = error.code
    except Exception:
        log.exception("index task %s failed", task.value)
        fault = "failed"
    ended.set()
    with app.app_context(), unit_of_work():
        tasks.finish(job_id=job_id, result=result, fault=fault)


def _beat(app: Flask, job_id: int, ended: Event) -> None:
    """Say again and again that the run goes on, also where a step of it takes long."""
    while not ended.wait(_BEAT_SECONDS):
        with app.app_context(), unit_of_work():
            tasks.note(job_id=job_id)


def _rebuild(index: SearchIndex, job_id: int) -> dict[str, int]:
    def report(count: int) -> None:
        with unit_of_work():
            tasks.note(job_id=job_id, done=count)

    done = index.rebuild(report=report)
    return {"documents": done.documents, "replayed": done.replayed, "failed": len(done.failed)}


def _verified(index: SearchIndex) -> dict[str, int]:
    index.drain(timeout=_DRAIN_SECONDS)
    found = index.verify()
    return {
        "missing": len(found.missing),
        "stale": len(found.stale),
        "extra": len(found.extra),
    }


def _repaired(index: SearchIndex) -> dict[str, int]:
    index.drain(timeout=_DRAIN_SECONDS)
    index.repair(index.verify())
    return _verified(index)


_DEEDS: dict[IndexTask, Callable[[SearchIndex, int], dict[str, int]]] = {
    IndexTask.REBUILD: _rebuild,
    IndexTask.VERIFY: lambda index, _job_id: _verified(index),
    IndexTask.REPAIR: lambda index, _job_id: _repaired(index),
}
