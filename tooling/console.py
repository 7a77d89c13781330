"""Progress on the screen, output of commands in a log file, failures that say what to do."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tooling.layout import LOG, ROOT

LAST_LINES = 15
LOG_LIMIT_BYTES = 2_000_000


class SetupError(Exception):
    """A step failed; `advice` says in a sentence what the person can do about it."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True)
class Step:
    """One piece of work: its title on the screen, whether it is due, and how it is done."""

    title: str
    is_due: Callable[[], bool]
    run: Callable[[], None]


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def elapsed(seconds: float) -> str:
    """A duration as one says it: 0.4 秒, 23 秒, 1 分 05 秒."""
    if seconds < 10:
        return f"{seconds:.1f} 秒"
    whole = round(seconds)
    return f"{whole} 秒" if whole < 60 else f"{whole // 60} 分 {whole % 60:02d} 秒"


def run_steps(steps: Sequence[Step]) -> None:
    """Do the steps that are due, in order, numbered among themselves."""
    due = [step for step in steps if step.is_due()]
    for number, step in enumerate(due, start=1):
        with _progress(f"[{number}/{len(due)}] {step.title} …"):
            step.run()


@contextmanager
def _progress(label: str) -> Iterator[None]:
    """Show a label while work goes on (a running clock on a terminal), then its time."""
    started = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(1):
            print(f"\r{label} {elapsed(time.monotonic() - started)} ", end="", flush=True)

    on_terminal = sys.stdout.isatty()
    print(label, end="", flush=True)
    clock = threading.Thread(target=tick, daemon=True)
    if on_terminal:
        clock.start()
    result = "未完成"
    try:
        yield
        result = elapsed(time.monotonic() - started)
    finally:
        done.set()
        if on_terminal:
            clock.join()
            print(f"\r{label}", end="")
        say(f" {result}    " if on_terminal else f" {result}")


def run_logged(
    command: Sequence[str | Path],
    *,
    failure: str,
    advice: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    log: Path = LOG,
) -> str:
    """Run a command without input; its output goes to the log, what it printed comes back.

    Raises SetupError with the last lines of the output when it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    mode = "w" if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES else "a"
    words = [os.fspath(word) for word in command]
    with log.open(mode, encoding="utf-8", errors="replace") as out:
        out.write(f"\n== {time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(words)}\n")
        out.flush()
        try:
            process = subprocess.run(
                words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, encoding="utf-8", errors="replace", check=False,
            )  # fmt: skip
            printed, errors, code = process.stdout, process.stderr, process.returncode
        except OSError as error:
            printed, errors, code = "", str(error), 127
        out.write(printed + errors)
    if code:
        tail = "\n".join(f"    {line}" for line in (printed + errors).splitlines()[-LAST_LINES:])
        raise SetupError(f"{failure}\n{tail}", f"{advice}\n完整记录：{log}")
    return printed
