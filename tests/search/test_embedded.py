"""What only the embedded engine has: its files, their versions, and what may happen to them."""

import sqlite3
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from search.backends.embedded import (
    EmbeddedEngine,
    engine as engine_module,
    reading,
    rebuilding,
    schema,
    store,
)
from search.errors import EngineOutdated, EngineUnavailable
from search.index import SearchIndex
from search.query import Filters
from tests.search.support import ZONE, MemoryOutbox, Records, company, ids, note, parse

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "search"


@pytest.fixture
def engine(directory):
    engine = EmbeddedEngine(directory)
    yield engine
    engine.close()


def put(engine, *documents):
    """Index documents."""
    with engine.write() as batch:
        batch.index(documents)


def found(engine, asked="隔膜"):
    """The ids that a search finds."""
    return ids(engine.search(parse(asked), access=ZONE, per_page=200).hits)


def generations(directory):
    """The names of the index files."""
    return sorted(path.name for path in directory.glob("index-*.db"))


def newer_version(monkeypatch):
    """As if the program had been updated to another analysis."""
    for module in (engine_module, rebuilding, store):
        monkeypatch.setattr(module, "VERSION", f"{schema.VERSION}+")


def test_another_analysis_asks_for_a_rebuild(engine, directory, monkeypatch):
    records = Records(note(1, "隔膜"))
    index = SearchIndex(engine, records.registry(), MemoryOutbox())
    index.rebuild()
    newer_version(monkeypatch)
    assert engine.state().outdated
    assert index.status().needs_rebuild
    with pytest.raises(EngineOutdated):
        put(engine, note(2, "隔膜"))
    assert index.search("隔膜", access=ZONE).degraded
    index.outbox.add(records.put(note(2, "隔膜")))
    with pytest.raises(EngineOutdated):
        index.drain()
    index.rebuild()
    assert not engine.state().needs_rebuild
    assert index.drain().pending == 0
    assert found(engine) == {1, 2}
    assert len(generations(directory)) == 1


def test_files_of_another_layout_are_replaced(engine, directory):
    directory.mkdir()
    (directory / "index-000007.db").write_bytes(b"")
    (directory / "live").write_text("index-000007.db")
    assert not engine.ping()
    SearchIndex(engine, Records(note(1, "隔膜")).registry(), MemoryOutbox()).rebuild()
    assert found(engine) == {1}
    assert generations(directory) == ["index-000008.db"]


def test_a_broken_file_is_an_unavailable_engine_until_rebuilt(directory):
    first = EmbeddedEngine(directory)
    put(first, note(1, "隔膜"))
    first.close()
    (name,) = generations(directory)
    (directory / name).write_bytes(b"no database at all" * 1000)
    engine = EmbeddedEngine(directory)
    index = SearchIndex(engine, Records(note(1, "隔膜")).registry(), MemoryOutbox())
    assert index.search("隔膜", access=ZONE).degraded
    assert not index.status().available
    with pytest.raises(EngineUnavailable):
        put(engine, note(2, "隔膜"))
    index.rebuild()
    assert found(engine) == {1}
    engine.close()


def test_files_deleted_under_it_are_an_unavailable_engine(directory):
    first = EmbeddedEngine(directory)
    put(first, note(1, "隔膜"))
    first.close()
    for path in directory.glob("index-*"):
        path.unlink()
    engine = EmbeddedEngine(directory)
    assert not engine.ping()
    with pytest.raises(EngineUnavailable):
        found(engine)
    SearchIndex(engine, Records(note(1, "隔膜")).registry(), MemoryOutbox()).rebuild()
    assert found(engine) == {1}
    engine.close()


def test_a_directory_that_cannot_be_made_is_an_unavailable_engine(tmp_path):
    (tmp_path / "file").write_text("")
    engine = EmbeddedEngine(tmp_path / "file" / "search")
    assert not engine.ping()
    with pytest.raises(EngineUnavailable):
        put(engine, note(1, "隔膜"))


