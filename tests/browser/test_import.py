"""A file on its way in: upload, mapping, check, import, the rows that failed; phone and desk."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_every_page import overflow
from tests.browser.world import Person
from tests.support.pages import axe


def _sound(page: Page) -> None:
    assert not overflow(page)
    axe(page)


@pytest.mark.parametrize("width", [1366, 390])
def test_a_file_is_mapped_checked_and_imported(
    page_at: Callable[..., Page], officer: Person, tmp_path: Path, width: int
) -> None:
    file = tmp_path / f"firms-{width}.csv"
    rows = [f"R{width}-1,示例导入甲{width}有限公司,徐州", f"R{width}-2,,徐州"]
    file.write_text("编号,公司,城市\n" + "\n".join(rows) + "\n", encoding="utf-8")
    page = page_at(width, officer)
    page.goto("/exchange/import?kind=companies", wait_until="networkidle")
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="上传并预览").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(file.name)
    page.get_by_role("combobox", name="公司").select_option("name")
    page.get_by_role("combobox", name="城市").select_option("region")
    _sound(page)
    page.get_by_role("button", name="检查", exact=True).click()

    expect(page.get_by_role("heading", name="检查结果（还没有写入）")).to_be_visible()
    _sound(page)
    page.get_by_role("button", name="导入", exact=True).click()

    expect(page.get_by_role("heading", name="导入结果")).to_be_visible()
    _sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载有误的行").click()
    failed = download.value.path().read_text(encoding="utf-8-sig")
    assert f"R{width}-2" in failed
    assert f"R{width}-1" not in failed
    page.goto(f"/companies/?q=示例导入甲{width}")
    expect(page.get_by_role("link", name=f"示例导入甲{width}有限公司")).to_be_visible()
