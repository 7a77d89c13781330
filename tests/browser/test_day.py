"""The officer's whole day, on a desk and on a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.companies.kinds import DecisionRole
from crm.core.permissions import Role, Visibility
from crm.leads.models import Lead
from crm.leads.stages import Stage
from tests.browser.world import PASSWORD, Person, World

PLACES = {1366: "铜山", 390: "贾汪"}
# Two characters that stand in no other text, so that search must find this note and no other.
RARE = {1366: "钐铕", 390: "钬铒"}


@dataclass(frozen=True)
class Day:
    """What the officer finds in the morning."""

    width: int
    officer: Person
    firm: str
    lead_id: int
    title: str
    due: str
    half_name: str
    hidden_title: str
    rare: str

    @property
    def is_phone(self) -> bool:
        """Whether the screen is a phone's."""
        return self.width < 700


@pytest.fixture(params=[1366, 390])
def day(request: pytest.FixtureRequest, world: World) -> Day:
    """A firm with a lead of the officer's own, and one that another team keeps to itself."""
    width: int = request.param
    place = PLACES[width]
    officer = world.person(Role.OFFICER, "项目一科")
    other = world.person(Role.OFFICER, "项目二科")
    firm = f"示例{place}河畔隔膜科技有限公司"
    company_id = world.company(firm)
    world.contact(company_id, name="示例周总", decision_role=DecisionRole.DECIDES)
    title, hidden = f"示例{place}隔膜一期", f"示例{place}保密扩建"
    lead_id = world.lead(title, officer, company_id, stage=Stage.CONTACTED)
    world.lead(hidden, other, company_id, visibility=Visibility.CONFIDENTIAL)
    due = f"给{place}送选址方案"
    world.note(officer, lead_id, "电话里约好先看地块。", next_step=due, next_on=world.today())
    return Day(width, officer, firm, lead_id, title, due, f"{place}河畔", hidden, RARE[width])


def test_the_officers_day(day: Day, page_at: Callable[..., Page], world: World) -> None:
    page = page_at(day.width)
    _sign_in(page, day.officer)
    _see_what_is_due(page, day)
    _log_a_visit(page, day, world)
    _move_the_lead_on(page, day, world)
    _find_the_note_again(page, day)


def _sign_in(page: Page, person: Person) -> None:
    page.goto("/")
    expect(page).to_have_title("登录 · 徐州经开区招商")
    page.get_by_label("用户名").fill(person.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("工作台")


def _see_what_is_due(page: Page, day: Day) -> None:
    due = page.get_by_role("main").get_by_text(day.due).first
    expect(due).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(day.title)
    expect(page.get_by_role("main")).not_to_contain_text(day.hidden_title)


def _log_a_visit(page: Page, day: Day, world: World) -> None:
    form = _open_log(page, day)
    form.get_by_role("combobox", name="企业").press_sequentially(day.half_name)
    expect(form.get_by_role("option", name=day.firm)).to_be_visible()
    notice = form.locator(".collision")
    expect(notice).to_contain_text("已有科室在接洽")
    expect(notice).to_contain_text("项目二科")
    expect(notice).not_to_contain_text(day.hidden_title)
    form.get_by_role("option", name=day.firm).click()
    expect(form.get_by_label("线索", exact=True)).to_have_value(str(day.lead_id))
    text = f"到企业看了厂房，总投资3.5亿元，问了{day.rare}废水能不能接。"
    form.get_by_label("内容").fill(text)
    chip = form.locator(".parsed").get_by_role("button", name="3.5亿")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    form.locator("label").filter(has_text="走出去").click()
    tomorrow = world.today() + timedelta(days=1)
    form.get_by_label("下一步", exact=True).fill("请生态环境部门一起看")
    form.get_by_label("下一步日期").fill(tomorrow.isoformat())
    form.get_by_role("button", name="保存").click()
    expect(page.locator(".toast-line").filter(has_text="已记录")).to_be_visible()
    assert world.count_notes(day.rare) == 1


def _open_log(page: Page, day: Day) -> Locator:
    """By the key on a desk, by the button under the thumb on a phone."""
    if day.is_phone:
        page.get_by_role("navigation", name="底部导航").get_by_role("link", name="记一条").click()
        form = page.locator("form[data-draft='interaction:new']")
    else:
        page.keyboard.press("c")
        form = page.get_by_role("dialog", name="记一条").locator("form")
    expect(form.get_by_role("combobox", name="企业")).to_be_focused()
    return form


def _move_the_lead_on(page: Page, day: Day, world: World) -> None:
    page.goto(f"/leads/{day.lead_id}")
    gate = page.locator("#gate-list")
    expect(page.get_by_role("heading", name="进入深度洽谈，还差 2 项")).to_be_visible()
    assert world.get(Lead, day.lead_id, "investment_wan_cny") == (35000,)
    gate.get_by_role("listitem").filter(has_text="产业链节点或行业").get_by_role(
        "link", name="填写"
    ).click()
    expect(page.get_by_label("产业链节点", exact=True)).to_be_in_viewport()
    page.get_by_label("行业", exact=True).fill("锂电池隔膜")
    page.get_by_role("button", name="保存").click()
    gate.get_by_role("listitem").filter(has_text="用地方式").get_by_role(
        "button", name="暂不能提供"
    ).click()
    expect(gate).to_contain_text("用地方式 · 暂不能提供")
    expect(page.get_by_role("heading", name="可以进入深度洽谈").first).to_be_visible()
    if day.is_phone:
        page.get_by_label("更多操作").click()
        page.get_by_role("link", name="改阶段").click()
    else:
        page.get_by_role("link", name="推进到深度洽谈").click()
        page.get_by_role("dialog").get_by_role("link", name="推进").click()
    page.get_by_role("button", name="确认").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("深度洽谈")
    assert world.get(Lead, day.lead_id, "stage") == (Stage.NEGOTIATING,)


def _find_the_note_again(page: Page, day: Day) -> None:
    page.goto("/search")
    page.get_by_label("搜索全部记录").fill(day.rare)
    hits = page.locator(".hits > li")
    expect(hits).to_have_count(1)
    expect(hits.locator("mark").first).to_have_text(day.rare)
    hits.get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text(f"问了{day.rare}废水能不能接")
