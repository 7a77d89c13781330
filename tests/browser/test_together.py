"""Saving once, and two people at one record."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from crm.core.permissions import Role
from crm.leads.models import Lead
from tests.browser.world import World
from tests.support.pages import Problems


def test_a_double_click_on_save_saves_once(page_at: Callable[..., Page], world: World) -> None:
    text = "双击保存的记录只留一条。"
    officer = world.person(Role.OFFICER)
    lead_id = world.lead("示例双击项目", officer, world.company("示例双击轴承有限公司"))
    page = page_at(1366, officer)
    page.goto(f"/log/new?lead={lead_id}")
    page.get_by_label("内容").fill(text)
    page.get_by_role("button", name="保存").dblclick()
    expect(page.locator(".toast-line").filter(has_text="已记录")).to_be_visible()
    assert world.count_notes(text) == 1


def test_a_form_sent_again_saves_once(page_at: Callable[..., Page], world: World) -> None:
    """Without script the key in the form is what holds."""
    text = "返回后再点一次保存，也只留一条。"
    officer = world.person(Role.OFFICER)
    lead_id = world.lead("示例重发项目", officer, world.company("示例重发轴承有限公司"))
    page = page_at(1366, officer, java_script_enabled=False)
    page.goto(f"/log/new?lead={lead_id}")
    key = page.locator("main input[name=submission_key]").get_attribute("value")
    for _time in range(2):
        page.goto(f"/log/new?lead={lead_id}")
        form = page.locator("main form")
        body = {
            "csrf_token": form.locator("input[name=csrf_token]").get_attribute("value") or "",
            "submission_key": key or "",
            "text": text,
            "lead": str(lead_id),
        }
        assert page.request.post("/log/new", form=body).ok
    assert world.count_notes(text) == 1


def test_the_second_of_two_editors_sees_both_versions_and_chooses(
    page_at: Callable[..., Page], world: World, problems: Problems
) -> None:
    problems.expect_status(412)
    first, second = world.person(Role.OFFICER), world.person(Role.TEAM_LEAD)
    lead_id = world.lead("示例同改项目", first, world.company("示例同改铸造有限公司"))
    pages = page_at(1366, first), page_at(1366, second)
    for page in pages:
        page.goto(f"/leads/{lead_id}/edit")
    early, late = pages
    early.get_by_label("行业", exact=True).fill("铸造")
    early.get_by_label("主要产品").fill("阀体")
    early.get_by_role("button", name="保存").click()
    expect(early).to_have_url(re.compile(f"/leads/{lead_id}$"))
    late.get_by_label("行业", exact=True).fill("精密铸造")
    late.get_by_label("主要产品").fill("泵壳")
    late.get_by_role("button", name="保存").click()
    table = late.locator("table.conflict")
    expect(table).to_be_visible()
    expect(late.get_by_role("main")).to_contain_text(first.name)
    industry = table.get_by_role("row").filter(has=late.get_by_role("rowheader", name="行业"))
    product = table.get_by_role("row").filter(has=late.get_by_role("rowheader", name="主要产品"))
    expect(product).to_contain_text("阀体")
    expect(product).to_contain_text("泵壳")
    product.get_by_label("阀体").check()
    industry.get_by_label("精密铸造").check()
    late.get_by_role("button", name="按选择保存").click()
    expect(late.locator(".toast-line").filter(has_text="已保存")).to_be_visible()
    assert world.get(Lead, lead_id, "industry", "product") == ("精密铸造", "阀体")
