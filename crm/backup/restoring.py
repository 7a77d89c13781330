"""Putting a backup back: all of it or nothing."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from crm.accounts.models import User
from crm.backup import tables
from crm.backup.archive import Archive, BackupError, Manifest, open_archive
from crm.companies.models import Company
from crm.core import activity
from crm.core.pagination import exists_rows
from crm.core.permissions import SYSTEM
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.interactions import storage

LOCK_SECONDS = 10


def restore(path: Path, *, replace: bool) -> Manifest:
    """Put everything back as it was at the time of the backup; returns what the archive held.

    A backup of an older version is brought to today's tables. The search index is the caller's to
    build anew. Raises BackupError, leaving database and attachments as they were, for a damaged
    archive, a full disk, a newer version, a database in use, and for one that holds records unless
    `replace` says that they may go.
    """
    with open_archive(path) as archive:
        _check_revision(archive.manifest)
        if not replace and not is_empty():
            raise BackupError(_("数据库里已有记录。确定要用备份整个替换时，请加上 --replace。"))
        db.session.remove()
        try:
            _put_back(archive)
        except OSError as error:
            raise BackupError(
                _("没有恢复，一切保持原样：%(reason)s。请检查磁盘空间和目录权限。",
                  reason=error.strerror)
            ) from error  # fmt: skip
        except (DBAPIError, sqlite3.Error) as error:
            reason = getattr(error, "orig", error)
            raise BackupError(
                _("没有恢复，一切保持原样。数据库出错：%(reason)s", reason=reason)
            ) from error
        manifest = archive.manifest
    with unit_of_work():
        activity.record(
            actor=SYSTEM,
            verb="backup.restore",
            subject_type="backup",
            subject_id=None,
            summary=_("恢复到 %(time)s 的备份", time=manifest.created_at[:16].replace("T", " ")),
        )
    return manifest


def is_empty() -> bool:
    """Whether nobody has put anything in yet: no tables, or no person and no company."""
    if not inspect(db.engine).has_table(User.__tablename__):
        return True
    return not exists_rows(select(User.id)) and not exists_rows(select(Company.id))


def _put_back(archive: Archive) -> None:
    data_dir = Path(current_app.config["DATA_DIR"])
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=data_dir) as name:
        scratch = Path(name)
        archive.extract_files(scratch / "files")
        if db.engine.dialect.name == "postgresql":
            _fill_postgres(archive, scratch)
        else:
            _fill_sqlite(archive, scratch)
    db.engine.dispose()


def _fill_postgres(archive: Archive, scratch: Path) -> None:
    """Everything in one transaction, the making of the tables too."""
    with db.engine.connect() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        if MigrationContext.configure(connection).get_current_revision() is not None:
            _migrate(connection, "base", down=True)
        _make(connection, archive)
        with _swapped(scratch):
            connection.commit()


def _fill_sqlite(archive: Archive, scratch: Path) -> None:
    """A new database beside the old one, then SQLite's own copy from one into the other.

    The copy is one transaction: programs that have the database open see the old state or the new.
    """
    made = scratch / "database.sqlite3"
    engine = create_engine(f"sqlite:///{made}")
    try:
        with engine.begin() as connection:
            _make(connection, archive)
    finally:
        engine.dispose()
    db.engine.dispose()
    target = db.engine.url.database or ""
    with (
        closing(sqlite3.connect(made)) as source,
        closing(sqlite3.connect(target, timeout=1)) as live,
        _swapped(scratch),
    ):
        source.backup(live, progress=_patience())


def _patience() -> Callable[[int, int, int], None]:
    """Give up on a database that stays in use: left to itself the copy would wait for ever."""
    end = time.monotonic() + LOCK_SECONDS

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > end:
            raise sqlite3.OperationalError("database is locked")

    return look


def _make(connection: Connection, archive: Archive) -> None:
    """The tables of the backup's time, their rows, then every migration since."""
    manifest = archive.manifest
    _migrate(connection, manifest.revision)
    for table in tables.tables(connection):
        facts = manifest.tables.get(table.name)
        if facts is not None:
            tables.fill(connection, table, facts.columns, archive.lines(table.name))
    _migrate(connection, "head")
    tables.move_sequences(connection)


def _migrate(connection: Connection, revision: str, *, down: bool = False) -> None:
    config = _alembic()
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, revision)


def _alembic() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config


def _check_revision(manifest: Manifest) -> None:
    try:
        ScriptDirectory.from_config(_alembic()).get_revision(manifest.revision)
    except CommandError as error:
        raise BackupError(_("备份来自更新的版本，请先升级程序再恢复。")) from error


@contextmanager
def _swapped(scratch: Path) -> Iterator[None]:
    """Put the new attachments in the place of the old ones, and back if the rest fails."""
    live, kept = storage.folder(), scratch / "before"
    if live.exists():
        live.rename(kept)
    (scratch / "files").rename(live)
    try:
        yield
    except BaseException:
        shutil.rmtree(live)
        if kept.exists():
            kept.rename(live)
        raise
