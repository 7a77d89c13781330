"""Brings an engine up to date from a queue of changed documents."""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from search.backends.base import Batch, Engine
from search.document import Key
from search.errors import EngineOutdated, EngineUnavailable
from search.registry import Registry

log = logging.getLogger(__name__)

BATCH = 200
"""Documents written in one go: large enough to be fast, small enough not to hold up a save."""

LONGEST_BACKOFF = 300.0
"""Seconds after which even a document that keeps failing is tried again."""

PREPARE_AGAIN = 30.0
"""Seconds after which a worker looks whether another one has built the index."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One queued document as a drainer holds it."""

    id: int
    key: Key
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the queue."""

    pending: int = 0
    oldest_pending_seconds: float = 0.0
    last_error: str | None = None


class OutboxSource(Protocol):
    """The application's queue. Every method is one committed transaction of its own."""

    def claim(
        self,
        limit: int,
        *,
        ignore_backoff: bool = False,
        after: int = 0,
        keys: Collection[Key] | None = None,
    ) -> Sequence[OutboxRow]:
        """Take up to `limit` rows, lowest id first, that are due and that nobody else holds.

        A claim lapses after some seconds, so that the rows of a killed process come up again.
        `after` leaves out rows up to that id; `keys` asks for the rows of these documents only.
        """

    def done(self, rows: Sequence[OutboxRow]) -> None:
        """Remove rows whose documents the engine has confirmed."""

    def failed(self, row: OutboxRow, error: str, retry_in: float) -> None:
        """Note the error, add one attempt, and leave the row alone for `retry_in` seconds."""

    def release(self, rows: Sequence[OutboxRow], error: str) -> None:
        """Give rows back, due at once and without an attempt; note the error where there is one."""

    def waiting(self, keys: Collection[Key]) -> int:
        """How many rows of these documents are due or claimed; those backing off do not count."""

    def backlog(self) -> Backlog:
        """How much waits, since when, and the last error of what waits."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step did: rows confirmed, rows that failed, the highest id and the keys it held."""

    done: int = 0
    failed: int = 0
    last_id: int = 0
    keys: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.done or self.failed)


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What a drain did and what is left in the queue."""

    done: int
    failed: int
    pending: int
    last_error: str | None


def backoff(attempts: int) -> float:
    """Seconds to leave a document alone after it failed `attempts` times before."""
    return min(LONGEST_BACKOFF, 2.0 ** min(attempts, 30))


def reload(registry: Registry, batch: Batch, keys: Sequence[Key]) -> None:
    """Write the present state of `keys`: what exists is indexed, what does not is deleted."""
    wanted = list(dict.fromkeys(keys))
    present = registry.load(wanted)
    batch.index(present[key] for key in wanted if key in present)
    batch.delete(key for key in wanted if key not in present)


class Drainer:
    """Works off the queue; several may run at once, in threads and processes."""

    def __init__(self, engine: Engine, registry: Registry, outbox: OutboxSource) -> None:
        self._engine = engine
        self._registry = registry
        self._outbox = outbox

    def step(
        self,
        *,
        limit: int = BATCH,
        ignore_backoff: bool = False,
        after: int = 0,
        keys: Collection[Key] | None = None,
        timeout: float | None = None,
    ) -> Progress:
        """Take one batch of rows to the engine.

        A document that cannot be indexed is left for later and holds up none behind it. Raises
        EngineUnavailable or EngineOutdated, with the rows given back, where the engine itself
        cannot take them.
        """
        rows = self._outbox.claim(limit, ignore_backoff=ignore_backoff, after=after, keys=keys)
        if not rows:
            return Progress()
        try:
            self._write(rows, timeout)
        except (EngineUnavailable, EngineOutdated) as error:
            self._outbox.release(rows, str(error))
            raise
        except Exception:  # noqa: BLE001 - whatever one of them does, the others go in
            return self._one_by_one(rows, timeout)
        except BaseException:
            self._outbox.release(rows, "")
            raise
        self._outbox.done(rows)
        keys = frozenset(row.key for row in rows)
        return Progress(done=len(rows), last_id=rows[-1].id, keys=keys)

    def _write(self, rows: Sequence[OutboxRow], timeout: float | None) -> None:
        with self._engine.write(timeout=timeout) as batch:
            reload(self._registry, batch, [row.key for row in rows])

    def _one_by_one(self, rows: Sequence[OutboxRow], timeout: float | None) -> Progress:
        failed = 0
        for position, row in enumerate(rows):
            try:
                self._write([row], timeout)
            except (EngineUnavailable, EngineOutdated) as error:
                self._outbox.release(rows[position:], str(error))
                raise
            except Exception as error:
                failed += 1
                log.exception("cannot index %s %d", row.key.type, row.key.id)
                message = f"{row.key.type} {row.key.id}: {type(error).__name__}: {error}"
                self._outbox.failed(row, message[:1000], backoff(row.attempts))
            except BaseException:
                self._outbox.release(rows[position:], "")
                raise
            else:
                self._outbox.done([row])
        return Progress(done=len(rows) - failed, failed=failed, last_id=rows[-1].id)

    def drain(self, *, timeout: float = 60.0) -> DrainReport:
        """Work off everything, back-off or not, and wait for rows that others hold.

        Tries a failing document once per pass and stops when only those are left, or after
        `timeout` seconds. Raises like `step`.
        """
        deadline = time.monotonic() + timeout
        done = 0
        while True:
            swept, failed = self._sweep()
            done += swept
            backlog = self._outbox.backlog()
            if backlog.pending <= failed or time.monotonic() >= deadline:
                break
            time.sleep(0.05 if swept else 0.3)
        self._engine.refresh()
        return DrainReport(done, failed, backlog.pending, backlog.last_error)

    def _sweep(self) -> tuple[int, int]:
        done = failed = after = 0
        while progress := self.step(ignore_backoff=True, after=after):
            done += progress.done
            failed += progress.failed
            after = progress.last_id
        return done, failed

    def flush(self, keys: Collection[Key], *, timeout: float) -> bool:
        """Take the rows of some documents to the engine now, and wait where others hold them.

        False if they are not all there after `timeout` seconds, if one failed, or if the engine
        is away.
        """
        deadline = time.monotonic() + timeout
        pause = 0.005
        while True:
            left = max(0.0, deadline - time.monotonic())
            try:
                progress = self.step(keys=keys, timeout=left)
            except (EngineUnavailable, EngineOutdated):
                return False
            if progress.failed:
                return False
            # Whoever else holds rows of these documents can only write the same state again.
            if progress.keys.issuperset(keys) or not self._outbox.waiting(keys):
                self._engine.refresh()
                return True
            if time.monotonic() >= deadline:
                return False
            if not progress:
                time.sleep(min(pause, left))
                pause = min(pause * 2, 0.1)

    def work(
        self,
        stop: Event,
        *,
        wake: Event | None = None,
        interval: float = 0.3,
        prepare: Callable[[], bool] | None = None,
    ) -> None:
        """Drain until `stop` is set; look every `interval` seconds, at once when `wake` is set.

        `prepare` is called first, and again after the engine was away, until it says that the
        engine is ready to be kept up to date. Never raises: whatever fails is logged and tried
        again a second later.
        """
        prepare_at: float | None = 0.0
        while not stop.is_set():
            if wake is not None:
                wake.clear()
            try:
                if prepare is not None and prepare_at is not None:
                    prepare_at = self._prepared(prepare, prepare_at)
                idle = not self.step()
                pause = interval
            except (EngineUnavailable, EngineOutdated) as error:
                log.warning("search engine cannot take documents: %s", error)
                idle, pause, prepare_at = True, 1.0, 0.0
            except Exception:
                log.exception("draining the search queue failed")
                idle, pause = True, 1.0
            if idle:
                (wake or stop).wait(pause)

    def _prepared(self, prepare: Callable[[], bool], due_at: float) -> float | None:
        """When to prepare next; None once that is done."""
        if time.monotonic() < due_at:
            return due_at
        try:
            ready = prepare()
        except (EngineUnavailable, EngineOutdated):
            raise
        except Exception:
            # What waits is taken over all the same.
            log.exception("preparing the search engine failed")
            ready = False
        return None if ready else time.monotonic() + PREPARE_AGAIN
