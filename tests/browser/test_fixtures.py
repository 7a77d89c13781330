"""The watch over pages bites: console errors, failed answers and poor accessibility are found."""

import pytest
from playwright.sync_api import Browser

from tests.support.pages import Problems, axe


@pytest.fixture
def bare_page(browser: Browser):
    """A page of no server."""
    context = browser.new_context()
    page = context.new_page()
    yield page
    context.close()


def test_errors_in_the_console_and_in_scripts_are_found(bare_page) -> None:
    seen = Problems()
    seen.watch(bare_page)
    bare_page.evaluate("console.error('broken'); setTimeout(() => { throw new Error('thrown') })")
    bare_page.wait_for_timeout(100)
    assert [problem.split(":")[0] for problem in seen.found] == ["console", "script error"]


def test_failed_answers_are_found_unless_expected(bare_page) -> None:
    seen = Problems()
    seen.watch(bare_page)
    bare_page.route("**/*", lambda route: route.fulfill(status=404, body="gone"))
    bare_page.goto("http://page.test/a")
    assert seen.found == ["404 GET http://page.test/a"]
    seen.expect_status(404)
    bare_page.goto("http://page.test/b")
    assert len(seen.found) == 1


def test_poor_accessibility_is_found(bare_page) -> None:
    bare_page.set_content("<!doctype html><html><body><img src='x'><input></body></html>")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(bare_page)


def test_good_accessibility_passes(bare_page) -> None:
    bare_page.set_content(
        "<!doctype html><html lang='zh'><head><title>企业</title></head>"
        "<body><main><h1>企业</h1></main></body></html>"
    )
    axe(bare_page)
