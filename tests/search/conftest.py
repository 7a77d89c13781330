"""The engines that the contract suite runs on: one more parameter is one more engine."""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from search.backends.base import Engine
from search.backends.elasticsearch import ElasticsearchEngine
from search.backends.embedded import EmbeddedEngine
from search.document import Document
from search.query import NO_FILTERS, Filters, Sort
from search.results import Page
from tests.search.servers import remove_indices, server_settings
from tests.search.support import ZONE, parse

Open = Callable[[], Engine]
Find = Callable[..., Page]


@pytest.fixture
def open_embedded(tmp_path: Path) -> Iterator[Open]:
    """Opens the embedded engine of this test once more."""
    with contextlib.ExitStack() as opened:

        def embedded() -> Engine:
            engine = EmbeddedEngine(tmp_path / "search")
            opened.callback(engine.close)
            return engine

        yield embedded


@pytest.fixture
def open_elasticsearch(elasticsearch_settings: Mapping[str, str]) -> Iterator[Open]:
    """Opens the indices of this test on the server once more; they are deleted afterwards."""
    server = server_settings(elasticsearch_settings, index=f"test-{secrets.token_hex(6)}")
    with contextlib.ExitStack() as opened:

        def elasticsearch() -> Engine:
            engine = ElasticsearchEngine(server)
            opened.callback(engine.close)
            return engine

        yield elasticsearch
    remove_indices(server)


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.es)])
def open_engine(request: pytest.FixtureRequest) -> Open:
    """Opens the store of this test once more, as another process would."""
    found: Open = request.getfixturevalue(f"open_{request.param}")
    return found


@pytest.fixture
def engine(open_engine: Open) -> Engine:
    """An empty engine."""
    return open_engine()


@pytest.fixture
def put(engine: Engine) -> Callable[..., None]:
    """Index documents."""

    def put(*documents: Document) -> None:
        with engine.write() as batch:
            batch.index(documents)
        engine.refresh()

    return put


@pytest.fixture
def find(engine: Engine) -> Find:
    """Search as somebody who sees the zone."""

    def find(
        text: str,
        *,
        access: frozenset[str] = ZONE,
        filters: Filters = NO_FILTERS,
        sort: Sort = Sort.RELEVANCE,
        page: int = 1,
        per_page: int = 20,
    ) -> Page:
        return engine.search(
            parse(text), access=access, filters=filters, sort=sort, page=page, per_page=per_page
        )

    return find
