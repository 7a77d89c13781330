"""A browser, a running product with demo data, pages that fail on any console error."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from crm.core.permissions import Role
from tests.browser.world import Person, World
from tests.support import services
from tests.support.live import demo_data, serving
from tests.support.pages import Problems
from tooling.browser import find_chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHTS = {390: 844, 1366: 768, 1920: 1080}
PATIENCE_MS = 15_000

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    chromium = find_chromium()
    if chromium is None:
        services.missing("Chromium", "set CHROMIUM, or let python3 manage.py test install one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=FLAGS,
            env={**os.environ, "LANG": "zh_CN.UTF-8"},
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_folder(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of this worker's own server."""
    folder = tmp_path_factory.mktemp("live") / "data"
    shutil.copytree(demo_data(shared_folder), folder)
    return folder


@pytest.fixture(scope="session")
def live_address(live_folder: Path) -> Iterator[str]:
    """The address of a server with demo data of this worker's own."""
    with serving(live_folder) as address:
        yield address


@pytest.fixture(scope="session")
def world(live_folder: Path, live_address: str) -> Iterator[World]:
    """Makes people, firms and leads in that server's database."""
    with World.of(live_folder) as world:
        yield world


@pytest.fixture(scope="session")
def officer(world: World) -> Person:
    """An officer who stays as they are."""
    return world.person(Role.OFFICER)


@pytest.fixture
def problems() -> Iterator[Problems]:
    """What went wrong on the pages of this test; anything fails it at the end."""
    problems = Problems()
    yield problems
    assert not problems.found, "\n".join(problems.found)


@pytest.fixture
def page_at(
    browser: Browser, live_address: str, world: World, problems: Problems
) -> Iterator[Callable[..., Page]]:
    """`page_at(390)`: a new page of this width; paths are relative to the product.

    Signed out, unless `person=` says who has signed in. Other options go to the browser context:
    `page_at(1366, java_script_enabled=False)`, `color_scheme="dark"`.
    """
    contexts: list[BrowserContext] = []

    def open_page(width: int, person: Person | None = None, **options: object) -> Page:
        context = browser.new_context(
            base_url=live_address,
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            has_touch=width < 700,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if person is not None:
            cookie = {"name": "session", "value": world.cookie(person), "url": live_address}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        problems.watch(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
