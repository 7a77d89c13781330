"""Writing a backup while people work."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.migration import MigrationContext
from flask_babel import gettext as _
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from crm.backup import tables
from crm.backup.archive import (
    MANIFEST,
    BackupError,
    Manifest,
    TableFacts,
    new_archive,
    write_file,
    write_lines,
)
from crm.core import activity
from crm.core.clock import now
from crm.core.permissions import SYSTEM
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.interactions import storage


def save(path: Path) -> Manifest:
    """Write everything into one file; returns what it holds.

    Raises BackupError, leaving no file behind, when the disk is full or the database away.
    """
    if path.is_dir():
        raise BackupError(_("%(path)s 是文件夹，请写明文件名。", path=path))
    try:
        with new_archive(path) as archive, _snapshot() as connection:
            manifest = _write_tables(archive, connection)
            manifest.files = _write_files(archive)
            archive.writestr(MANIFEST, manifest.to_json())
    except OSError as error:
        raise BackupError(
            _("备份没有写成：%(reason)s。请检查磁盘空间和目录权限。", reason=error.strerror)
        ) from error
    except DBAPIError as error:
        raise BackupError(_("备份没有写成，数据库出错：%(reason)s", reason=error.orig)) from error
    with unit_of_work():
        activity.record(
            actor=SYSTEM,
            verb="backup.save",
            subject_type="backup",
            subject_id=None,
            summary=path.name,
        )
    return manifest


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection on which the database stands still, whatever others write meanwhile."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            still = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            yield still
        else:
            # Python's driver begins no transaction for a SELECT by itself.
            connection.exec_driver_sql("BEGIN")
            yield connection
        connection.rollback()


def _write_tables(archive: zipfile.ZipFile, connection: Connection) -> Manifest:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        raise BackupError(_("数据库还是空的，没有可以备份的内容。"))
    manifest = Manifest(created_at=now().isoformat(), revision=revision)
    for table in tables.tables(connection):
        count = write_lines(archive, table.name, tables.rows_of(connection, table))
        manifest.tables[table.name] = TableFacts([c.name for c in table.columns], count)
    return manifest


def _write_files(archive: zipfile.ZipFile) -> int:
    """The attachments; one that was deleted since the snapshot is gone and left out."""
    folder = storage.folder()
    count = 0
    for path in sorted(folder.glob("*/*")) if folder.is_dir() else []:
        if path.suffix == ".part":
            continue
        try:
            write_file(archive, path, f"files/{path.parent.name}/{path.name}")
        except FileNotFoundError:
            continue
        count += 1
    return count