def test_what_a_rebuild_left_behind_is_cleared_away(engine, directory):
    put(engine, note(1, "隔膜"))
    orphan = engine._store.create("index-000009.db")
    orphan.close()
    SearchIndex(engine, Records(note(2, "隔膜")).registry(), MemoryOutbox()).rebuild()
    assert generations(directory) == ["index-000002.db"]
    assert found(engine) == {2}


def test_writers_of_several_processes_never_find_it_locked(directory, engine):
    put(engine, note(0, "隔膜"))
    program = textwrap.dedent(
        """
        import sys
        from search.backends.embedded import EmbeddedEngine
        from tests.search.support import note
        engine = EmbeddedEngine(sys.argv[1])
        for number in range(int(sys.argv[2]), int(sys.argv[2]) + 60):
            with engine.write() as batch:
                batch.index([note(number, "隔膜")])
            assert engine.documents()
        engine.close()
        """
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(directory), str(start)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for start in (1000, 2000)
    ]
    threads = [
        Thread(target=lambda s=start: [put(engine, note(s + n, "隔膜")) for n in range(60)])
        for start in (3000, 4000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert engine.documents() == {"interaction": 241}


def test_a_writer_that_waited_out_a_swap_writes_into_the_new_generation(directory):
    records, outbox = Records(note(1, "隔膜")), MemoryOutbox()
    engine, other = EmbeddedEngine(directory), EmbeddedEngine(directory)
    put(other, note(1, "隔膜"))
    late = []

    def reload(batch, keys):
        # The live generation is held at this moment; this writer waits for it.
        late.append(Thread(target=lambda: put(other, note(5, "隔膜"))))
        late[0].start()
        late[0].join(0.3)
        assert late[0].is_alive()

    with engine.rebuild() as session:
        with session.write() as batch:
            batch.index(records.present.values())
        session.swap(reload)
    late[0].join(10)
    assert not outbox.rows()
    assert found(engine) == found(other) == {1, 5}
    engine.close()
    other.close()


def test_an_index_keeps_its_integrity_through_many_changes(engine, directory):
    for round_ in range(6):
        put(engine, *(note(n, f"隔膜{n * round_}与{round_}", team=str(round_)) for n in range(40)))
        with engine.write() as batch:
            batch.delete(note(n, "").key for n in range(round_, 40, 7))
    (name,) = generations(directory)
    connection = sqlite3.connect(directory / name)
    connection.execute("INSERT INTO fts (fts) VALUES ('integrity-check')")
    (stored,) = connection.execute("SELECT count(*) FROM docs").fetchone()
    (listed,) = connection.execute("SELECT count(*) FROM fts WHERE fts MATCH '\"隔膜\"'").fetchone()
    connection.close()
    assert stored == listed == engine.documents()["interaction"]


def test_of_too_many_to_count_those_chosen_are_asked_for_alone(engine, monkeypatch):
    monkeypatch.setattr(reading, "COUNT_LIMIT", 20)
    monkeypatch.setattr(reading, "_ENOUGH", 10)
    put(engine, *(company(n, "隔膜") for n in range(15)))
    newest = date(2030, 1, 1)
    put(engine, *(note(n, "隔膜", occurred_on=newest) for n in range(40)))
    every = engine.search(parse("隔膜"), access=ZONE)
    assert (every.total, every.total_at_least) == (None, 20)
    assert every.facets["type"] == {"interaction": 20}
    few = engine.search(
        parse("隔膜"), access=ZONE, filters=Filters(types=("company",)), per_page=50
    )
    assert (few.total, len(few.hits)) == (15, 15)
    assert few.facets["type"] == {"interaction": 20}
    many = engine.search(
        parse("隔膜"), access=ZONE, filters=Filters(types=("interaction",)), per_page=50
    )
    assert (many.total, many.total_at_least, len(many.hits)) == (None, 20, 20)
