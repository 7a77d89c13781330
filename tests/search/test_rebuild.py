"""Contract of every engine: a rebuild happens beside the live index and loses nothing."""

from threading import Event, Thread

import pytest

from search import upkeep
from search.document import Key
from search.errors import EngineUnavailable, RebuildRunning
from search.index import SearchIndex
from tests.search.support import ZONE, MemoryOutbox, Records, ids, note, parse


@pytest.fixture
def records():
    return Records(*(note(n, f"隔膜{n}") for n in range(30)))


@pytest.fixture
def outbox():
    return MemoryOutbox()


@pytest.fixture
def index(engine, records, outbox):
    return SearchIndex(engine, records.registry(), outbox)


def found(engine, asked="隔膜"):
    """The ids that a search finds."""
    return ids(engine.search(parse(asked), access=ZONE, per_page=200).hits)


def test_a_rebuild_takes_over_what_is_there_and_drops_what_is_not(index, engine):
    with engine.write() as batch:
        batch.index([note(99, "隔膜")])
    counts = []
    report = index.rebuild(report=counts.append)
    assert (report.documents, report.failed, counts[-1]) == (30, [], 30)
    assert found(engine) == set(range(30))
    assert not index.verify()
    assert not engine.state().needs_rebuild


def test_a_new_index_asks_to_be_built(index, engine):
    assert engine.state().needs_rebuild
    assert not engine.state().outdated
    assert index.status().needs_rebuild


def test_changes_during_a_rebuild_are_in_the_new_index(index, records, outbox, engine):
    index.rebuild()

    def change(_: int) -> None:
        # All of these were read by the rebuild already.
        outbox.add(records.put(note(3, "电解液"), note(77, "隔膜")))
        outbox.add(records.drop(Key("interaction", 4)))
        assert index.drain().pending == 0
        assert found(engine) == {*range(30), 77} - {3, 4}

    report = index.rebuild(report=change)
    assert report.replayed == 3
    assert found(engine) == {*range(30), 77} - {3, 4}
    assert found(engine, "电解液") == {3}
    assert not index.verify()


def test_more_changes_than_can_be_replayed_in_one_go(index, records, outbox, engine):
    index.rebuild()

    def change(_: int) -> None:
        outbox.add(records.put(*(note(n, "隔膜") for n in range(100, 400))))
        index.drain()

    assert index.rebuild(report=change).replayed == 300
    assert not index.verify()
    assert engine.documents() == {"interaction": 330}


def test_writers_in_other_processes_go_on_during_a_rebuild(open_engine, records, outbox):
    first = SearchIndex(open_engine(), records.registry(), outbox)
    second = SearchIndex(open_engine(), records.registry(), outbox)
    first.rebuild()
    assert found(second.engine) == set(range(30))
    stop, finished = Event(), Event()

    def write():
        number = 1000
        while not stop.is_set():
            number += 1
            outbox.add(records.put(note(number, "隔膜")))
            second.drain()
        finished.set()

    writer = Thread(target=write)
    writer.start()
    for _ in range(4):
        first.rebuild()
    stop.set()
    writer.join(60)
    assert finished.is_set()
    assert second.drain().pending == 0
    assert not first.verify()
    assert not second.verify()


def test_a_rebuild_that_fails_leaves_the_live_index_as_it_was(index, records, outbox, engine):
    index.rebuild()

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    records.drop(Key("interaction", 1))
    with pytest.raises(KeyboardInterrupt):
        index.rebuild(report=fail)
    assert found(engine) == set(range(30))
    outbox.add(records.put(note(50, "隔膜")))
    assert index.drain().pending == 0
    assert found(engine) == {*range(30), 50}
    index.rebuild()
    assert not index.verify()


def test_one_poisonous_document_is_left_out_and_named(index, records, engine):
    records.broken.add(Key("interaction", 5))
    report = index.rebuild()
    assert report.failed == [Key("interaction", 5)]
    assert report.documents == 29
    assert found(engine) == set(range(30)) - {5}


def test_an_engine_that_fails_half_way_does_not_go_live(index, records, engine, monkeypatch):
    index.rebuild()
    records.put(note(60, "隔膜"))

    def refuse(*_):
        raise EngineUnavailable("disk is full")

    monkeypatch.setattr(upkeep, "reload", refuse)
    monkeypatch.setattr(index.registry, "load", refuse)
    with pytest.raises(EngineUnavailable):
        index.rebuild()
    assert found(engine) == set(range(30))


def test_two_rebuilds_at_once_are_refused(index, engine, open_engine):
    with (
        engine.rebuild(),
        pytest.raises(RebuildRunning),
        open_engine().rebuild(),
    ):
        pytest.fail("a second rebuild began")
    index.rebuild()
    assert found(engine) == set(range(30))
