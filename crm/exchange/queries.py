"""Reads imports of one person, and the first rows of an uploaded file."""

from itertools import islice
from pathlib import Path

from sqlalchemy import select

from crm.core.permissions import Actor
from crm.exchange.guard import unguard
from crm.exchange.models import ImportJob
from crm.exchange.reading import open_table
from crm.extensions import db

SHOWN_JOBS = 10
SHOWN_ROWS = 5
SHOWN_TEXT = 60


def job_of(actor: Actor, token: str) -> ImportJob | None:
    """A person's own import; someone else's is as if it did not exist."""
    job: ImportJob | None = db.session.scalar(
        select(ImportJob).where(ImportJob.token == token, ImportJob.user_id == actor.id)
    )
    return job


def recent_jobs(actor: Actor) -> list[ImportJob]:
    """A person's latest imports."""
    query = (
        select(ImportJob)
        .where(ImportJob.user_id == actor.id)
        .order_by(ImportJob.created_at.desc(), ImportJob.id.desc())
        .limit(SHOWN_JOBS)
    )
    return list(db.session.scalars(query))


def first_values(path: Path, job: ImportJob) -> list[list[str]]:
    """For each column of the file its first texts, cut short; empty once the file is gone."""
    if not path.exists():
        return [[] for _ in job.header]
    rows = list(islice(open_table(path, job.file_name).rows(), SHOWN_ROWS))
    return [
        [_cut(row.cells[place]) if place < len(row.cells) else "" for row in rows]
        for place in range(len(job.header))
    ]


def _cut(text: str) -> str:
    shown = " ".join(unguard(text).split())
    return shown if len(shown) <= SHOWN_TEXT else f"{shown[:SHOWN_TEXT]}…"
