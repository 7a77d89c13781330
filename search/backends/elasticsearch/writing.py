"""Takes documents to the server: in portions, patiently, and never an older state over a newer."""

import logging
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from search.backends.elasticsearch.client import Connection
from search.backends.elasticsearch.control import State
from search.backends.elasticsearch.schema import (
    VERSION,
    Names,
    encoded,
    entry_id,
    source_of,
    version_of,
    writing,
)
from search.document import Document, Key
from search.errors import DocumentRefused, EngineUnavailable

log = logging.getLogger(__name__)

PORTION_BYTES = 5 * 1024 * 1024
PORTION_ENTRIES = 1_000
"""A request holds no more than either; one large document may be more."""

_PATIENCE = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Seconds to wait before what a busy server turned away is sent again."""

_BUSY = "es_rejected_execution_exception"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line or two of a bulk request, and what it is about.

    Only what is `main` decides whether the document is written: the rest goes beside it.
    """

    key: Key
    body: bytes
    main: bool = True


class Writer:
    """Writes with the version of one turn."""

    def __init__(self, connection: Connection, names: Names, version: int) -> None:
        self._connection = connection
        self._names = names
        self._version = version

    def entries(
        self, key: Key, document: Document | None, main: str, beside: str | None = None
    ) -> Iterator[Entry]:
        """What puts a document into these generations, or takes it out of them if it is None."""
        source = None if document is None else encoded(source_of(document))
        for target in filter(None, (main, beside)):
            about = {
                "_index": writing(target),
                "_id": entry_id(key),
                "version": self._version,
                "version_type": "external_gte",
                "require_alias": True,
            }
            action = encoded({"delete" if source is None else "index": about})
            body = action if source is None else action + b"\n" + source
            yield Entry(key, body, main=target == main)

    def note(self, key: Key, generation: str) -> Entry:
        """What notes that a document changed while a generation is built."""
        about = {
            "_index": self._names.control,
            "_id": f"{generation}/{entry_id(key)}",
            "require_alias": True,
        }
        value = {"kind": "changed", "generation": generation, "value": {"key": list(key)}}
        body = encoded({"index": about}) + b"\n" + encoded(value)
        return Entry(key, body, main=False)

    def send(
        self, entries: Sequence[Entry], *, timeout: float | None = None, visible: bool = False
    ) -> None:
        """Write all of it, in portions; with `visible` the next search sees it.

        Raises EngineUnavailable where the server cannot take it now or the generation is no longer
        the live one, DocumentRefused for what it will never take; what else was sent is written.
        """
        refused: list[DocumentRefused] = []
        for portion in portions(entries):
            refused += self._send_patiently(portion, timeout, visible=visible)
        if refused:
            raise refused[0]

    def _send_patiently(
        self, portion: Sequence[Entry], timeout: float | None, *, visible: bool
    ) -> list[DocumentRefused]:
        waiting = list(portion)
        refused: list[DocumentRefused] = []
        deadline = None if timeout is None else time.monotonic() + timeout
        for pause in (*_PATIENCE, None):
            outcome = self._outcome(waiting, self._bulk(waiting, timeout, visible=visible))
            refused += outcome.refused
            waiting = outcome.busy
            if not waiting:
                return refused
            late = deadline is not None and time.monotonic() + (pause or 0) > deadline
            if pause is None or late:
                break
            log.info("the search server is busy, %d entries wait", len(waiting))
            time.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads writers, no secret
        raise EngineUnavailable(f"the search server is busy: {len(waiting)} entries were refused")

    def _bulk(
        self, entries: Sequence[Entry], timeout: float | None, *, visible: bool
    ) -> Sequence[Mapping[str, Any]]:
        def send(client: Elasticsearch) -> Sequence[Mapping[str, Any]]:
            lines: list[Any] = [entry.body for entry in entries]
            answer = client.bulk(operations=lines, timeout="5s", refresh=visible)
            items: Sequence[Mapping[str, Any]] = answer["items"]
            return items

        try:
            return self._connection.call(send, timeout=timeout)
        except BadRequestError as error:
            raise DocumentRefused(f"the request was refused: {error.message}") from error

    def _outcome(self, entries: Sequence[Entry], items: Sequence[Mapping[str, Any]]) -> "_Outcome":
        outcome = _Outcome([], [])
        written: set[Key] = set()
        dropped: list[Key] = []
        for entry, item in zip(entries, items, strict=True):
            (result,) = item.values()
            error, status = result.get("error"), int(result["status"])
            if error is None or status == 409:
                # 409: somebody has written a newer state.
                written.add(entry.key)
            elif status == 429 and error.get("type") == _BUSY:
                outcome.busy.append(entry)
            elif status == 404:
                dropped += [entry.key] if entry.main else []
            elif status == 400:
                # What only the generation being built refuses is named by its rebuild.
                outcome.refused += [_refused(entry.key, error)] if entry.main else []
            else:
                raise EngineUnavailable(f"{status}: {error.get('reason') or error.get('type')}")
        if any(key not in written for key in dropped):
            raise EngineUnavailable("another index went live meanwhile")
        return outcome


