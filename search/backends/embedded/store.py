"""The files of the index: one per generation, and one that names the live generation.

A rebuild fills a file of its own, so that it never holds up a save, and going live is the
replacement of one small file. Every process looks at that file before it reads or writes.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from search.backends.embedded.schema import TABLES, VERSION, translated_errors
from search.errors import EngineUnavailable, RebuildRunning

_POINTER = "live"
_LOCK = "lock.db"


class Superseded(Exception):
    """The generation a writer had open is no longer the live one."""


class _Connection(sqlite3.Connection):
    """A connection that is closed when the thread that used it is gone."""

    process = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.process = os.getpid()

    def __del__(self) -> None:
        # What a parent process opened must not be closed here: it would drop the parent's locks.
        if self.process == os.getpid():
            self.close()


class Store:
    """Connections of this process to the generations, one per thread."""

    def __init__(self, directory: Path, *, busy_timeout: float) -> None:
        self.directory = directory
        self.busy_timeout = busy_timeout
        self._local = threading.local()
        self._open: weakref.WeakSet[_Connection] = weakref.WeakSet()

    def live_name(self) -> str | None:
        """The file name of the live generation; None where there is none yet."""
        try:
            return (self.directory / _POINTER).read_text("ascii").strip() or None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EngineUnavailable(str(error)) from error

    def live(self) -> sqlite3.Connection:
        """This thread's connection to the live generation, which is made if there is none."""
        name = self.live_name() or self._create_first()
        local = self._local
        mine = (name, os.getpid())
        if getattr(local, "opened", None) != mine:
            self._close_own()
            with translated_errors():
                local.connection = self.connect(self.directory / name)
            local.opened = mine
        connection: sqlite3.Connection = local.connection
        return connection

    def connect(self, path: Path, *, create: bool = False) -> sqlite3.Connection:
        """A connection with our settings. Only `create` makes a file that is not there."""
        mode = "rwc" if create else "rw"
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=self.busy_timeout,
            check_same_thread=False,
            factory=_Connection,
        )
        self._open.add(connection)
        for setting in (
            "synchronous = NORMAL",
            "temp_store = MEMORY",
            "cache_size = -16000",
            "mmap_size = 1073741824",
            "secure_delete = OFF",
        ):
            connection.execute(f"PRAGMA {setting}")
        return connection

    def _create_first(self) -> str:
        with self.locked(wait=self.busy_timeout):
            name = self.live_name()
            if name is None:
                name = self.next_name()
                connection = self.create(name)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.close()
                self.point_to(name)
        return name

    def next_name(self) -> str:
        """A file name that no live generation has had: others may still have its file open."""
        names = [path.name for path in self.directory.glob("index-*.db")]
        numbers = [int(name[6:12]) for name in (*names, self.live_name() or "index-000000.db")]
        return f"index-{max(numbers, default=0) + 1:06d}.db"

    def create(self, name: str) -> sqlite3.Connection:
        """An empty generation, open and not yet live."""
        with translated_errors():
            connection = self.connect(self.directory / name, create=True)
            connection.executescript(TABLES)
            connection.execute("INSERT INTO meta VALUES ('version', ?)", (VERSION,))
        return connection

    def point_to(self, name: str) -> None:
        """Make a generation the live one, for every process at once."""
        draft = self.directory / f"{_POINTER}.{os.getpid()}"
        try:
            with draft.open("w", encoding="ascii") as file:
                file.write(name)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.directory / _POINTER)
        except OSError as error:
            raise EngineUnavailable(str(error)) from error

    def remove_others(self, *, keep: str | None) -> None:
        """Delete the files of all generations but one; those still open elsewhere may stay."""
        for path in self.directory.glob("index-*.db*"):
            if keep is None or not path.name.startswith(keep):
                with suppress(OSError):
                    path.unlink()

    @contextmanager
    def locked(self, *, wait: float) -> Iterator[None]:
        """Hold the lock of those who make generations; it ends with the process at the latest.

        Raises RebuildRunning if another holds it for more than `wait` seconds.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineUnavailable(str(error)) from error
        with translated_errors():
            lock = sqlite3.connect(
                self.directory / _LOCK, isolation_level=None, timeout=wait, check_same_thread=False
            )
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise RebuildRunning from error
                raise EngineUnavailable(str(error)) from error
            yield
        finally:
            lock.close()

    def _close_own(self) -> None:
        self._local.opened = None
        self._local.connection = None

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in list(self._open):
            connection.close()
        self._open.clear()
        self._local = threading.local()


def read_meta(connection: sqlite3.Connection, name: str) -> str | None:
    """One of the facts that a generation keeps about itself."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def write_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a fact about the generation."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


@contextmanager
def transaction(
    connection: sqlite3.Connection, begin: str = "BEGIN", *, timeout: float | None = None
) -> Iterator[None]:
    """One transaction, rolled back when the block raises; `timeout` in seconds for its lock."""
    with translated_errors():
        if timeout is not None:
            connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")
        connection.execute(begin)
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    with translated_errors():
        try:
            connection.execute("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
