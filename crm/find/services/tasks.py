"""Tasks on the search index that an administrator starts: rebuild, verify, repair."""

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from crm.core import activity
from crm.core.clock import now
from crm.core.errors import Conflict
from crm.core.permissions import Actor
from crm.extensions import db
from crm.find.models import IndexJob, IndexTask, TaskState

STALE = timedelta(seconds=60)
"""A run that has not been touched for so long has ended without a word."""

SHOWN = 5
VERBS = {
    IndexTask.REBUILD: "index.rebuild",
    IndexTask.VERIFY: "index.verify",
    IndexTask.REPAIR: "index.repair",
}


def start(*, actor: Actor, task: IndexTask, total: int) -> IndexJob:
    """Note a run; one is under way at a time. Raises Conflict."""
    if running() is not None:
        raise Conflict(_("已有任务在进行，请等它完成。"))
    job = IndexJob(task=task, started_by_id=actor.id, total=total)
    db.session.add(job)
    db.session.flush()
    activity.record(actor=actor, verb=VERBS[task], subject_type="index", subject_id=job.id)
    return job


def running() -> IndexJob | None:
    """The run that is under way."""
    query = select(IndexJob).where(
        IndexJob.state == TaskState.RUNNING, IndexJob.touched_at >= now() - STALE
    )
    return db.session.scalar(query.order_by(IndexJob.id.desc()).limit(1))


def latest() -> list[IndexJob]:
    """The last runs, the newest first."""
    return list(db.session.scalars(select(IndexJob).order_by(IndexJob.id.desc()).limit(SHOWN)))


def note(*, job_id: int, done: int | None = None) -> None:
    """Say that a run goes on, and how far it has come."""
    values: dict[str, object] = {"touched_at": now()}
    if done is not None:
        values["done"] = done
    _set(job_id, values)


def finish(*, job_id: int, result: dict[str, int], fault: str = "") -> None:
    """Close a run. `fault` is the stable name of what went wrong, never a text of a record."""
    state = TaskState.FAILED if fault else TaskState.DONE
    _set(job_id, {"state": state, "result": result, "fault": fault, "touched_at": now()})


def close_interrupted() -> None:
    """Close the runs whose process went away without a word."""
    stopped = update(IndexJob).where(
        IndexJob.state == TaskState.RUNNING, IndexJob.touched_at < now() - STALE
    )
    _run(stopped.values(state=TaskState.FAILED, fault="interrupted"))


def _set(job_id: int, values: dict[str, object]) -> None:
    still = update(IndexJob).where(IndexJob.id == job_id, IndexJob.state == TaskState.RUNNING)
    _run(still.values(values))


def _run(statement: object) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