@dataclass(slots=True)
class _Outcome:
    busy: list[Entry]
    refused: list[DocumentRefused]


def _refused(key: Key, error: Mapping[str, Any]) -> DocumentRefused:
    cause = error.get("caused_by") or {}
    reason = ": ".join(part for part in (error.get("reason"), cause.get("reason")) if part)
    return DocumentRefused(f"{key.type} {key.id} was refused: {reason}")


def portions(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries in portions of acceptable size, in order."""
    portion: list[Entry] = []
    size = 0
    for entry in entries:
        length = len(entry.body) + 1
        if portion and (size + length > PORTION_BYTES or len(portion) >= PORTION_ENTRIES):
            yield portion
            portion, size = [], 0
        portion.append(entry)
        size += length
    if portion:
        yield portion


class CollectedBatch:
    """Documents and deletions that are sent when the block ends."""

    def __init__(self, writer: Writer, state: State) -> None:
        self._writer = writer
        self._live = state.live
        self._next = state.next
        self._entries: dict[Key, list[Entry]] = {}

    def index(self, documents: Iterable[Document]) -> None:
        """Add the documents or replace what is stored under their keys."""
        found = {document.key: self._of(document.key, document) for document in documents}
        self._entries.update(found)

    def delete(self, keys: Iterable[Key]) -> None:
        """Forget the documents; unknown keys are no error."""
        self._entries.update({key: self._of(key, None) for key in keys})

    def _of(self, key: Key, document: Document | None) -> list[Entry]:
        if self._next is None:
            return list(self._writer.entries(key, document, self._live))
        # Into both, so that no change is lost at the moment the new one goes live; the note is for
        # the rebuild, which takes over once more what changed while it read. One of another version
        # is not ours to write into.
        beside = self._next if version_of(self._next) == VERSION else None
        found = self._writer.entries(key, document, self._live, beside)
        return [*found, self._writer.note(key, self._next)]

    def send(self, timeout: float | None) -> None:
        """Write what was collected."""
        if self._entries:
            entries = [entry for found in self._entries.values() for entry in found]
            self._writer.send(entries, timeout=timeout, visible=True)


class ImmediateBatch:
    """Documents and deletions that are sent at each call, into a generation nobody searches."""

    def __init__(self, writer: Writer, generation: str) -> None:
        self._writer = writer
        self._generation = generation

    def index(self, documents: Iterable[Document]) -> None:
        """Add the documents or replace what is stored under their keys."""
        self._send((document.key, document) for document in documents)

    def delete(self, keys: Iterable[Key]) -> None:
        """Forget the documents; unknown keys are no error."""
        self._send((key, None) for key in keys)

    def _send(self, changes: Iterable[tuple[Key, Document | None]]) -> None:
        self._writer.send(
            [
                entry
                for key, document in changes
                for entry in self._writer.entries(key, document, self._generation)
            ],
            timeout=60.0,
        )
