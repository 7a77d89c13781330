"""The desk: what is due, whose it is, what the viewer may know of it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.core.notices import Notice
from crm.core.permissions import Visibility
from crm.leads.kinds import AssignmentKind
from crm.leads.models import Assignment
from tests.integration.interactions.world import World
from tests.support.clients import Client

TODAY = date(2026, 11, 24)
SignIn = Callable[..., Client]


def due(world: World, words: str, days: int, **values: object) -> None:
    """A next step that is due so many days from today, agreed a month ago."""
    world.log(
        next_step=words,
        next_on=TODAY + timedelta(days=days),
        occurred_on=TODAY - timedelta(days=30),
        **values,
    )


def test_roles_without_a_desk_are_sent_to_their_first_page(world: World, as_user: SignIn) -> None:
    for person in (world.reviewer, world.admin, world.auditor):
        answer = as_user(user=person).get("/")
        assert answer.status_code == 303
        assert answer.location != "/"
    for person in (world.officer, world.team_lead, world.manager):
        assert as_user(user=person).get("/").status_code == 200


def test_an_empty_desk_says_what_belongs_there(world: World, as_user: SignIn) -> None:
    page = as_user(user=world.officer).get("/").text
    assert "本周没有要做的下一步" in page
    assert "还没有正在推进的线索" in page
    assert "0 项逾期，0 项今天到期，0 条线索待首次响应" in page


def test_steps_are_grouped_and_counted(world: World, as_user: SignIn) -> None:
    due(world, "逾期四天", -4)
    due(world, "今天要做", 0)
    due(world, "周日要做", 5)
    due(world, "下周一做", 6)
    page = as_user(user=world.officer).get("/").text
    places = [page.index(words) for words in ("逾期四天", "今天要做", "周日要做")]
    assert places == sorted(places)
    assert "下周一做" not in page
    assert "逾期 2 个工作日" in page
    assert "查看全部 4 项" in page
    assert "1 项逾期，1 项今天到期" in page


def test_steps_of_the_team_are_one_press_away(world: World, as_user: SignIn) -> None:
    due(world, "同事的事", 0, by=world.colleague)
    due(world, "外科室的事", 0, by=world.stranger)
    browser = as_user(user=world.officer)
    assert "同事的事" not in browser.get("/").text
    page = browser.get("/?scope=team").text
    assert "同事的事" in page
    assert "外科室的事" not in page.split('id="h-feed"')[0]
    zone = as_user(user=world.manager).get("/?scope=team").text
    assert "同事的事" in zone
    assert "外科室的事" in zone


def test_hidden_leads_leave_no_trace_on_a_colleagues_desk(world: World, as_user: SignIn) -> None:
    secret = world.lead(title="绝密项目", visibility=Visibility.CONFIDENTIAL)
    due(world, "绝密的一步", 0, lead_id=secret.id)
    world.session.add(
        Assignment(
            lead_id=secret.id, kind=AssignmentKind.ASSIGN, to_owner_id=world.officer.id,
            to_team_id=world.team.id, by_id=world.team_lead.id,
        )
    )  # fmt: skip
    world.session.add(
        Notice(user_id=world.colleague.id, text="绝密的通知", lead_id=secret.id, url="/")
    )
    world.session.commit()
    assert "绝密" in as_user(user=world.team_lead).get("/?scope=team").text
    for address in ("/", "/?scope=team"):
        page = as_user(user=world.colleague).get(address).text
        assert "绝密" not in page
        assert "0 项逾期，0 项今天到期" in page


def test_leads_show_their_light_in_words(world: World, as_user: SignIn) -> None:
    world.lead(title="很久没动", received_on=TODAY - timedelta(days=100))
    world.lead(title="刚收到", received_on=TODAY)
    page = as_user(user=world.officer).get("/").text
    assert page.index("很久没动") < page.index("刚收到")
    assert "停留 100 天" in page
    assert "2 条 · 红 1 · 黄 0" in page


def test_new_leads_show_their_response_clock(world: World, as_user: SignIn) -> None:
    world.lead(title="新线索", received_on=TODAY)
    page = as_user(user=world.officer).get("/").text
    assert "首次响应还有 1 个工作日" in page
    assert "1 条线索待首次响应" in page


def test_a_step_is_ticked_off_and_taken_back(world: World, as_user: SignIn) -> None:
    note = world.log(next_step="寄样品", next_on=TODAY)
    browser = as_user(user=world.officer)
    answer = browser.post(f"/log/{note.id}/done", data={"back": "/?scope=team"})
    assert answer.location == "/?scope=team"
    page = browser.get("/").text
    assert "今天已完成 1 项" in page
    browser.post(f"/log/{note.id}/undo", data={"back": "/"})
    assert "今天已完成" not in browser.get("/").text


def test_notices_are_read_one_by_one_and_all_at_once(world: World, as_user: SignIn) -> None:
    lead = world.lead()
    note = world.log(world.stranger, lead_id=lead.id)
    world.log(world.colleague, lead_id=lead.id)
    browser = as_user(user=world.officer)
    assert "2 条未读" in browser.get("/").text
    first = world.session.scalars(select(Notice).order_by(Notice.id)).first()
    assert first is not None
    other = as_user(user=world.stranger)
    assert other.post(f"/notices/{first.id}").status_code == 404
    assert first.read_at is None
    answer = browser.post(f"/notices/{first.id}")
    assert answer.location == f"/interactions/{note.id}"
    assert "1 条未读" in browser.get("/").text
    other.post("/notices")
    assert "1 条未读" in browser.get("/").text
    browser.post("/notices")
    assert "条未读" not in browser.get("/").text


def test_the_feed_shows_what_the_team_did(world: World, as_user: SignIn) -> None:
    lead = world.lead()
    world.log(world.colleague, text="同事的记录", lead_id=lead.id)
    world.log(world.stranger, text="外科室的记录")
    world.session.add(
        Assignment(
            lead_id=lead.id, kind=AssignmentKind.ASSIGN, to_owner_id=world.officer.id,
            to_team_id=world.team.id, by_id=world.team_lead.id,
        )
    )  # fmt: skip
    world.session.commit()
    feed = as_user(user=world.officer).get("/").text.split('id="h-feed"')[1]
    assert "同事的记录" in feed
    assert "外科室的记录" not in feed
    assert "分派" in feed


@pytest.mark.parametrize("address", ["/", "/?scope=team"])
def test_statements_do_not_grow_with_rows(
    world: World, as_user: SignIn, count_statements, address: str
) -> None:
    lead = world.lead()
    due(world, "一步", 0, lead_id=lead.id)
    world.log(world.stranger, lead_id=lead.id)
    browser = as_user(user=world.officer)
    browser.get(address)
    with count_statements() as few:
        browser.get(address)
    for number in range(8):
        more = world.lead(title=f"第{number}条", company=world.firm(f"示例第{number}家"))
        due(world, f"第{number}步", -number, lead_id=more.id)
        world.log(world.stranger, lead_id=more.id)
    with count_statements() as many:
        browser.get(address)
    assert many.total <= few.total + 2, many
    assert many.total <= 32, many
