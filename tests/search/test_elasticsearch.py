"""What only a server can do to us: be killed, hang, be full, be busy, lose what it held."""

import json
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from statistics import median
from typing import ClassVar

import certifi
import pytest

from search.backends.elasticsearch import ElasticsearchEngine, ServerSettings, control, writing
from search.backends.elasticsearch.client import Connection
from search.backends.elasticsearch.schema import VERSION, Names, encoded, source_of
from search.document import Key
from search.errors import DocumentRefused, EngineOutdated, EngineUnavailable
from search.index import SearchIndex
from search.sync import Drainer
from tests.search.servers import client_of
from tests.search.support import ZONE, MemoryOutbox, Records, ids, note, parse

pytestmark = pytest.mark.es


@pytest.fixture
def server(elasticsearch_settings, open_elasticsearch):
    """The settings of this test's own indices."""
    return open_elasticsearch()._settings


@pytest.fixture
def engine(server):
    engine = ElasticsearchEngine(server)
    yield engine
    engine.close()


@pytest.fixture
def client(server):
    with client_of(server) as client:
        yield client


@pytest.fixture
def records():
    return Records(*(note(n, f"隔膜{n}") for n in range(20)))


@pytest.fixture
def index(engine, records):
    return SearchIndex(engine, records.registry(), MemoryOutbox())


def found(index, asked="隔膜"):
    """The ids that a search finds."""
    return ids(index.search(parse(asked), access=ZONE, per_page=200).hits)


def generations(client, server):
    """The indices that hold documents."""
    names = client.indices.get(index=f"{server.index}-*", features="aliases").body
    return sorted(name for name in names if "control" not in name)


def test_the_index_is_named_by_its_version_and_read_through_an_alias(index, client, server):
    index.rebuild()
    (first,) = generations(client, server)
    assert first.startswith(f"{server.index}-{VERSION}-")
    assert list(client.indices.get_alias(name=f"{server.index}-{VERSION}").body) == [first]
    index.rebuild()
    (second,) = generations(client, server)
    assert second != first
    settings = client.indices.get_settings(index=second).body[second]["settings"]["index"]
    assert settings["refresh_interval"] == "500ms"
    assert client.indices.get_mapping(index=second).body[second]["mappings"]["dynamic"] == "strict"


def test_a_field_that_is_not_in_the_mapping_is_refused(index, client, server, monkeypatch):
    index.rebuild()
    widened = lambda document: source_of(document) | {"secret": 1}  # noqa: E731
    monkeypatch.setattr(writing, "source_of", widened)
    with pytest.raises(DocumentRefused, match="secret"), index.engine.write() as batch:
        batch.index([note(1, "隔膜")])


def test_another_version_asks_for_a_rebuild(index, server, records, monkeypatch):
    index.rebuild()
    for module in ("engine", "schema"):
        monkeypatch.setattr(f"search.backends.elasticsearch.{module}.VERSION", "0" * 12)
    newer = SearchIndex(ElasticsearchEngine(server), records.registry(), MemoryOutbox())
    assert newer.engine.state().outdated
    assert newer.search(parse("隔膜"), access=ZONE).degraded
    with pytest.raises(EngineOutdated), newer.engine.write():
        pytest.fail("an outdated index was written")
    newer.rebuild()
    assert found(newer) == set(range(20))
    assert not newer.verify()
    assert index.search(parse("隔膜"), access=ZONE).degraded
    newer.engine.close()


def test_a_rebuild_whose_process_was_killed_is_cleared_away(index, engine, client, server):
    index.rebuild()
    beginning = engine.rebuild()
    beginning.__enter__()
    control._held.clear()
    assert len(generations(client, server)) == 2
    assert index.rebuild().documents == 20
    assert len(generations(client, server)) == 1
    assert not index.verify()


def test_a_rebuild_killed_as_it_went_live_is_completed(index, engine, client, server, monkeypatch):
    index.rebuild()
    with monkeypatch.context() as patch:
        patch.setattr(control.Control, "change", _killed)
        with pytest.raises(KeyboardInterrupt):
            index.rebuild()
    assert found(index) == set(range(20))
    index.outbox.add(index.registry.batches(5).__next__())
    assert index.drain().pending == 0
    index.rebuild()
    assert len(generations(client, server)) == 1
    assert not index.verify()


