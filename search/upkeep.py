"""Compares an engine with the records, mends it, and builds it anew."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from search.backends.base import Batch, Engine, Rebuild
from search.document import Differences, Key
from search.errors import EngineUnavailable
from search.registry import Registry
from search.sync import BATCH, reload

log = logging.getLogger(__name__)

Report = Callable[[int], None]
"""Told how many records have been taken over so far."""


@dataclass(slots=True)
class RebuildReport:
    """What a rebuild did: documents taken over, keys replayed at the end, keys that failed."""

    documents: int = 0
    replayed: int = 0
    failed: list[Key] = field(default_factory=list)


def verify(engine: Engine, registry: Registry) -> Differences:
    """How the engine's documents differ from the records at this moment.

    Rows that still wait in the queue show up as differences: drain first.
    """
    found = Differences()
    for type_ in dict.fromkeys((*registry.types, *engine.documents())):
        stored = engine.fingerprints(type_)
        ids = list(registry.all_ids(type_))
        for start in range(0, len(ids), BATCH):
            keys = [Key(type_, id_) for id_ in ids[start : start + BATCH]]
            present = registry.load(keys)
            for key in keys:
                mark = stored.pop(key.id, None)
                if key not in present:
                    if mark is not None:
                        found.extra.append(key)
                elif mark is None:
                    found.missing.append(key)
                elif mark != present[key].fingerprint():
                    found.stale.append(key)
        found.extra.extend(Key(type_, id_) for id_ in stored)
    return found


def repair(engine: Engine, registry: Registry, differences: Differences) -> None:
    """Bring every key that differs to the state of its record."""
    keys = list(differences.keys())
    for start in range(0, len(keys), BATCH):
        with engine.write() as batch:
            reload(registry, batch, keys[start : start + BATCH])
    engine.refresh()


def rebuild(
    engine: Engine, registry: Registry, *, batch_size: int = 500, report: Report | None = None
) -> RebuildReport:
    """Build the index beside the live one, replay what changed meanwhile, swap, drop the old.

    Documents that cannot be indexed are left out and named in the report. Raises RebuildRunning,
    and EngineUnavailable where the engine fails; the live index is then as it was.
    """
    result = RebuildReport()

    def replay(batch: Batch, keys: Sequence[Key]) -> None:
        _reload_each(registry, batch, keys, result.failed)

    with engine.rebuild() as session:
        for keys in registry.batches(batch_size):
            result.documents += _take_over(session, registry, keys, result.failed)
            if report is not None:
                report(result.documents)
        result.replayed = session.swap(replay)
    return result


def _take_over(session: Rebuild, registry: Registry, keys: Sequence[Key], failed: list[Key]) -> int:
    try:
        documents = registry.load(keys)
        with session.write() as batch:
            batch.index(documents.values())
        return len(documents)
    except EngineUnavailable:
        raise
    except Exception:  # noqa: BLE001 - the one at fault is found and named below
        log.warning("a batch of %d documents failed and is taken one by one", len(keys))
    before = len(failed)
    with session.write() as batch:
        _reload_each(registry, batch, keys, failed)
    return len(keys) - (len(failed) - before)


def _reload_each(registry: Registry, batch: Batch, keys: Sequence[Key], failed: list[Key]) -> None:
    """Like `sync.reload`, past the documents that cannot be read or indexed."""
    try:
        reload(registry, batch, keys)
        return
    except EngineUnavailable:
        raise
    except Exception:  # noqa: BLE001 - the one at fault is found and named below
        log.warning("a batch of %d documents failed and is replayed one by one", len(keys))
    for key in keys:
        try:
            reload(registry, batch, [key])
        except EngineUnavailable:
            raise
        except Exception:
            log.exception("cannot index %s %d", key.type, key.id)
            failed.append(key)
