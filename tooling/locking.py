"""One set-up at a time in a checkout."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tooling.console import say
from tooling.layout import SETUP

LOCK = SETUP / "lock"


def only_one() -> AbstractContextManager[None]:
    """Wait for another set-up in the same checkout; the lock dies with its process."""
    return locked(LOCK, waiting="另一个窗口正在安装，等它完成 …")


@contextmanager
def locked(path: Path, *, waiting: str = "") -> Iterator[None]:
    """Hold the lock of this file between processes; `waiting` is said when another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(handle):
            if waiting:
                say(waiting)
            _wait_for_lock(handle)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(handle: int) -> None:
        while not _try_lock(handle):
            time.sleep(0.5)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
