"""Imports on the page: files are taken in, checked, run and thrown away."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, select, update

from crm.core.clock import now
from crm.core.errors import Conflict, DomainError, NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Actor, Capability, Role
from crm.exchange.faults import FileFault
from crm.exchange.headers import IGNORE, chosen_layout, guess
from crm.exchange.models import ImportJob, JobState
from crm.exchange.reading import open_table
from crm.exchange.sheets import SHEETS, Sheet
from crm.extensions import db

KEPT_DAYS = 7
INTERRUPTED = N_(
    "上一次运行中途中断（服务重启或异常退出）。已写入的行保留；有编号的行再次导入不会重复，没有编号的行请先核对。"
)
STALE = timedelta(minutes=3)
NAME_LENGTH = 200
CHUNK = 1 << 20


def kinds_for(actor: Actor) -> list[Sheet]:
    """The kinds of file that a person may import on the page."""
    found = []
    if actor.can(Capability.IMPORT):
        found = [SHEETS["companies"], SHEETS["contacts"], SHEETS["leads"], SHEETS["interactions"]]
    if may_import_history(actor):
        found.append(SHEETS["stage_log"])
    if actor.can(Capability.ADMINISTER):
        found.append(SHEETS["users"])
    return found


def may_import_history(actor: Actor) -> bool:
    """Past stages pass no gate: that is for the manager alone."""
    return actor.is_system or actor.role is Role.MANAGER


def take_in(
    *, actor: Actor, folder: Path, kind: str, file_name: str, stream: BinaryIO
) -> ImportJob:
    """Keep an uploaded file under a random name and note what it seems to hold.

    Raises NotAllowed, and FileFault for a file that cannot be read; nothing is kept then.
    """
    if kind not in {sheet.name for sheet in kinds_for(actor)} or actor.id is None:
        raise NotAllowed(N_("您不能导入这类数据。"))
    name = Path(file_name.replace("\\", "/")).name
    job = ImportJob(
        token=secrets.token_urlsafe(32), user_id=actor.id, kind=kind, file_name=_shortened(name)
    )
    path = source_of(folder, job)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as target:
            while chunk := stream.read(CHUNK):
                target.write(chunk)
        table = open_table(path, name)
        job.encoding, job.header = table.encoding, table.header
        job.total = sum(1 for _row in table.rows())
    except (FileFault, OSError):
        path.unlink(missing_ok=True)
        raise
    names = guess(SHEETS[kind], table.header)
    job.mapping = {str(place): name for place, name in enumerate(names) if name != IGNORE}
    db.session.add(job)
    db.session.flush()
    return job


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: NAME_LENGTH - 10]}{dot}{ending[:9]}"


def source_of(folder: Path, job: ImportJob) -> Path:
    """Where the uploaded file is kept."""
    return folder / f"{job.token}.upload"


def errors_of(folder: Path, job: ImportJob) -> Path:
    """Where the rows that failed are kept."""
    return folder / f"{job.token}-errors{job.ending}"


def start(
    *,
    actor: Actor,
    job: ImportJob,
    mapping: Mapping[int, str],
    dry_run: bool,
    update_known: bool,
    historical: bool,
) -> None:
    """Claim a job for a run; only one runs at a time.

    Raises Conflict where it runs already or is done, NotAllowed, FileFault for a mapping that
    leaves out what is needed.
    """
    if historical and not may_import_history(actor):
        raise NotAllowed(N_("历史数据只能由分管领导导入。"), field="historical")
    if job.kind not in {sheet.name for sheet in kinds_for(actor)}:
        raise NotAllowed(N_("您不能导入这类数据。"))
    chosen_layout(SHEETS[job.kind], job.header, mapping)
    values = {
        "mapping": {str(place): name for place, name in mapping.items() if name != IGNORE},
        "dry_run": dry_run,
        "update_known": update_known,
        "historical": historical,
        "state": JobState.RUNNING,
        "counts": {},
        "message": "",
        "touched_at": now(),
    }
    idle = (ImportJob.state != JobState.RUNNING) | (ImportJob.touched_at < now() - STALE)
    claimed = db.session.scalar(
        update(ImportJob)
        .where(ImportJob.id == job.id, ImportJob.state != JobState.DONE, idle)
        .values(values)
        .returning(ImportJob.id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        raise Conflict(N_("这次导入正在进行或已经完成。"))
    db.session.expire(job)


def discard(*, actor: Actor, folder: Path, job: ImportJob) -> None:
    """Throw a job and its files away. Raises Conflict while it runs, NotAllowed to others."""
    if job.user_id != actor.id:
        raise NotAllowed(N_("这不是您的导入。"))
    if is_running(job):
        raise Conflict(N_("导入正在进行，完成后再删除。"))
    _unlink(folder, job)
    db.session.execute(delete(ImportJob).where(ImportJob.id == job.id))


def is_running(job: ImportJob) -> bool:
    """Whether a run is under way; one that stopped without a word is not."""
    return job.state is JobState.RUNNING and job.touched_at > now() - STALE


def mark_interrupted() -> int:
    """Close the runs whose process went away without a word; returns how many.

    A run notes how far it has come after every batch; one that is silent for `STALE` has ended.
    """
    stopped = update(ImportJob).where(
        ImportJob.state == JobState.RUNNING, ImportJob.touched_at < now() - STALE
    )
    result = db.session.execute(
        stopped.values(state=JobState.FAILED, message=INTERRUPTED).returning(ImportJob.id)
    )
    return len(result.all())


def sweep(*, folder: Path) -> int:
    """Throw away jobs that nobody has looked after for a week; returns how many."""
    old = select(ImportJob).where(ImportJob.created_at < now() - timedelta(days=KEPT_DAYS))
    gone = [job for job in db.session.scalars(old) if not is_running(job)]
    for job in gone:
        _unlink(folder, job)
        db.session.delete(job)
    return len(gone)


def _unlink(folder: Path, job: ImportJob) -> None:
    source_of(folder, job).unlink(missing_ok=True)
    errors_of(folder, job).unlink(missing_ok=True)


def finish(*, job: ImportJob, folder: Path, error: DomainError | FileFault | None) -> None:
    """Close a run; after a real one the uploaded file is not needed any more."""
    job.touched_at = now()
    if error is not None:
        job.state = JobState.FAILED
        job.message = error.shown() if isinstance(error, FileFault) else error.message
        return
    job.state = JobState.CHECKED if job.dry_run else JobState.DONE
    if not job.dry_run:
        source_of(folder, job).unlink(missing_ok=True)
    if not job.counts.get("failed"):
        errors_of(folder, job).unlink(missing_ok=True)
