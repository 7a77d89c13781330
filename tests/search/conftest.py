"""The engines that the contract suite runs on: one more parameter is one more engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.backends.base import Engine
from search.backends.embedded import EmbeddedEngine
from search.document import Document
from search.query import NO_FILTERS, Filters, Sort, parse
from search.results import Page
from tests.search.support import ZONE

Open = Callable[[], Engine]
Find = Callable[..., Page]


@pytest.fixture(params=["embedded"])
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the store of this test once more, as another process would."""
    opened: list[Engine] = []

    def embedded() -> Engine:
        engine = EmbeddedEngine(tmp_path / "search")
        opened.append(engine)
        return engine

    yield {"embedded": embedded}[request.param]
    for engine in opened:
        engine.close()


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
