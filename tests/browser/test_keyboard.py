"""Everything by keyboard: palette, keys of one letter, lists, dialogs."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.world import Person, World


@pytest.fixture
def page(page_at: Callable[..., Page], officer: Person) -> Page:
    """The list of leads of an officer; nothing here uses the mouse."""
    page = page_at(1366, officer)
    page.goto("/leads/")
    return page


def test_the_palette_leads_to_a_firm(page: Page, world: World) -> None:
    company_id = world.company("示例九里叉车制造有限公司")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="搜索或跳转")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("九里叉车")
    expect(palette.get_by_role("option", name="示例九里叉车制造有限公司")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/companies/{company_id}$"))
    expect(page.get_by_role("main")).to_contain_text("示例九里叉车制造有限公司")


def test_escape_closes_the_palette_and_gives_the_focus_back(page: Page) -> None:
    opener = page.get_by_role("button", name="搜索或跳转")
    opener.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="搜索或跳转")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="搜索或跳转")).to_be_hidden()
    expect(opener).to_be_focused()


def test_tab_hands_the_text_to_the_search_page(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("隔膜")
    page.keyboard.press("Tab")
    expect(page).to_have_title("隔膜 · 搜索 · 徐州经开区招商")
    expect(page.get_by_label("搜索全部记录")).to_have_value("隔膜")


def test_slash_opens_the_palette_and_on_the_search_page_goes_into_its_box(page: Page) -> None:
    page.goto("/account")
    page.keyboard.press("/")
    box = page.get_by_role("dialog", name="搜索或跳转").get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.type("线索/项目")
    expect(box).to_have_value("线索/项目")
    page.goto("/search?q=隔膜")
    page.keyboard.press("/")
    expect(page.get_by_label("搜索全部记录")).to_be_focused()


def test_a_result_is_reached_and_opened_at_its_words(
    page: Page, officer: Person, world: World
) -> None:
    lead = world.lead("示例泉山模具项目", officer, world.company("示例泉山模具有限公司"))
    note = world.note(officer, lead, "\n".join(["谈了许多。"] * 60) + "\n最后说到泉山冷镦工艺。")
    page.goto("/search")
    page.keyboard.type("泉山冷镦")
    expect(page.locator(".hits > li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hits [data-row-link]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/interactions/{note}\\?q=.*#hit$"))
    expect(page.locator("#hit")).to_have_text("泉山冷镦")
    expect(page.locator("#hit")).to_be_in_viewport()


def test_a_saved_search_is_in_the_palette(page: Page, world: World) -> None:
    page.goto("/search?q=隔膜")
    page.get_by_role("link", name="保存搜索").click()
    page.get_by_role("textbox", name="名称", exact=True).fill("示例常看隔膜")
    page.get_by_label("有新的匹配时提醒我").check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存“示例常看隔膜”。")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="示例常看隔膜")).to_be_visible()
    page.keyboard.type("常看")
    expect(page.get_by_role("option", name="示例常看隔膜")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search\\?q="))


def test_j_and_k_walk_through_a_list_and_enter_opens(
    page: Page, officer: Person, world: World
) -> None:
    company_id = world.company("示例潘安湖机床有限公司")
    for title in ("示例潘安湖甲", "示例潘安湖乙", "示例潘安湖丙"):
        world.lead(title, officer, company_id)
    page.goto("/leads/?q=潘安湖")
    rows = page.locator("[data-rows] > tr")
    expect(rows).to_have_count(3)
    titles = rows.locator("[data-row-link]")
    page.keyboard.press("j")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(titles.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(titles.nth(1)).to_be_focused()
    wanted = titles.nth(1).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted)


def test_letters_are_letters_inside_fields(page: Page) -> None:
    page.get_by_label("线索或企业名称").focus()
    page.keyboard.type("clgj")
    expect(page.get_by_label("线索或企业名称")).to_have_value("clgj")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_log_is_written_without_the_mouse(page: Page, officer: Person, world: World) -> None:
    text = "全程用键盘记的一条。"
    world.lead("示例茅村项目", officer, world.company("示例茅村齿轮有限公司"))
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="记一条")
    expect(dialog.get_by_role("combobox", name="企业")).to_be_focused()
    page.keyboard.type("茅村齿轮")
    expect(dialog.get_by_role("option", name="示例茅村齿轮有限公司")).to_have_attribute(
        "aria-selected", "true"
    )
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("线索", exact=True)).to_be_visible()
    note = dialog.get_by_label("内容")
    # What stands between depends on the firm: the notice of others, its leads, its open steps.
    for _stop in range(6):
        if note.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(note).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast-line").filter(has_text="已记录")).to_be_visible()
    expect(dialog).to_be_hidden()
    assert world.count_notes(text) == 1


def test_the_keys_are_listed_and_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="快捷键")
    expect(listed).to_be_visible()
    listed.get_by_label("使用单个字母的快捷键").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="搜索或跳转")).to_be_visible()


def test_a_key_pressed_just_after_a_dialog_closes_is_taken(page: Page) -> None:
    """The browser may still send it to the field that has just gone."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="搜索或跳转")).to_be_visible()
    page.evaluate(
        """() => {
            const dialog = document.getElementById("palette");
            const field = dialog.querySelector("input");
            dialog.close();
            field.dispatchEvent(new KeyboardEvent("keydown", { key: "c", bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.get_by_role("dialog", name="记一条")).to_be_visible()