_change = control.Control.change


def _killed(self, decide):
    """Lets a generation be put up and does not come back from making it live."""
    state = self.read()
    if decide(state) == state or decide(state).next is not None:
        return _change(self, decide)
    raise KeyboardInterrupt


def test_a_lost_control_document_is_made_anew_and_asks_for_a_rebuild(index, client, server):
    index.rebuild()
    client.indices.delete(index=f"{server.index}-control-1")
    assert index.engine.state().needs_rebuild
    index.outbox.add(index.registry.batches(5).__next__())
    assert index.drain().pending == 0
    index.rebuild()
    assert found(index) == set(range(20))
    assert not index.verify()
    assert len(generations(client, server)) == 1


def test_an_index_deleted_by_hand_is_built_again(index, client, server):
    index.rebuild()
    for name in generations(client, server):
        client.indices.delete(index=name)
    index.outbox.add([Key("interaction", 1)])
    with pytest.raises(EngineUnavailable):
        index.drain()
    assert index.search(parse("隔膜"), access=ZONE).degraded
    index.rebuild()
    assert index.drain().pending == 0
    assert not index.verify()


def test_a_full_disk_costs_no_attempts_and_nothing_is_lost(index, client, server, records):
    index.rebuild()
    (name,) = generations(client, server)
    client.indices.put_settings(index=name, settings={"blocks.read_only_allow_delete": True})
    index.outbox.add(records.put(note(99, "隔膜")))
    began = time.monotonic()
    assert index.flush_own([Key("interaction", 99)]) is False
    assert time.monotonic() - began < 1
    with pytest.raises(EngineUnavailable, match=r"read-only|block"):
        index.drain()
    assert [row.attempts for row in index.outbox.rows()] == [0]
    assert found(index) == set(range(20))
    client.indices.put_settings(index=name, settings={"blocks.read_only_allow_delete": None})
    assert index.drain().pending == 0
    assert found(index) == {*range(20), 99}


def test_a_document_the_server_refuses_holds_up_none_beside_it(index, records):
    index.rebuild()
    good = records.put(*(note(n, "电解液") for n in range(100, 105)))
    bad = records.put(note(2**70, "电解液"))
    index.outbox.add([*good[:2], *bad, *good[2:]])
    progress = Drainer(index.engine, index.registry, index.outbox).step()
    assert (progress.done, progress.failed) == (5, 1)
    index.engine.refresh()
    assert found(index, "电解液") == set(range(100, 105))
    report = index.rebuild()
    assert report.failed == bad


def test_what_a_busy_server_turns_away_is_sent_again(engine, monkeypatch):
    sent = []
    bulk = writing.Writer._bulk

    def busy_at_first(self, entries, timeout, **options):
        sent.append(len(entries))
        answers = list(bulk(self, entries, timeout, **options))
        if len(sent) < 3:
            error = {"type": "es_rejected_execution_exception", "reason": "queue is full"}
            answers[0] = {"index": {"status": 429, "error": error}}
        return answers

    monkeypatch.setattr(writing.Writer, "_bulk", busy_at_first)
    monkeypatch.setattr(writing, "_PATIENCE", (0.01, 0.01))
    with engine.write() as batch:
        batch.index([note(1, "隔膜"), note(2, "隔膜")])
    assert sent == [2, 1, 1]
    sent[:] = [0] * -9
    monkeypatch.setattr(writing, "_PATIENCE", ())
    with pytest.raises(EngineUnavailable, match="busy"), engine.write() as batch:
        batch.index([note(3, "隔膜")])


def test_large_texts_go_in_several_requests(index, records, monkeypatch):
    records.put(*(note(n, "隔膜与电解液" * 2_000) for n in range(40)))
    sizes = []
    bulk = writing.Writer._bulk

    def noting(self, entries, timeout, **options):
        sizes.append(sum(len(entry.body) for entry in entries))
        return bulk(self, entries, timeout, **options)

    monkeypatch.setattr(writing.Writer, "_bulk", noting)
    monkeypatch.setattr(writing, "PORTION_BYTES", 400_000)
    index.rebuild()
    assert len(sizes) > 2
    assert max(sizes) <= 400_000
    assert found(index, "电解液") == set(range(40))


