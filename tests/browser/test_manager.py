"""The manager's morning: the funnel, the rows behind a number, and the board."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm.core.permissions import Role
from crm.leads.models import Lead
from crm.leads.stages import Stage
from tests.browser.world import Person, World
from tests.support.pages import Problems, axe


@pytest.fixture(scope="module")
def manager(world: World) -> Person:
    """Someone who sees the whole zone."""
    return world.person(Role.MANAGER)


def test_a_number_of_the_funnel_opens_its_rows(
    page_at: Callable[..., Page], manager: Person
) -> None:
    page = page_at(1366, manager)
    page.goto("/funnel/")
    row = page.get_by_role("row", name="初步接洽").first
    count = row.get_by_role("link").first.inner_text()
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("初步接洽：进入")
    expect(page.get_by_role("main")).to_contain_text(f"{count} 条")
    page.go_back()
    page.get_by_label("转化期").select_option("30")
    expect(page.locator("#funnel-view")).to_contain_text("30 天内转化")
    page.get_by_role("link", name="负责人", exact=True).click()
    expect(page.get_by_role("columnheader", name="负责人").first).to_be_visible()
    assert "within_days=30" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="图片").click()
    assert download.value.suggested_filename.endswith(".svg")


def test_a_card_is_dragged_through_the_gate(
    page_at: Callable[..., Page], world: World, manager: Person, problems: Problems
) -> None:
    officer = world.person(Role.OFFICER, "示例看板组")
    company_id = world.company("示例看板电机有限公司")
    lead_id = world.lead("示例看板项目", officer, company_id, stage=Stage.CONTACTED)
    problems.expect_status(409)
    page = page_at(1366, manager)
    page.goto("/leads/board?q=示例看板")
    expect(page.locator("[data-lane=contacted] [data-card]")).to_have_count(1)
    _drag(page, lead_id, "negotiating")
    dialog = page.get_by_role("dialog", name="改阶段")
    expect(dialog).to_contain_text("还差")
    axe(page, scope="#move-dialog")
    expect(page.locator("[data-lane=contacted] [data-card]")).to_have_count(1)
    dialog.get_by_label("原因").fill("示例：分管领导同意先行洽谈")
    dialog.get_by_role("button", name="确认").click()
    expect(page.locator(".toast-line")).to_contain_text("已进入“深度洽谈”")
    expect(page.locator("[data-lane=negotiating] [data-card]")).to_have_count(1)
    expect(dialog).to_be_hidden()
    assert world.get(Lead, lead_id, "stage") == (Stage.NEGOTIATING,)


def test_without_dragging_a_button_does_the_same(
    page_at: Callable[..., Page], world: World, manager: Person
) -> None:
    officer = world.person(Role.OFFICER, "示例移到组")
    company_id = world.company("示例移到轴承有限公司")
    world.lead("示例移到项目", officer, company_id, stage=Stage.CONTACTED)
    page = page_at(390, manager)
    page.goto("/leads/board?q=示例移到")
    page.get_by_role("link", name="示例移到项目 移到其他阶段").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("改阶段")


def _drag(page: Page, lead_id: int, lane: str) -> None:
    """By hand: the library listens to the pointer and not to the drop of the browser."""
    card = page.locator(f'[data-card="{lead_id}"]').bounding_box()
    target = page.locator(f"[data-lane={lane}]").bounding_box()
    assert card is not None
    assert target is not None
    page.mouse.move(card["x"] + 60, card["y"] + 40)
    page.mouse.down()
    page.mouse.move(card["x"] + 90, card["y"] + 50, steps=5)
    page.mouse.move(target["x"] + 80, target["y"] + 40, steps=10)
    page.wait_for_timeout(300)
    page.mouse.up()
