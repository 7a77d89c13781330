"""A server of the tests' own is killed, frozen and brought back while records are saved."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from statistics import median

import pytest
from elasticsearch import ApiError, TransportError

from search.backends.elasticsearch import ElasticsearchEngine, ServerSettings
from search.document import Key
from search.errors import EngineUnavailable
from search.index import SearchIndex
from tests.search.servers import client_of, remove_indices
from tests.search.support import ZONE, MemoryOutbox, Records, ids, note, parse
from tests.support import searchservers
from tooling.layout import ROOT

pytestmark = pytest.mark.es

BACK_SECONDS = 2.0


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    searchservers.require_built()
    node = searchservers.Node(tmp_path_factory.mktemp("node"))
    node.start()
    yield node
    node.kill()


@pytest.fixture
def server(node):
    settings = ServerSettings(node.url, index="outage", replicas=0, timeout=30)
    yield settings
    if not node.is_running:
        node.start()
    remove_indices(settings)


@pytest.fixture
def engine(server):
    engine = ElasticsearchEngine(server)
    yield engine
    engine.close()


@pytest.fixture
def records():
    return Records(*(note(n, f"隔膜{n}") for n in range(50)))


@pytest.fixture
def index(engine, records):
    index = SearchIndex(engine, records.registry(), MemoryOutbox(lease=2.0))
    index.rebuild()
    return index


def found(index):
    """The ids that a search finds."""
    return ids(index.search(parse("隔膜"), access=ZONE, per_page=200).hits)


def save(index, records, number):
    """One save as a request does it; gives its seconds."""
    began = time.monotonic()
    keys = records.put(note(number, f"隔膜{number}"))
    index.outbox.add(keys)
    index.flush_own(keys)
    return time.monotonic() - began


def until(condition, seconds):
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)


def is_back(server):
    """Whether the server itself answers searches in every index."""
    with client_of(server) as client:
        try:
            client.search(index="outage-*", allow_partial_search_results=False, size=0)
        except (ApiError, TransportError):
            return False
    return True


def test_killed_during_saves_and_back(node, index, records, server):
    up = [save(index, records, number) for number in range(1_000, 1_100)]
    killer = threading.Timer(0.2, node.kill)
    killer.start()
    down = []
    number = 2_000
    while killer.is_alive() or len(down) < 2_000:
        down.append(save(index, records, number))
        number += 1
    assert max(down) < 1.5
    assert median(down[-500:]) <= 1.25 * median(up)
    assert index.search(parse("隔膜"), access=ZONE).degraded
    assert not index.engine.ping()
    assert index.outbox.rows()
    node.start()
    until(lambda: is_back(server), 30)
    until(lambda: not index.search(parse("隔膜"), access=ZONE).degraded, BACK_SECONDS)
    assert index.drain().pending == 0
    assert not index.verify()
    assert len(index.engine.fingerprints("interaction")) == len(records.present)


def test_frozen_during_saves_and_back(node, index, records):
    assert found(index) == set(range(50))
    node.freeze()
    try:
        first = save(index, records, 3_000)
        others = [save(index, records, 3_001 + number) for number in range(200)]
        began = time.monotonic()
        assert index.search(parse("隔膜"), access=ZONE).degraded
        assert time.monotonic() - began < 0.1
    finally:
        node.thaw()
    assert first < 1.6
    assert max(others) < 0.2
    until(lambda: not index.search(parse("隔膜"), access=ZONE).degraded, BACK_SECONDS)
    assert index.drain().pending == 0
    assert not index.verify()


def test_a_worker_goes_on_by_itself_after_an_outage(node, index, records):
    stop = threading.Event()
    worker = threading.Thread(target=index.work, args=(stop,))
    worker.start()
    try:
        node.kill()
        index.outbox.add(records.put(*(note(n, "隔膜") for n in range(4_000, 4_300))))
        time.sleep(0.5)
        node.start()
        until(lambda: not index.outbox.rows(), 15)
    finally:
        stop.set()
        worker.join(20)
    assert not index.verify()


def test_a_server_that_comes_back_empty_is_filled_by_the_worker(node, index, records, server):
    stop = threading.Event()
    worker = threading.Thread(target=index.work, args=(stop,))
    worker.start()
    try:
        node.kill()
        index.outbox.add(records.put(note(4_500, "隔膜")))
        time.sleep(0.5)
        node.forget()
        node.start()
        until(lambda: not index.outbox.rows() and not index.engine.state().needs_rebuild, 20)
    finally:
        stop.set()
        worker.join(20)
    assert not index.verify()


def test_killed_during_a_rebuild_the_former_index_stays(node, index, records, server):
    def kill(_: int) -> None:
        node.kill()

    with pytest.raises(EngineUnavailable):
        index.rebuild(report=kill)
    node.start()
    until(lambda: is_back(server), 30)
    until(lambda: not index.search(parse("隔膜"), access=ZONE).degraded, BACK_SECONDS)
    assert found(index) == set(range(50))
    save(index, records, 5_000)
    assert index.rebuild().documents == 51
    assert index.drain().pending == 0
    assert not index.verify()


def test_rebuilds_while_many_write_lose_nothing(index, records, server):
    others = [
        SearchIndex(ElasticsearchEngine(server), records.registry(), index.outbox) for _ in range(3)
    ]
    stop = threading.Event()

    def write(own, first):
        number = first
        while not stop.is_set():
            number += 1
            index.outbox.add(records.put(note(number, f"隔膜{number}")))
            index.outbox.add(records.drop(Key("interaction", number - 5)))
            with suppress(EngineUnavailable):
                own._drainer.step(limit=20)

    threads = [
        threading.Thread(target=write, args=(other, 10_000 * place))
        for place, other in enumerate(others, 1)
    ]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert not index.rebuild().failed
    stop.set()
    for thread in threads:
        thread.join(60)
    assert index.drain().pending == 0
    assert not index.verify()
    for other in others:
        other.engine.close()


def test_a_killed_drainer_loses_nothing(index, records):
    index.outbox.add(records.put(*(note(n, "隔膜") for n in range(6_000, 6_100))))
    index.outbox.claim(50)
    assert index.drain(timeout=20).pending == 0
    assert not index.verify()


def test_the_server_ends_with_its_owner(tmp_path):
    searchservers.require_built()
    program = (
        "import sys, time; from pathlib import Path; from tests.support.searchservers import Node\n"
        "node = Node(Path(sys.argv[1])); node.start(); print(node.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    until(lambda: not _is_alive(pid), 20)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
