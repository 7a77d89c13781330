"""Take the README's screenshots from the demo data: `.venv/bin/python docs/take_screenshots.py`.

Starts a server of its own on 127.0.0.1 with fresh demo data and writes `docs/screenshots/*.png`.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.live import demo_data, serving  # noqa: E402 - the root must be on the path
from tooling.browser import find_chromium  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--lang=zh-CN"]
PERSON, PASSWORD = "zhoumin", "demo-zhaoshang-2026"


@dataclass(frozen=True)
class Shot:
    """One picture: a page, or what stands behind the first row of a list."""

    name: str
    path: str
    follows_first_row: bool = False
    is_phone: bool = False


SHOTS = (
    Shot("desk", "/"),
    Shot("lead", "/leads/?stage=negotiating&mine=1", follows_first_row=True),
    Shot("leads", "/leads/"),
    Shot("search", "/search?q=废水"),
    Shot("funnel", "/funnel/"),
    Shot("log-phone", "/log/new", is_phone=True),
)


def main() -> None:
    """Take all pictures."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("No Chromium found: set CHROMIUM to one.")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=FLAGS, env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        with serving(demo_data(Path(folder))) as address:
            for is_phone in (False, True):
                page = _signed_in(browser, address, is_phone=is_phone)
                for shot in SHOTS:
                    if shot.is_phone is is_phone:
                        _take(page, shot)
        browser.close()


def _signed_in(browser: Browser, address: str, *, is_phone: bool) -> Page:
    size = {"width": 390, "height": 844} if is_phone else {"width": 1366, "height": 900}
    context = browser.new_context(
        base_url=address,
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=2 if is_phone else 1,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="light",
    )
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("用户名").fill(PERSON)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def _take(page: Page, shot: Shot) -> None:
    page.goto(shot.path)
    if shot.follows_first_row:
        page.locator("[data-row-link]").first.click()
        expect(page.locator(".pipe")).to_be_visible()
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=FOLDER / f"{shot.name}.png")


if __name__ == "__main__":
    main()
