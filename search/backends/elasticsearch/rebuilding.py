"""Builds a new generation beside the live one and takes its place."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from elasticsearch import ApiError, Elasticsearch, helpers

from search.backends.base import Batch, Reload
from search.backends.elasticsearch.client import Connection
from search.backends.elasticsearch.control import Control, State
from search.backends.elasticsearch.schema import Names, live_settings
from search.backends.elasticsearch.writing import ImmediateBatch, Writer
from search.document import Key
from search.errors import EngineUnavailable, RebuildRunning

_PORTION = 500
_LONG = 120.0


class BesideLive:
    """One rebuild; the caller holds the lock.

    From the moment its generation stands in the control document every writer writes into both and
    notes what. What was written before that moment was committed before, so the rebuild reads it.
    """

    def __init__(self, connection: Connection, names: Names, control: Control) -> None:
        self._connection = connection
        self._names = names
        self._control = control
        self._swapped = False
        turn = control.turn()
        self._finish_former(turn.state)
        self._name = names.generation(turn.version)
        control.create_generation(self._name, building=True)
        state = control.change(lambda state: replace(state, next=self._name))
        control.drop_others(state.live if state else None, self._name)

    def _finish_former(self, state: State) -> None:
        """Complete a rebuild that was killed after its generation went live."""
        if state.next is not None and self._control.searched() == state.next:
            self._control.change(_gone_live(state.next))

    @contextmanager
    def write(self) -> Iterator[Batch]:
        """A batch of the new generation."""
        turn = self._control.turn(timeout=_LONG)
        if self._name not in (turn.state.next, turn.state.live):
            raise RebuildRunning
        yield ImmediateBatch(Writer(self._connection, self._names, turn.version), self._name)

    def swap(self, reload: Reload) -> int:
        """Replay what changed in the live generation meanwhile and make the new one live."""
        replayed = self._replay(reload)
        self._go_live()
        # Writers of another version write into the former one only, and note it until it is gone.
        return replayed + self._replay(reload)

    def _replay(self, reload: Reload) -> int:
        notes = self._notes()
        for start in range(0, len(notes), _PORTION):
            portion = notes[start : start + _PORTION]
            with self.write() as batch:
                reload(batch, [_noted(note) for note in portion])
            self._forget(portion)
        return len(notes)

    def _notes(self) -> list[dict[str, Any]]:
        """What writers noted since the rebuild began."""
        query = {"query": {"term": {"generation": self._name}}, "seq_no_primary_term": True}

        def read(client: Elasticsearch) -> list[dict[str, Any]]:
            client.indices.refresh(index=self._names.control)
            return list(helpers.scan(client, query=query, index=self._names.control, size=2_000))

        return self._connection.call(read, timeout=_LONG)

    def _forget(self, notes: Sequence[dict[str, Any]]) -> None:
        """Delete notes, apart from those that were written once more meanwhile."""
        gone = [
            {
                "_op_type": "delete",
                "_index": self._names.control,
                "_id": note["_id"],
                "if_seq_no": note["_seq_no"],
                "if_primary_term": note["_primary_term"],
            }
            for note in notes
        ]
        self._connection.call(
            lambda client: helpers.bulk(client, gone, raise_on_error=False), timeout=_LONG
        )

    def _go_live(self) -> None:
        settings = live_settings(self._connection.settings.replicas)

        def settle(client: Elasticsearch) -> None:
            client.indices.refresh(index=self._name)
            client.indices.put_settings(index=self._name, settings=settings)

        self._connection.call(settle, timeout=_LONG)
        former = self._control.read()
        if former is None or former.next != self._name:
            raise RebuildRunning
        self._control.point_to(self._name)
        self._swapped = True
        self._control.change(_gone_live(self._name))
        self._control.drop_others(self._name)

    def end(self) -> None:
        """Take down what an unfinished rebuild has put up, and its notes in any case."""
        with suppress(EngineUnavailable, ApiError):
            if not self._swapped:
                self._control.change(self._given_up)
                self._control.drop(self._name)
            self._forget(self._notes())

    def _given_up(self, state: State) -> State | None:
        return replace(state, next=None) if state.next == self._name else None


def _noted(note: dict[str, Any]) -> Key:
    type_, id_ = note["_source"]["value"]["key"]
    return Key(str(type_), int(id_))


def _gone_live(generation: str) -> Callable[[State], State | None]:
    def decide(state: State) -> State | None:
        if state.live == generation and state.built and state.next is None:
            return None
        return replace(state, live=generation, built=True, next=None)

    return decide
