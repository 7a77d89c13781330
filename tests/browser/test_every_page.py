"""Every page of every role: no error, nothing to find for axe, nothing wider than the screen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from crm.companies.kinds import DecisionRole
from crm.core.permissions import Role
from crm.leads.stages import Stage
from tests.browser.world import Person, World
from tests.support.pages import axe

SHARE = 10
WIDTHS = {390: 844, 1366: 768, 1920: 1080}

OFFICER = {
    "/", "/search", "/search?q=废水", "/search?q=没有这样的词组", "/search/saved", "/leads/", "/leads/?q=没有这样的词组",
    "/leads/board", "/leads/board?q=没有这样的词组", "/leads/claim", "/leads/new", "/leads/next-step?ids={lead}", "/leads/{lead}", "/leads/{lead}?show=changes",
    "/leads/{lead}/edit", "/leads/{lead}/advance", "/leads/{lead}/status", "/companies/",
    "/companies/?q=没有这样的词组", "/companies/new", "/companies/{company}",
    "/companies/{company}/edit", "/companies/{company}/contacts/new",
    "/companies/{company}/contacts/{contact}/edit", "/interactions/", "/interactions/{note}",
    "/interactions/?q=没有这样的词组", "/log/new", "/log/new?lead={lead}", "/log/{note}/edit",
    "/exchange/import", "/account", "/account/password",
}  # fmt: skip
TEAM_LEAD = {
    "/?scope=team", "/leads/", "/leads/{lead}/assign", "/leads/assign?ids={lead}",
    "/leads/{lead}/hand-over", "/leads/hand-over?from={person}", "/leads/{lead}/appraisal",
    "/leads/{lead}/advance?to=appraising", "/companies/{company}/merge",
}  # fmt: skip
PAGES: dict[Role, set[str]] = {
    Role.OFFICER: OFFICER,
    Role.TEAM_LEAD: TEAM_LEAD,
    Role.MANAGER: {
        "/", "/funnel/", "/funnel/?by=honour&within_days=", "/funnel/?from=2020-01-01&to=2020-02-01",
        "/funnel/rows?stage=identified&figure=entered", "/leads/board", "/admin/settings", "/admin/settings/calendar", "/admin/settings/synonyms",
        "/exchange/export",
    },
    Role.REVIEWER: {"/search", "/funnel/", "/leads/board", "/leads/{lead}", "/companies/{company}"},
    Role.ADMIN: {
        "/admin/users", "/admin/users/new", "/admin/users/{person}", "/admin/teams",
        "/admin/settings", "/admin/search", "/account",
    },
    Role.AUDITOR: {"/admin/audit", "/account"},
}  # fmt: skip
# Parts of pages, files, answers for scripts: nobody reads them as a page.
NO_PAGES = {
    "static", "account.people_json", "auth.session_state", "chains.nodes_json",
    "companies.duplicates", "companies.row", "companies.typeahead", "contact_log.context",
    "contact_log.quick", "exchange.errors", "exchange.template", "find.open_saved", "find.suggest_json", "funnel.picture",
    "health.figures", "health.live", "health.ready", "interactions.attachment", "leads.amount",
    "leads.collisions",
}  # fmt: skip
# Opened elsewhere: the sign-in page by a test below, an import at each step by test_import.py.
OTHERWISE = {"auth.sign_in", "exchange.show"}
MAIN = (
    "/",
    "/leads/",
    "/leads/{lead}",
    "/companies/{company}",
    "/interactions/",
    "/search?q=废水",
    "/log/new",
)


@dataclass(frozen=True)
class Cast:
    """One person of each role, and a lead with everything on it."""

    people: dict[Role, Person]
    ids: dict[str, int] = field(default_factory=dict)

    def path(self, pattern: str) -> str:
        """The address with the ids of this cast's records."""
        return pattern.format(**self.ids)


