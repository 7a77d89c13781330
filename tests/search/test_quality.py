"""Judged queries, asked of the whole application: what is wanted is found, first, and alone."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest

from crm import indexing
from crm.core import clock
from tests.conftest import app_for
from tests.search.judged import judging, loading
from tests.search.judged.judging import Figures
from tests.search.servers import remove_indices, server_settings
from tests.support.databases import SqliteDatabases

RECALL, FIRST, TRAPS = 0.97, 0.90, 0.05
ENGINES = ["embedded", pytest.param("elasticsearch", marks=pytest.mark.es)]


@pytest.fixture(scope="module", params=ENGINES)
def by_kind(
    request: pytest.FixtureRequest,
    sqlite_databases: SqliteDatabases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Figures]:
    """The figures of all judged queries on an engine."""
    folder: Path = tmp_path_factory.mktemp("judged")
    settings: dict[str, object] = {}
    given = None
    if request.param == "elasticsearch":
        given = request.getfixturevalue("elasticsearch_settings")
        prefix = f"judged-{secrets.token_hex(6)}"
        settings = {**given, "ELASTICSEARCH_INDEX": prefix, "ELASTICSEARCH_REPLICAS": 0}
    with sqlite_databases.fresh(folder) as url:
        app = app_for(url, folder, **settings)
        with app.app_context(), clock.frozen(loading.MOMENT):
            loading.fill()
            indexing.index().rebuild()
            outcomes = [judging.ask(one) for one in judging.judged_queries()]
        app.extensions[indexing.EXTENSION].engine.close()
    if given:
        remove_indices(server_settings(given, index=prefix))
    return judging.figures(outcomes)


def test_wanted_records_are_found_first_and_alone(by_kind: Mapping[str, Figures]) -> None:
    overall = by_kind["all"]
    short = {
        kind: [(one.judged.q, one.refs[:10]) for one in figures.outcomes if not one.is_good]
        for kind, figures in by_kind.items()
    }
    assert overall.recall >= RECALL, short
    assert overall.first >= FIRST, short
    assert overall.traps <= TRAPS, short


def test_there_are_enough_queries_of_every_kind(by_kind: Mapping[str, Figures]) -> None:
    counts = {kind: len(figures.outcomes) for kind, figures in by_kind.items()}
    assert counts.pop("all") >= 150
    assert min(counts.values()) >= 10, counts


def test_what_is_judged_is_in_the_corpus() -> None:
    refs = {row["ref"] for name in ("firms", "leads") for row in loading.rows(name)}
    refs |= {row[0] for row in loading.rows("notes")} | {
        f"F{number:02d}" for number in range(1, 12)
    }
    for judged in judging.judged_queries():
        named = judged.wanted | judged.unwanted | judged.never
        assert named <= refs, (judged.q, named - refs)
        assert not judged.wanted & (judged.unwanted | judged.never), judged.q
