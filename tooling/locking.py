"""One set-up at a time in a checkout."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tooling.console import say
from tooling.layout import SETUP

LOCK = SETUP / "lock"


@contextmanager
def only_one() -> Iterator[None]:
    """Wait for another set-up in the same checkout; the lock dies with its process."""
    SETUP.mkdir(exist_ok=True)
    handle = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(handle):
            say("另一个窗口正在安装，等它完成 …")
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
