"""Runs the imports that people start on the page: small ones at once, larger ones in a thread."""

import logging
from pathlib import Path
from threading import Thread

from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from crm.accounts.models import User
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.labels import N_
from crm.core.unit_of_work import unit_of_work
from crm.exchange import services
from crm.exchange.faults import FileFault
from crm.exchange.headers import chosen_layout
from crm.exchange.importing.context import Context
from crm.exchange.importing.run import Counts, run_import
from crm.exchange.models import ImportJob
from crm.exchange.reading import open_table
from crm.exchange.sheets import SHEETS
from crm.extensions import db

AT_ONCE = 200
"""Up to this many rows the page waits for the result."""

log = logging.getLogger(__name__)


def run(app: Flask, job: ImportJob) -> Thread | None:
    """Run a claimed job; returns the thread where the page need not wait for it."""
    if job.total <= AT_ONCE:
        _run(app, job.id)
        return None
    thread = Thread(target=_run, args=(app, job.id), name="import", daemon=True)
    thread.start()
    return thread


def _run(app: Flask, job_id: int) -> None:
    """Import in an application context, and so a session, of its own."""
    with app.app_context():
        folder = imports_folder(app)
        error: DomainError | FileFault | None = None
        try:
            _import(folder, job_id)
        except (DomainError, FileFault) as refusal:
            error = refusal
        except (SQLAlchemyError, OSError):
            log.exception("an import stopped")
            error = FileFault(
                N_("导入中途停止：数据库或磁盘出错。已导入的行保留，有编号的行再次导入不会重复。")
            )
        with unit_of_work():
            job = db.session.get(ImportJob, job_id)
            if job is not None:
                services.finish(job=job, folder=folder, error=error)


def _import(folder: Path, job_id: int) -> None:
    job = db.session.get_one(ImportJob, job_id)
    user = db.session.get_one(User, job.user_id)
    table = open_table(services.source_of(folder, job), job.file_name)
    mapping = {int(place): name for place, name in job.mapping.items()}
    context = Context(
        actor=user.as_actor(),
        on=clock.today(),
        layout=chosen_layout(SHEETS[job.kind], job.header, mapping),
        file_name=job.file_name,
        update=job.update_known,
        historical=job.historical,
        dry_run=job.dry_run,
    )
    errors = services.errors_of(folder, job)
    with force_locale(user.locale):
        counts = run_import(
            table, context, errors=errors, progress=lambda so_far: _note(job_id, so_far)
        )
    _note(job_id, counts)


def _note(job_id: int, counts: Counts) -> None:
    """Write down how far a run has come, for the page."""
    with unit_of_work():
        job = db.session.get_one(ImportJob, job_id)
        job.counts = {**counts.as_dict(job.kind), "faults": counts.faults}
        job.touched_at = clock.now()
    db.session.expunge_all()


def imports_folder(app: Flask) -> Path:
    """Where uploaded files are kept: outside everything that is served."""
    return Path(app.config["DATA_DIR"]) / "imports"
