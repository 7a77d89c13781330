"""What all processes agree on: the live generation, the one being built, and the order of writes.

One document of a small index holds it. Every block of writes counts it up by one and reads it in the
same request; the count is the version of what the block writes. A block that begins later reads its
records later, and the server keeps the highest version: so an older state never replaces a newer.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from elasticsearch import ApiError, BadRequestError, ConflictError, Elasticsearch, NotFoundError

from search.backends.elasticsearch.client import Connection
from search.backends.elasticsearch.schema import (
    CONTROL_MAPPING,
    Names,
    index_settings,
    live_settings,
    mapping,
    writing,
)
from search.errors import EngineUnavailable, RebuildRunning

_STATE = "state"
_LOCK = "rebuild"
_RETRIES = 100

_held: set[str] = set()
"""The locks that this process holds now."""

LOCK_SECONDS = 60.0
"""After so long without a sign of life a rebuild counts as dead."""


@dataclass(frozen=True, slots=True)
class State:
    """What the control document says. `base` keeps versions growing if it is ever lost."""

    base: int
    live: str
    built: bool = False
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One block's place in the order of writes, and the state at that moment."""

    version: int
    state: State


def read_state(names: Names, client: Elasticsearch) -> Mapping[str, Any]:
    """The control document as it is at this moment, not as of the last refresh."""
    found: Mapping[str, Any] = client.get(index=names.control, id=_STATE).body
    return found


