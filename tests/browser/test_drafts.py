"""What was typed survives: a closed tab, a lost connection, a sign-out elsewhere."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from crm.core.permissions import Role
from tests.browser.world import World
from tests.support.pages import Problems

TEXT = "请进来座谈，对方带了三位工程师，先看供电。"


def _open(page: Page) -> None:
    page.goto("/leads/")
    page.keyboard.press("c")
    expect(
        page.get_by_role("dialog", name="记一条").get_by_role("combobox", name="企业")
    ).to_be_focused()


def _type(page: Page, text: str) -> None:
    page.get_by_role("dialog").get_by_label("内容").fill(text)
    expect(page.get_by_role("dialog").get_by_text("草稿已存")).to_be_visible()


def test_a_draft_survives_the_closing_of_its_tab(
    page_at: Callable[..., Page], world: World
) -> None:
    page = page_at(1366, world.person(Role.OFFICER))
    _open(page)
    _type(page, TEXT)
    again = page.context.new_page()
    page.close()
    _open(again)
    expect(again.get_by_role("dialog").get_by_label("内容")).to_have_value(TEXT)
    again.get_by_role("dialog").get_by_role("button", name="丢弃").click()
    expect(again.get_by_role("dialog").get_by_label("内容")).to_have_value("")
    _open(again)
    expect(again.get_by_role("dialog").get_by_label("内容")).to_have_value("")


def test_a_draft_survives_a_lost_connection(
    page_at: Callable[..., Page], world: World, problems: Problems
) -> None:
    problems.expect_console("htmx:sendError", "htmx:afterRequest")
    text = "断网时写的记录，回来再存。"
    officer = world.person(Role.OFFICER)
    firm = world.company("示例断线电缆有限公司")
    world.lead("示例断线电缆项目", officer, firm)
    page = page_at(1366, officer)
    _open(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="企业").press_sequentially("断线电缆")
    dialog.get_by_role("option", name="示例断线电缆有限公司").click()
    expect(dialog.get_by_label("线索", exact=True)).to_be_visible()
    _type(page, text)
    page.context.set_offline(True)
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("没有连上服务器")
    expect(dialog.get_by_label("内容")).to_have_value(text)
    assert world.count_notes(text) == 0
    page.context.set_offline(False)
    dialog.get_by_role("button", name="重试").click()
    expect(page.locator(".toast-line").filter(has_text="已记录")).to_be_visible()
    assert world.count_notes(text) == 1
    _open(page)
    expect(page.get_by_role("dialog").get_by_label("内容")).to_have_value("")


def test_a_stale_tab_keeps_what_was_typed_after_a_sign_out(
    page_at: Callable[..., Page], world: World, problems: Problems
) -> None:
    problems.expect_status(401)
    text = "另一个页面已经退出，这里还在写。"
    officer = world.person(Role.OFFICER)
    lead_id = world.lead("示例旧页面项目", officer, world.company("示例旧页面材料有限公司"))
    page = page_at(1366, officer)
    page.goto(f"/leads/{lead_id}/edit")
    page.get_by_label("项目概况").fill(text)
    elsewhere = page.context.new_page()
    elsewhere.goto("/account")
    elsewhere.locator("summary.who-btn").click()
    elsewhere.get_by_role("button", name="退出登录").click()
    expect(elsewhere).to_have_title("登录 · 徐州经开区招商")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("您已退出登录")
    expect(page.get_by_label("项目概况")).to_have_value(text)


def test_a_stale_tab_without_script_keeps_what_was_typed(
    page_at: Callable[..., Page], world: World, problems: Problems
) -> None:
    problems.expect_status(401)
    text = "没有脚本的旧页面，也不能丢字。"
    officer = world.person(Role.OFFICER)
    lead_id = world.lead("示例无脚本项目", officer, world.company("示例无脚本材料有限公司"))
    page = page_at(1366, officer, java_script_enabled=False)
    page.goto(f"/leads/{lead_id}/edit")
    page.get_by_label("项目概况").fill(text)
    page.context.clear_cookies()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="您填写的内容")).to_be_visible()
    assert text in [box.input_value() for box in page.locator("textarea").all()]
