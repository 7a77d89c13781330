"""Where attachments lie: below DATA_DIR, under random names, outside everything that is served.

A file is written in full and flushed to the disk before its row is committed. When the
transaction is rolled back the file goes as well; a file whose row is deleted goes after the commit.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from crm.extensions import db

_WRITTEN = "files_written"
_DOOMED = "files_doomed"


def folder() -> Path:
    """The folder of all attachments."""
    return Path(current_app.config["DATA_DIR"]) / "files"


def path_of(token: str) -> Path:
    """Where the file of this token lies."""
    return folder() / token[:2] / token


def new_token() -> str:
    """An address that nobody guesses."""
    return secrets.token_urlsafe(32)


def write(token: str, content: bytes) -> None:
    """Write a file that stays only if the transaction commits. Raises OSError, leaving nothing."""
    path = path_of(token)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    db.session.info.setdefault(_WRITTEN, []).extend([unfinished, path])
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def remove_after_commit(token: str) -> None:
    """Delete a file once its row is gone for good."""
    db.session.info.setdefault(_DOOMED, []).append(path_of(token))


@event.listens_for(db.session, "after_rollback")
def _take_back(session: Session) -> None:
    _delete(session.info.pop(_WRITTEN, []))
    session.info.pop(_DOOMED, None)


@event.listens_for(db.session, "after_commit")
def _keep(session: Session) -> None:
    session.info.pop(_WRITTEN, None)
    _delete(session.info.pop(_DOOMED, []))


def _delete(paths: list[Any]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
