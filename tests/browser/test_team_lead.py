"""The team lead shares out, hands over and overrides a gate."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from crm.core.permissions import Role
from crm.leads.models import Lead
from crm.leads.stages import Stage
from tests.browser.world import Person, World

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Team:
    """A team of its own, so that nothing else stands in its lists."""

    lead: Person
    leaver: Person
    heir: Person
    page: Page


@pytest.fixture
def team(page_at: Callable[..., Page], world: World) -> Team:
    """A team lead at their desk, with two officers."""
    name = f"示例{next(_numbers)}组"
    people = [world.person(role, name) for role in (Role.TEAM_LEAD, Role.OFFICER, Role.OFFICER)]
    return Team(*people, page=page_at(1366, people[0]))


def _choose(page: Page, person: Person) -> None:
    page.get_by_role("main").get_by_role("combobox").press_sequentially(person.name)
    page.get_by_role("option", name=person.name).first.click()


def test_leads_are_shared_out_in_one_go(team: Team, world: World) -> None:
    company_id = world.company("示例大黄山阀门有限公司")
    ids = [world.lead(title, team.leaver, company_id) for title in ("示例大黄山一", "示例大黄山二")]
    page = team.page
    page.goto("/leads/?q=大黄山")
    page.get_by_label("全选本页").check()
    expect(page.get_by_role("region", name="批量操作")).to_contain_text("已选 2 条")
    page.get_by_role("region", name="批量操作").get_by_role("button", name="分派").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("分派 2 条线索")
    _choose(page, team.heir)
    page.get_by_role("main").get_by_role("button", name="分派").click()
    expect(page.locator(".toast-line")).to_contain_text("2 条线索已交由")
    assert [world.get(Lead, one, "owner_id") for one in ids] == [(team.heir.id,)] * 2


def test_a_lead_is_handed_over_with_its_pack(team: Team, world: World) -> None:
    company_id = world.company("示例青山泉泵业有限公司")
    lead_id = world.lead("示例青山泉项目", team.leaver, company_id, stage=Stage.CONTACTED)
    step = "带青山泉看三号地块"
    world.note(team.leaver, lead_id, "约了看地。", next_step=step, next_on=world.today())
    page = team.page
    page.goto(f"/leads/{lead_id}")
    page.get_by_label("更多操作").click()
    page.get_by_role("link", name="交接").click()
    expect(page.get_by_role("main")).to_contain_text(step)
    expect(page.get_by_role("main")).to_contain_text("约了看地")
    _choose(page, team.heir)
    page.get_by_role("main").get_by_role("button", name="交接").click()
    expect(page.locator(".toast-line")).to_contain_text("已交接 1 条线索、1 个下一步")
    assert world.get(Lead, lead_id, "owner_id", "registrar_id") == (team.heir.id, team.leaver.id)


def test_a_gate_is_overridden_with_a_reason(
    team: Team, page_at: Callable[..., Page], world: World
) -> None:
    company_id = world.company("示例柳新电机有限公司")
    lead_id = world.lead("示例柳新项目", team.leaver, company_id, stage=Stage.CONTACTED)
    officers = page_at(1366, team.leaver)
    officers.goto(f"/leads/{lead_id}/advance?to=negotiating")
    expect(officers.get_by_role("main")).to_contain_text("确需越级，由科室负责人办理")
    page = team.page
    page.goto(f"/leads/{lead_id}")
    page.get_by_role("link", name="推进到深度洽谈").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还差")
    dialog.get_by_role("link", name="越级推进").click()
    page.get_by_label("原因").fill("主要领导已与企业面谈，先行推进。")
    page.get_by_role("button", name="确认").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("深度洽谈")
    expect(page.get_by_role("main")).to_contain_text("主要领导已与企业面谈")
    assert world.get(Lead, lead_id, "stage") == (Stage.NEGOTIATING,)