class Control:
    """The control document of one prefix."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names

    def turn(self, *, timeout: float | None = None) -> Turn:
        """The next turn to write. Makes the first, empty generation where there is none."""

        def take(client: Elasticsearch) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = client.update(
                index=self._names.control,
                id=_STATE,
                doc={"kind": "state"},
                detect_noop=False,
                source=True,
                require_alias=True,
                retry_on_conflict=_RETRIES,
            ).body
            return answer

        try:
            answer = self._connection.call(take, timeout=timeout)
        except NotFoundError:
            self._make()
            answer = self._connection.call(take, timeout=timeout)
        except ConflictError as error:
            raise EngineUnavailable("too many writers at once") from error
        state = _state(answer["get"]["_source"])
        return Turn(state.base + int(answer["_version"]), state)

    def read(self, *, timeout: float | None = None) -> State | None:
        """The present state; None where nothing was ever made."""
        try:
            answer = self._connection.call(partial(read_state, self._names), timeout=timeout)
        except NotFoundError:
            return None
        return _state(answer["_source"])

    def change(self, decide: Callable[[State], State | None]) -> State | None:
        """Replace the state by what `decide` makes of it, None to leave it; tried until it fits."""

        def once(client: Elasticsearch) -> State | None:
            found = read_state(self._names, client)
            decided = decide(_state(found["_source"]))
            if decided is not None:
                client.index(
                    index=self._names.control,
                    id=_STATE,
                    document=_document(decided),
                    if_seq_no=found["_seq_no"],
                    if_primary_term=found["_primary_term"],
                    require_alias=True,
                )
            return decided

        for attempt in range(_RETRIES):
            try:
                return self._connection.call(once)
            except ConflictError:
                # Writers count it up all the time.
                time.sleep(0.002 * min(attempt, 10))
        raise EngineUnavailable("too many writers at once")

    def _make(self) -> None:
        """Make the control document and an empty generation; several processes may do so at once."""
        base = time.time_ns() // 1_000_000
        first = State(base=base, live=self._names.generation(base))
        self._create_index(
            self._names.control_index,
            settings={"number_of_shards": 1, **live_settings(None)},
            mappings=CONTROL_MAPPING,
            aliases={self._names.control: {}},
        )
        with suppress(ConflictError):
            self._connection.call(
                lambda client: client.create(
                    index=self._names.control, id=_STATE, document=_document(first)
                )
            )
        state = self.read()
        if state is not None:
            self.create_generation(state.live, building=False)
            self.point_to(state.live)

    def create_generation(self, generation: str, *, building: bool) -> None:
        """Make an empty generation that can be written, not yet searched."""
        settings = self._connection.settings
        self._create_index(
            generation,
            settings=index_settings(settings.shards, settings.replicas, building=building),
            mappings=mapping(),
            aliases={writing(generation): {}},
        )

    def _create_index(self, index: str, **parts: Any) -> None:
        try:
            self._connection.call(lambda client: client.indices.create(index=index, **parts))
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise EngineUnavailable(f"cannot make {index}: {error.message}") from error

    def point_to(self, generation: str) -> None:
        """Let searches read this generation and no other, for every process at once."""
        alias = self._names.reading
        remove = {"index": f"{self._names.prefix}-*", "alias": alias, "must_exist": False}
        add = {"index": generation, "alias": alias}
        self._connection.call(
            lambda client: client.indices.update_aliases(actions=[{"remove": remove}, {"add": add}])
        )

    def searched(self) -> str | None:
        """The generation that searches of this version read."""
        try:
            answer = self._connection.call(
                lambda client: client.indices.get_alias(name=self._names.reading)
            )
        except NotFoundError:
            return None
        return next(iter(answer.body), None)

    def drop_others(self, *keep: str | None) -> None:
        """Delete all generations but these."""
        found = self._connection.call(
            lambda client: client.indices.get(
                index=f"{self._names.prefix}-*", features="aliases", allow_no_indices=True
            )
        )
        for index in found.body:
            if self._names.is_generation(index) and index not in keep:
                self.drop(index)

    def drop(self, generation: str) -> None:
        """Delete a generation."""
        with suppress(NotFoundError):
            self._connection.call(lambda client: client.indices.delete(index=generation))

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        """Hold the lock of those who build; it lapses soon after its process is gone.

        Raises RebuildRunning while another holds it.
        """
        holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(8)}"
        self._lock(holder)
        _held.add(holder)
        ended = threading.Event()

        def keep_up() -> None:
            while not ended.wait(LOCK_SECONDS / 6):
                with suppress(EngineUnavailable, ApiError):
                    self._connection.call(lambda client: self._put_lock(client, holder))

        keeper = threading.Thread(target=keep_up, name="rebuild-lock", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            _held.discard(holder)
            ended.set()
            keeper.join(5)
            with suppress(EngineUnavailable, ApiError):
                self._connection.call(
                    lambda client: client.delete(index=self._names.control, id=_LOCK)
                )

    def _lock(self, holder: str) -> None:
        def take(client: Elasticsearch) -> None:
            try:
                found = client.get(index=self._names.control, id=_LOCK)
            except NotFoundError:
                self._put_lock(client, holder, op_type="create")
                return
            value = found["_source"]["value"]
            if not _is_dead(value["holder"], float(value["until"])):
                raise RebuildRunning
            self._put_lock(
                client,
                holder,
                if_seq_no=found["_seq_no"],
                if_primary_term=found["_primary_term"],
            )

        try:
            self._connection.call(take)
        except ConflictError as error:
            raise RebuildRunning from error

    def _put_lock(self, client: Elasticsearch, holder: str, **condition: Any) -> None:
        value = {"holder": holder, "until": time.time() + LOCK_SECONDS}
        client.index(
            index=self._names.control,
            id=_LOCK,
            document={"kind": "lock", "value": value},
            require_alias=True,
            **condition,
        )


def _state(source: Mapping[str, Any]) -> State:
    return State(**source["value"])


def _document(state: State) -> dict[str, Any]:
    return {"kind": "state", "value": asdict(state)}


def _is_dead(holder: str, until: float) -> bool:
    """Whether who holds the lock is gone: at once on this machine, else when the lock lapsed."""
    if until < time.time():
        return True
    host, pid, _ = holder.rsplit("/", 2)
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return holder not in _held
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