def test_an_older_state_never_replaces_a_newer(server):
    slow, quick = ElasticsearchEngine(server), ElasticsearchEngine(server)
    with slow.write() as older:
        older.index([note(1, "隔膜"), note(2, "隔膜")])
        with quick.write() as newer:
            newer.index([note(1, "电解液")])
            newer.delete([Key("interaction", 2)])
    assert set(quick.fingerprints("interaction")) == {1}
    assert quick.fingerprints("interaction")[1] == note(1, "电解液").fingerprint()
    slow.close()
    quick.close()


def test_halves_of_characters_are_stored_all_the_same(index, records):
    records.put(note(5, "隔膜\ud800电解液", title="\udfff"))
    assert not index.rebuild().failed
    assert found(index, "电解液") == {5}
    assert b"\\ud800" not in encoded({"a": "\ud800"})


class _Recorder(BaseHTTPRequestHandler):
    heard: ClassVar[list[str]] = []

    def do_GET(self):
        self.heard.append(self.headers.get("Authorization", ""))
        body = json.dumps({"_source": {"value": {"base": 1, "live": f"x-{VERSION}-1"}}}).encode()
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def test_the_key_is_sent():
    web = HTTPServer(("127.0.0.1", 0), _Recorder)
    thread = threading.Thread(target=web.serve_forever)
    thread.start()
    engine = ElasticsearchEngine(
        ServerSettings(f"http://127.0.0.1:{web.server_port}", api_key="a2V5")
    )
    assert engine.ping()
    engine.close()
    web.shutdown()
    thread.join()
    web.server_close()
    assert _Recorder.heard == ["ApiKey a2V5"]


def test_settings_of_encrypted_connections_reach_the_client(tmp_path):
    authority = tmp_path / "ca.pem"
    authority.write_text(certifi.contents().split("\n\n")[0], encoding="ascii")
    secure = ServerSettings("https://a.example:9200,https://b.example", ca_certs=str(authority))
    for settings, verify in ((secure, True), (replace(secure, ca_certs=None, verify=False), False)):
        connection = Connection(settings, probe=bool)
        nodes = connection.client().transport.node_pool.all()
        assert {(node.config.host, node.config.port) for node in nodes} == {
            ("a.example", 9200), ("b.example", 443),
        }  # fmt: skip
        assert {node.config.verify_certs for node in nodes} == {verify}
        assert {node.config.ca_certs for node in nodes} == {settings.ca_certs}
        connection.close()


def test_saving_goes_on_while_a_host_is_not_there(records):
    nowhere = ServerSettings("http://192.0.2.1:9200", timeout=5)
    index = SearchIndex(ElasticsearchEngine(nowhere), records.registry(), MemoryOutbox())
    seconds = []
    for number in range(10):
        key = records.put(note(number, "隔膜"))
        index.outbox.add(key)
        began = time.monotonic()
        assert not index.flush_own(key)
        seconds.append(time.monotonic() - began)
    assert max(seconds) < 1.6
    assert median(seconds) < 0.01
    assert index.search(parse("隔膜"), access=ZONE).degraded
    assert not index.status().available
    index.engine.close()


@pytest.mark.parametrize(("version", "into_both"), [(VERSION, True), ("b" * 12, False)])
def test_a_generation_of_another_version_is_noted_for_and_not_written(version, into_both):
    names = Names("x")
    state = control.State(base=1, live=f"x-{VERSION}-1", next=f"x-{version}-2")
    connection = Connection(ServerSettings("http://127.0.0.1:9"), probe=bool)
    batch = writing.CollectedBatch(writing.Writer(connection, names, 7), state)
    batch.index([note(1, "隔膜")])
    batch.delete([Key("interaction", 2)])
    for entries in batch._entries.values():
        targets = [json.loads(entry.body.split(b"\n")[0]) for entry in entries]
        indices = [next(iter(target.values()))["_index"] for target in targets]
        expected = [f"x-{VERSION}-1-write", f"x-{version}-2-write", "x-control"]
        assert indices == (expected if into_both else [expected[0], expected[2]])
        assert [entry.main for entry in entries] == [True, *[False] * (len(entries) - 1)]
