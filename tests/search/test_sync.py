"""Contract of every engine: fed from a queue, nothing gets lost, stuck or old."""

import random
import time
from dataclasses import replace
from threading import Event, Thread

import pytest

from search.document import Key
from search.errors import EngineOutdated, EngineUnavailable
from search.index import SearchIndex
from search.registry import Registry
from search.sync import Drainer, backoff
from tests.search.support import ZONE, MemoryOutbox, Records, ids, note, parse


@pytest.fixture
def records():
    return Records()


@pytest.fixture
def outbox():
    return MemoryOutbox()


@pytest.fixture
def index(engine, records, outbox):
    return SearchIndex(engine, records.registry(), outbox)


def found(index, asked="隔膜", access=ZONE):
    """The ids that a search finds."""
    return ids(index.search(parse(asked), access=access, per_page=200).hits)


def test_what_waits_is_taken_over_in_its_present_state(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜"), note(2, "隔膜")))
    outbox.add(records.put(note(1, "电解液")))
    outbox.add(records.drop(Key("interaction", 2)))
    report = index.drain()
    assert (report.done, report.failed, report.pending) == (4, 0, 0)
    assert found(index) == set()
    assert found(index, "电解液") == {1}
    assert not outbox.rows()


def test_one_poisonous_document_holds_up_none_behind_it(index, records, outbox):
    outbox.add(records.put(*(note(n, "隔膜") for n in range(5))))
    records.broken.add(Key("interaction", 2))
    progress = Drainer(index.engine, index.registry, outbox).step()
    assert (progress.done, progress.failed) == (4, 1)
    index.engine.refresh()
    assert found(index) == {0, 1, 3, 4}
    (left,) = outbox.rows()
    assert (left.key, left.attempts) == (Key("interaction", 2), 1)
    assert "cannot read interaction 2" in index.status().last_error
    outbox.add(records.put(note(7, "隔膜")))
    report = index.drain()
    assert report.pending == report.failed == 1
    assert 7 in found(index)
    records.broken.clear()
    assert index.drain().pending == 0
    assert 2 in found(index)


def test_a_document_the_engine_cannot_store_is_poisonous_too(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜"), note(2**70, "隔膜"), note(3, "隔膜")))
    assert index.drain().pending == 1
    assert found(index) == {1, 3}


def test_a_failing_document_is_left_alone_longer_and_longer(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜")))
    records.broken.add(Key("interaction", 1))
    drainer = Drainer(index.engine, index.registry, outbox)
    assert drainer.step().failed == 1
    assert not drainer.step()
    assert drainer.step(ignore_backoff=True).failed == 1
    assert [backoff(n) for n in (0, 1, 2, 20)] == [1, 2, 4, 300]
    assert backoff(10_000) == 300


@pytest.mark.parametrize("error", [EngineUnavailable, EngineOutdated])
def test_an_engine_that_is_away_costs_no_attempts(index, records, outbox, monkeypatch, error):
    def refuse(**_):
        raise error("away")

    outbox.add(records.put(note(1, "隔膜")))
    with monkeypatch.context() as patch:
        patch.setattr(index.engine, "write", refuse)
        with pytest.raises(error):
            index.drain()
        assert index.flush_own([Key("interaction", 1)]) is False
    (row,) = outbox.rows()
    assert row.attempts == 0
    assert index.status().last_error == "away"
    assert index.drain().pending == 0
    assert found(index) == {1}


def test_search_without_its_engine_says_so(index, monkeypatch):
    def refuse(*_, **__):
        raise EngineUnavailable("away")

    monkeypatch.setattr(index.engine, "search", refuse)
    page = index.search(parse("隔膜"), access=ZONE)
    assert page.degraded
    assert not page.hits


def test_own_documents_are_found_at_once(index, records, outbox):
    outbox.add(records.put(*(note(n, "别的") for n in range(300))))
    mine = records.put(note(999, "隔膜"))
    outbox.add(mine)
    assert index.flush_own(mine)
    assert found(index) == {999}
    assert len(outbox.rows()) == 300
    assert index.flush_own([])


def test_own_documents_held_by_another_are_waited_for_a_while(index, records, outbox):
    mine = records.put(note(1, "隔膜"))
    outbox.add(mine)
    held = outbox.claim(10)
    began = time.monotonic()
    assert not index.flush_own(mine, timeout=0.2)
    assert 0.2 <= time.monotonic() - began < 1.0
    finisher = Thread(target=lambda: (time.sleep(0.1), outbox.done(held)))
    finisher.start()
    assert index.flush_own(mine, timeout=5)
    finisher.join()


def test_own_documents_behind_a_busy_writer_do_not_wait_for_long(index, records, outbox, engine):
    mine = records.put(note(1, "隔膜"))
    outbox.add(mine)
    inside, leave = Event(), Event()

    def hold():
        with engine.write():
            inside.set()
            leave.wait(10)

    holder = Thread(target=hold)
    holder.start()
    inside.wait(10)
    began = time.monotonic()
    flushed = index.flush_own(mine, timeout=0.3)
    spent = time.monotonic() - began
    leave.set()
    holder.join()
    assert spent < 1.5
    assert flushed or index.drain().pending == 0
    assert found(index) == {1}


def test_the_rows_of_a_killed_process_come_up_again(engine, records):
    outbox = MemoryOutbox(lease=0.3)
    index = SearchIndex(engine, records.registry(), outbox)
    outbox.add(records.put(note(1, "隔膜")))
    outbox.claim(10)
    assert index.drain(timeout=10).pending == 0
    assert found(index) == {1}


def test_draining_gives_up_after_its_time(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜")))
    outbox.claim(10)
    assert index.drain(timeout=0.1).pending == 1


def test_a_slow_drainer_does_not_write_what_is_no_longer_true(open_engine, records, outbox):
    key = Key("interaction", 1)
    has_read, go_on = Event(), Event()
    slow_registry = Registry()

    def slowly(wanted):
        found = [records.present[key] for _ in wanted]
        has_read.set()
        go_on.wait(10)
        return found

    slow_registry.register("interaction", load=slowly, all_ids=list)
    slow = SearchIndex(open_engine(), slow_registry, outbox)
    quick = SearchIndex(open_engine(), records.registry(), outbox)
    outbox.add(records.put(note(1, "隔膜")))
    first = Thread(target=slow.drain)
    first.start()
    assert has_read.wait(10)
    outbox.add(records.put(note(1, "电解液")))
    second = Thread(target=quick.drain)
    second.start()
    second.join(0.5)
    go_on.set()
    first.join(10)
    second.join(10)
    assert not outbox.rows()
    assert found(quick) == set()
    assert found(quick, "电解液") == {1}


def test_several_drainers_end_with_the_present_state(open_engine, records, outbox):
    indexes = [SearchIndex(open_engine(), records.registry(), outbox) for _ in range(3)]
    stop, finished = Event(), []

    def change():
        chance = random.Random(5)
        for _ in range(150):
            number = chance.randrange(8)
            key = Key("interaction", number)
            if chance.random() < 0.2:
                outbox.add(records.drop(key))
            else:
                outbox.add(records.put(note(number, f"第{chance.randrange(10**6)}版隔膜")))
        stop.set()

    def drain(index):
        while not stop.is_set() or outbox.rows():
            index._drainer.step(limit=3)
        finished.append(index)

    threads = [Thread(target=drain, args=(index,)) for index in indexes]
    threads.append(Thread(target=change))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(finished) == 3
    assert not indexes[0].verify()


def test_the_worker_takes_over_and_stops(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜")))
    stop, wake = Event(), Event()
    worker = Thread(target=index.work, args=(stop,), kwargs={"wake": wake, "interval": 30})
    worker.start()
    until(lambda: found(index) == {1})
    outbox.add(records.put(note(2, "隔膜")))
    wake.set()
    until(lambda: found(index) == {1, 2})
    stop.set()
    wake.set()
    worker.join(10)
    assert not worker.is_alive()


def test_the_worker_outlives_failures(index, records, outbox, monkeypatch):
    claim, calls = outbox.claim, []

    def failing(*arguments, **options):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("database is away")
        return claim(*arguments, **options)

    monkeypatch.setattr(outbox, "claim", failing)
    outbox.add(records.put(note(1, "隔膜")))
    stop = Event()
    worker = Thread(target=index.work, args=(stop,))
    worker.start()
    until(lambda: found(index) == {1})
    stop.set()
    worker.join(10)


def until(condition, seconds=15.0):
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)


def test_verify_names_every_difference_and_repair_mends_it(index, records, engine):
    records.put(note(1, "一"), note(2, "二"), note(3, "三"))
    with engine.write() as batch:
        batch.index(
            [note(1, "一"), replace(note(2, "二"), access=frozenset({"mgr"})), note(9, "九")]
        )
    differences = index.verify()
    assert differences.missing == [Key("interaction", 3)]
    assert differences.stale == [Key("interaction", 2)]
    assert differences.extra == [Key("interaction", 9)]
    index.repair(differences)
    assert not index.verify()
    assert engine.documents() == {"interaction": 3}


def test_verify_finds_documents_of_types_no_longer_known(index, engine):
    with engine.write() as batch:
        batch.index([replace(note(1, "一"), type="former")])
    differences = index.verify()
    assert differences.extra == [Key("former", 1)]
    index.repair(differences)
    assert engine.documents() == {}


def test_status_counts(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜")))
    status = index.status()
    assert (status.engine, status.pending, status.documents) == (index.engine.name, 1, {})
    assert status.oldest_pending_seconds >= 0
    index.drain()
    status = index.status()
    assert (status.pending, status.documents) == (0, {"interaction": 1})
    assert status.oldest_pending_seconds == 0
    assert status.available


def test_nothing_typed_and_nobody_asking_find_nothing(index, records, outbox):
    outbox.add(records.put(note(1, "隔膜")))
    index.drain()
    assert found(index, "") == found(index, " * ") == set()
    assert found(index, access=frozenset()) == set()