@pytest.fixture(scope="module")
def cast(world: World) -> Cast:
    """A full record of each kind, so that no part of a page is left out."""
    people = {
        role: world.person(role, None if role in (Role.ADMIN, Role.AUDITOR) else "示例检视科")
        for role in Role
        if role is not Role.MANAGER
    }
    people[Role.MANAGER] = world.person(Role.MANAGER, None, can_export=True)
    officer = people[Role.OFFICER]
    company = world.company(
        "示例检视复合材料股份有限公司", short_name="示例检视", products="预浸料、碳纤维织物"
    )
    contact = world.contact(company, decision_role=DecisionRole.DECIDES)
    lead = world.lead("示例检视碳纤维项目", officer, company, stage=Stage.NEGOTIATING)
    yesterday = world.today() - timedelta(days=3)
    note = world.note(
        officer, lead, "看了厂房，谈了废水。", next_step="带去看污水厂", next_on=yesterday
    )
    ids = {
        "lead": lead, "company": company, "contact": contact, "note": note, "person": officer.id,
    }  # fmt: skip
    return Cast(people, ids)


def test_no_page_is_forgotten(world: World, cast: Cast) -> None:
    adapter = world.app.url_map.bind("")
    seen = set()
    for patterns in PAGES.values():
        for pattern in patterns:
            path = cast.path(pattern).partition("?")[0]
            seen.add(adapter.match(path, method="GET")[0])
    wanted = {
        rule.endpoint
        for rule in world.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not str(rule).startswith("/api/")
    }
    assert wanted - seen == NO_PAGES | OTHERWISE


def _shares() -> list[tuple[Role, list[str]]]:
    """The pages of each role in shares of about the same size, for workers side by side."""
    return [
        (role, sorted(patterns)[start : start + SHARE])
        for role, patterns in PAGES.items()
        for start in range(0, len(patterns), SHARE)
    ]


@pytest.mark.parametrize(("role", "patterns"), _shares())
def test_pages_are_sound_at_every_width(
    role: Role, patterns: list[str], cast: Cast, page_at: Callable[..., Page]
) -> None:
    page = page_at(1366, cast.people[role])
    faults = []
    for pattern in patterns:
        page.goto(cast.path(pattern))
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            wider = overflow(page)
            if wider:
                faults.append(f"{pattern} at {width}: {wider}")
            if width == 1366 or (width == 390 and pattern in MAIN):
                faults += found_by_axe(page, f"{pattern} at {width}")
    assert not faults, "\n".join(faults)


def test_main_pages_are_sound_in_the_dark(cast: Cast, page_at: Callable[..., Page]) -> None:
    page = page_at(1366, cast.people[Role.OFFICER], color_scheme="dark")
    faults = []
    for pattern in MAIN:
        page.goto(cast.path(pattern))
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        faults += found_by_axe(page, f"{pattern} in the dark")
    assert not faults, "\n".join(faults)


def test_dialogs_are_sound(cast: Cast, page_at: Callable[..., Page]) -> None:
    page = page_at(1366, cast.people[Role.TEAM_LEAD])
    page.goto(cast.path("/leads/{lead}"))
    page.keyboard.press("Control+k")
    page.keyboard.type("示例检视")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    axe(page, scope="dialog[open]")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("c")
    page.get_by_role("dialog").get_by_role("combobox", name="企业").press_sequentially("示例检视")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    axe(page, scope="dialog[open]")
    page.reload()
    page.get_by_role("link", name="推进到评审会商").click()
    axe(page, scope="dialog[open]")


def test_the_sign_in_page_is_sound(page_at: Callable[..., Page]) -> None:
    page = page_at(390)
    page.goto("/")
    expect(page).to_have_title("登录 · 徐州经开区招商")
    assert not overflow(page)
    axe(page)


def test_a_page_that_is_not_there_is_sound(
    cast: Cast, page_at: Callable[..., Page], problems
) -> None:
    problems.expect_status(404)
    page = page_at(390, cast.people[Role.OFFICER])
    page.goto("/leads/99999999")
    expect(page.get_by_role("heading", level=2)).to_have_text("没有这条记录")
    assert not overflow(page)
    axe(page)


def overflow(page: Page) -> str:
    """What sticks out of the screen sideways; empty where the page does not scroll that way."""
    found: str = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return "";
            const out = [...document.body.querySelectorAll("*")]
                .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
                .slice(0, 3)
                .map((one) => one.outerHTML.slice(0, 80));
            return `${root.scrollWidth - root.clientWidth} px: ${out.join(" | ")}`;
        }"""
    )
    return found


def found_by_axe(page: Page, where: str) -> list[str]:
    """Violations as lines, so that all pages of a role are told of at once."""
    try:
        axe(page)
    except AssertionError as error:
        return [f"{where}: {error}"]
    return []
