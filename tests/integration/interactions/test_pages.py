"""The pages of interactions: logging, reading, editing, steps."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.companies.models import Company, Contact
from crm.core.permissions import Visibility
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.models import Interaction, InteractionRevision
from tests.integration.interactions.world import World
from tests.support.clients import Client

TODAY = date(2026, 11, 24)
HTMX = {"HX-Request": "true"}
SignIn = Callable[..., Client]


@pytest.fixture
def browser(world: World, as_user: SignIn) -> Client:
    """The officer's browser."""
    return as_user(user=world.officer)


def count(world: World) -> int:
    return world.session.scalar(select(func.count(Interaction.id))) or 0


def entry(world: World, **values: Any) -> dict[str, Any]:
    """The three fields of the quick form."""
    return {
        "company": world.company.id,
        "company_text": world.company.name,
        "text": "对方要200亩。",
        "next_step": "陪同看地",
        "next_on": "2026-11-26",
        "submission_key": "key-1",
        **values,
    }


class TestQuickLog:
    def test_three_fields_are_enough(self, world: World, browser: Client) -> None:
        answer = browser.post("/log/quick", data=entry(world), headers=HTMX)
        assert answer.status_code == 200
        events = json.loads(answer.headers["HX-Trigger"])
        assert events["toast"] == "已记录，下一步 2026-11-26。"
        assert events["dialog-close"] is True
        note = world.session.scalars(select(Interaction)).one()
        assert (note.kind, note.occurred_on) == (InteractionKind.NOTE, TODAY)
        assert (note.next_step, note.next_on) == ("陪同看地", date(2026, 11, 26))
        assert note.author_id == world.officer.id
        # The form that comes back is a fresh one.
        assert "对方要200亩" not in answer.text
        assert "key-1" not in answer.text

    def test_without_script_it_leads_back_to_where_the_person_was(
        self, world: World, browser: Client
    ) -> None:
        answer = browser.post("/log/quick", data=entry(world, back="/leads/?q=a"))
        assert (answer.status_code, answer.location) == (303, "/leads/?q=a")
        elsewhere = entry(world, back="//evil.example/", submission_key="key-2")
        answer = browser.post("/log/quick", data=elsewhere)
        assert answer.location.startswith("/interactions/")

    def test_a_double_click_saves_once(self, world: World, browser: Client) -> None:
        for _ in range(2):
            answer = browser.post("/log/quick", data=entry(world), headers=HTMX)
            assert answer.status_code == 200
        assert count(world) == 1

    def test_the_only_open_lead_is_taken(self, world: World, browser: Client) -> None:
        lead = world.lead()
        world.lead(title="看不见", visibility=Visibility.CONFIDENTIAL, owner=world.stranger)
        browser.post("/log/quick", data=entry(world), headers=HTMX)
        assert lead.contact_count == 1

    def test_of_several_leads_one_is_chosen(self, world: World, browser: Client) -> None:
        first, second = world.lead(title="一期"), world.lead(title="二期")
        answer = browser.post("/log/quick", data=entry(world), headers=HTMX)
        assert answer.status_code == 422
        assert "2 条在谈线索" in answer.text
        assert "对方要200亩" in answer.text
        assert count(world) == 0
        browser.post("/log/quick", data=entry(world, lead=second.id), headers=HTMX)
        assert (first.contact_count, second.contact_count) == (0, 1)
        none = entry(world, lead="0", submission_key="key-2")
        browser.post("/log/quick", data=none, headers=HTMX)
        assert count(world) == 2
        assert second.contact_count == 1

    def test_a_hidden_lead_is_refused_like_one_that_does_not_exist(
        self, world: World, browser: Client
    ) -> None:
        hidden = world.lead(visibility=Visibility.CONFIDENTIAL, owner=world.stranger)
        answers = [
            browser.post("/log/quick", data=entry(world, lead=lead_id), headers=HTMX)
            for lead_id in (hidden.id, 987654)
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert all("没有这条线索" in answer.text for answer in answers)
        assert hidden.title not in answers[0].text
        assert count(world) == 0

    def test_a_typed_name_finds_its_firm_or_makes_a_new_one(
        self, world: World, browser: Client
    ) -> None:
        typed = entry(world, company="", company_text="示例北辰液压")
        browser.post("/log/quick", data=typed, headers=HTMX)
        note = world.session.scalars(select(Interaction)).one()
        assert [company.id for company in note.companies] == [world.company.id]
        fresh = entry(
            world, company="", company_text="示例云岭结构有限公司", submission_key="key-2"
        )
        browser.post("/log/quick", data=fresh, headers=HTMX)
        assert world.session.scalars(select(Company.name).order_by(Company.id)).all() == [
            "示例北辰液压有限公司",
            "示例云岭结构有限公司",
        ]

    def test_a_similar_name_is_asked_about(self, world: World, browser: Client) -> None:
        near = entry(world, company="", company_text="示例北辰液压股份有限公司")
        answer = browser.post("/log/quick", data=near, headers=HTMX)
        assert answer.status_code == 422
        assert "示例北辰液压有限公司" in answer.text
        assert 'name="may_create"' in answer.text
        assert count(world) == 0
        sure = browser.post("/log/quick", data={**near, "may_create": "y"}, headers=HTMX)
        assert sure.status_code == 200
        assert world.session.scalar(select(func.count(Company.id))) == 2

    def test_a_changed_text_counts_more_than_the_id_beside_it(
        self, world: World, browser: Client
    ) -> None:
        other = world.firm("示例恒履底盘有限公司")
        changed = entry(world, company_text="示例恒履底盘有限公司")
        browser.post("/log/quick", data=changed, headers=HTMX)
        note = world.session.scalars(select(Interaction)).one()
        assert [company.id for company in note.companies] == [other.id]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"text": ""}, "请写下说了什么"),
            ({"next_on": ""}, "请填写下一步的日期"),
            ({"next_on": "2026-02-30"}, "下一步日期"),
            ({"next_step": ""}, "请写明下一步做什么"),
            ({"company": "", "company_text": ""}, "请选择企业"),
            ({"occurred_on": "2026-11-25"}, "不能晚于今天"),
            ({"land_mu": "-3亿"}, "负数"),
            ({"land_mu": "200亩"}, "没有挂线索"),
        ],
    )
    def test_faults_are_named_and_nothing_is_lost(
        self, world: World, browser: Client, changes: dict[str, str], said: str
    ) -> None:
        answer = browser.post("/log/quick", data=entry(world, **changes), headers=HTMX)
        assert answer.status_code == 422
        assert said in answer.text
        assert changes.get("text", "对方要200亩") in answer.text
        assert count(world) == 0

    def test_ten_megabytes_are_refused_and_given_back(self, world: World, browser: Client) -> None:
        text = "长" * (10 * 1024 * 1024 // 3)
        answer = browser.post("/log/quick", data=entry(world, text=text), headers=HTMX)
        assert answer.status_code == 422
        assert "最多 20,000 字" in answer.text
        assert text in answer.text
        assert count(world) == 0

    def test_control_characters_are_refused_and_emoji_are_fine(
        self, world: World, browser: Client
    ) -> None:
        answer = browser.post("/log/quick", data=entry(world, text="前\x00后"), headers=HTMX)
        assert answer.status_code == 422
        assert "控制字符" in answer.text
        browser.post("/log/quick", data=entry(world, text="成了🎉"), headers=HTMX)
        assert world.session.scalars(select(Interaction.text)).all() == ["成了🎉"]

    def test_figures_go_onto_the_lead_of_whoever_may_change_it(
        self, world: World, browser: Client, as_user: SignIn
    ) -> None:
        lead = world.lead()
        figures = {"investment_wan_cny": "3.5亿", "land_mu": "13公顷", "jobs": "260"}
        browser.post("/log/quick", data=entry(world, **figures), headers=HTMX)
        assert (lead.investment_wan_cny, lead.land_mu, lead.jobs) == (35000, 195, 260)
        assert lead.typed["land_mu"] == "13公顷"
        other = as_user(user=world.stranger)
        answer = other.post(
            "/log/quick", data=entry(world, jobs="5", submission_key="k"), headers=HTMX
        )
        assert answer.status_code == 422
        assert lead.jobs == 260
        assert count(world) == 1

    def test_a_new_person_at_the_firm_is_added_once(self, world: World, browser: Client) -> None:
        for key in ("a", "b"):
            data = entry(world, contact_name="张总", submission_key=key)
            browser.post("/log/quick", data=data, headers=HTMX)
        assert world.session.scalars(select(Contact.name)).all() == ["张总"]
        notes = world.session.scalars(select(Interaction)).all()
        assert [[one.name for one in note.contacts] for note in notes] == [["张总"], ["张总"]]

    def test_an_earlier_step_is_completed_on_request(self, world: World, browser: Client) -> None:
        lead = world.lead()
        step = world.log(lead_id=lead.id, next_step="寄样品", next_on=TODAY)
        form = browser.get(f"/log/quick?lead={lead.id}").text
        assert "寄样品" in form
        browser.post("/log/quick", data=entry(world, done_steps=step.id), headers=HTMX)
        assert step.next_done_on == TODAY


class TestContext:
    def test_leads_and_steps_follow_the_firm_within_access(
        self, world: World, browser: Client
    ) -> None:
        shown = world.lead(title="一期看得见")
        world.lead(title="二期看不见", visibility=Visibility.CONFIDENTIAL, owner=world.stranger)
        world.log(lead_id=shown.id, next_step="寄样品", next_on=TODAY)
        url = (
            f"/log/context?place=quick&company={world.company.id}&company_text={world.company.name}"
        )
        page = browser.get(url).text
        assert "一期看得见" in page
        assert "寄样品" in page
        assert "看不见" not in page

    def test_people_of_the_firm_are_offered_in_the_full_form(
        self, world: World, browser: Client
    ) -> None:
        world.contact("张总")
        url = f"/log/context?place=log&company={world.company.id}&company_text="
        assert "张总" in browser.get(url).text


class TestParse:
    def test_chips_fill_fields_of_the_form(self, world: World, browser: Client) -> None:
        text = "拜访示例北辰液压，想要200亩。下周三看地"
        page = browser.post("/log/parse", data={"text": text}).text
        assert f'data-fill="company" data-value="{world.company.id}"' in page
        assert 'data-label="示例北辰液压有限公司"' in page
        assert 'data-fill="kind" data-value="visit"' in page
        assert 'data-fill="land_mu" data-value="200亩"' in page
        assert 'data-fill="next_on" data-value="2026-12-02"' in page
        form = browser.get("/log/quick").text
        for field in ("company", "kind", "land_mu", "next_on", "next_step", "contact_name"):
            assert f'name="{field}"' in form or f'data-name="{field}"' in form

    @pytest.mark.parametrize(
        "text", ["", "\x00\x01", "<script>alert(1)</script>张总说", "字" * 50_000]
    )
    def test_any_text_is_answered(self, browser: Client, text: str) -> None:
        answer = browser.post("/log/parse", data={"text": text})
        assert answer.status_code == 200
        assert "<script>" not in answer.text


class TestFullForm:
    def test_everything_is_saved(self, world: World, browser: Client) -> None:
        lead = world.lead()
        contact = world.contact("张总")
        other = world.firm("示例恒履底盘有限公司")
        answer = browser.post(
            "/log/new",
            data={
                "company": [world.company.id, other.id],
                "company_text": "",
                "lead": lead.id,
                "kind": "reception",
                "outcome": "advanced",
                "occurred_on": "2026-11-20",
                "text": "来访",
                "contacts": [contact.id],
                "participants": [world.stranger.id],
                "participants_text": "",
                "submission_key": "k",
                "draft_key": "interaction:new",
            },
        )
        note = world.session.scalars(select(Interaction)).one()
        assert answer.location == f"/interactions/{note.id}"
        assert (note.kind, note.outcome) == (InteractionKind.RECEPTION, Outcome.ADVANCED)
        assert {company.id for company in note.companies} == {world.company.id, other.id}
        assert note.contacts == [contact]
        assert [one.team_id for one in note.participants] == [world.other_team.id]
        page = browser.get(answer.location).text
        assert 'data-draft-clear="interaction:new"' in page
        for words in ("张总", "陈立", "外资招商科", "液压马达扩产", "来访"):
            assert words in page

    def test_without_script_names_are_typed(self, world: World, browser: Client) -> None:
        world.firm("示例恒履底盘有限公司")
        data = {
            "company_text": "示例北辰液压有限公司；示例恒履底盘有限公司",
            "participants_text": "王海峰",
            "text": "会面",
        }
        browser.post("/log/new", data=data)
        note = world.session.scalars(select(Interaction)).one()
        assert len(note.companies) == 2
        assert [one.user_id for one in note.participants] == [world.colleague.id]

    def test_an_unknown_colleague_is_named(self, world: World, browser: Client) -> None:
        answer = browser.post("/log/new", data=entry(world, participants_text="查无此人"))
        assert answer.status_code == 422
        assert "没有找到“查无此人”" in answer.text

    def test_the_form_begins_with_what_its_address_names(
        self, world: World, browser: Client
    ) -> None:
        lead = world.lead()
        page = browser.get(f"/log/new?lead={lead.id}").text
        assert "液压马达扩产" in page
        assert "示例北辰液压有限公司" in page
        hidden = world.lead(title="绝密", visibility=Visibility.CONFIDENTIAL, owner=world.stranger)
        page = browser.get(f"/log/new?lead={hidden.id}").text
        assert "绝密" not in page


def edited(note: Interaction, **changes: Any) -> dict[str, Any]:
    """The edit form as it is drawn, with some changes."""
    return {
        "company": [company.id for company in note.companies],
        "company_text": "",
        "lead": note.lead_id or "0",
        "kind": note.kind.value,
        "occurred_on": note.occurred_on.isoformat(),
        "text": note.text,
        "next_step": note.next_step,
        "next_on": note.next_on.isoformat() if note.next_on else "",
        "version": note.version,
        **changes,
    }


class TestEdit:
    def test_history_is_kept(self, world: World, browser: Client) -> None:
        note = world.log(text="原来的话")
        data = edited(note, text="改过的话", outcome="blocked")
        assert browser.post(f"/log/{note.id}/edit", data=data).status_code == 303
        assert (note.text, note.outcome) == ("改过的话", Outcome.BLOCKED)
        page = browser.get(f"/interactions/{note.id}").text
        assert "原来的话" in page
        assert "改过的话" in page

    def test_saving_what_is_there_changes_nothing(self, world: World, browser: Client) -> None:
        note = world.log(lead_id=world.lead().id, next_step="看地", next_on=TODAY)
        version = note.version
        assert browser.get(f"/log/{note.id}/edit").status_code == 200
        browser.post(f"/log/{note.id}/edit", data=edited(note))
        assert note.version == version
        assert world.session.scalar(select(func.count(InteractionRevision.id))) == 0

    def test_two_people_see_both_versions_and_choose(
        self, world: World, browser: Client, as_user: SignIn
    ) -> None:
        note = world.log(text="原来的话")
        before = edited(note, text="周敏改的", outcome="advanced")
        as_user(user=world.team_lead).post(
            f"/log/{note.id}/edit", data=edited(note, text="何苗改的", kind="call")
        )
        answer = browser.post(f"/log/{note.id}/edit", data=before)
        assert answer.status_code == 412
        for words in ("何苗改的", "周敏改的", "choose-text", "choose-kind"):
            assert words in answer.text
        assert note.text == "何苗改的"
        again = {**before, "version": note.version, "choose-kind": "theirs", "choose-text": "mine"}
        assert browser.post(f"/log/{note.id}/edit", data=again).status_code == 303
        assert (note.text, note.kind) == ("周敏改的", InteractionKind.CALL)
        assert note.outcome is Outcome.ADVANCED

    def test_who_may_change(self, world: World, as_user: SignIn) -> None:
        lead = world.lead(owner=world.stranger)
        note = world.log(world.officer, lead_id=lead.id)
        allowed = {
            world.officer: 200,
            world.colleague: 403,
            world.team_lead: 200,
            world.stranger: 200,
            world.other_lead: 200,
            world.manager: 200,
            world.reviewer: 404,
            world.admin: 404,
        }
        for person, status in allowed.items():
            browser = as_user(user=person)
            assert browser.get(f"/log/{note.id}/edit").status_code == status, person.name
            if status != 200:
                answer = browser.post(f"/log/{note.id}/edit", data=edited(note, text="改"))
                assert answer.status_code == status
        assert note.text != "改"

    def test_an_author_who_lost_sight_of_the_lead_may_not_change(
        self, world: World, as_user: SignIn
    ) -> None:
        lead = world.lead()
        note = world.log(world.stranger, lead_id=lead.id)
        lead.visibility = Visibility.CONFIDENTIAL
        world.session.commit()
        browser = as_user(user=world.stranger)
        assert browser.get(f"/interactions/{note.id}").status_code == 404
        assert browser.get(f"/log/{note.id}/edit").status_code == 404
        assert browser.post(f"/log/{note.id}/edit", data=edited(note)).status_code == 404

    def test_moving_to_another_lead_brings_both_up_to_date(
        self, world: World, browser: Client
    ) -> None:
        first, second = world.lead(title="一期"), world.lead(title="二期")
        note = world.log(lead_id=first.id)
        browser.post(f"/log/{note.id}/edit", data=edited(note, lead=second.id))
        assert (first.contact_count, second.contact_count) == (0, 1)


class TestSteps:
    def test_done_and_undone(self, world: World, browser: Client) -> None:
        note = world.log(next_step="看地", next_on=TODAY)
        answer = browser.post(f"/log/{note.id}/done", headers=HTMX)
        assert answer.status_code == 204
        assert json.loads(answer.headers["HX-Trigger"])["steps-changed"] is True
        assert note.next_done_on == TODAY
        assert "撤销完成" in browser.get(f"/interactions/{note.id}").text
        browser.post(f"/log/{note.id}/undo")
        assert note.next_done_on is None

    def test_moved(self, world: World, browser: Client) -> None:
        note = world.log(next_step="看地", next_on=TODAY)
        browser.post(f"/log/{note.id}/move", data={"next_on": "2026-12-01"})
        assert note.next_on == date(2026, 12, 1)
        for bad in ("2026-11-01", "", "2026-02-30"):
            browser.post(f"/log/{note.id}/move", data={"next_on": bad})
        assert note.next_on == date(2026, 12, 1)

    def test_steps_of_others_stay(self, world: World, as_user: SignIn) -> None:
        note = world.log(next_step="看地", next_on=TODAY)
        browser = as_user(user=world.stranger)
        for what in ("done", "undo", "move"):
            browser.post(f"/log/{note.id}/{what}", data={"next_on": "2026-12-01"})
        assert (note.next_done_on, note.next_on) == (None, TODAY)
        hidden = world.log(
            lead_id=world.lead(visibility=Visibility.CONFIDENTIAL).id,
            next_step="看地", next_on=TODAY,
        )  # fmt: skip
        assert browser.post(f"/log/{hidden.id}/done").status_code == 404


class TestList:
    def test_filters(self, world: World, browser: Client) -> None:
        lead = world.lead()
        other = world.firm("示例恒履底盘有限公司")
        world.log(text="第一条含氟废水", lead_id=lead.id, next_step="寄样品", next_on=TODAY)
        world.log(
            world.stranger, text="第二条百分号100%", company_ids=[other.id],
            kind=InteractionKind.CALL, outcome=Outcome.BLOCKED,
            occurred_on=TODAY - timedelta(days=9),
        )  # fmt: skip
        first, second = "第一条", "第二条"
        for query, shown in {
            "": {first, second},
            "q=含氟": {first},
            "q=100%25": {second},
            "q=%25": {second},
            "q=恒履": {second},
            "q=寄样": {first},
            "kind=call": {second},
            "kind=call&kind=visit": {first, second},
            "outcome=blocked": {second},
            f"author={world.stranger.id}": {second},
            f"team={world.team.id}": {first},
            f"owner={world.officer.id}": {first},
            f"company={other.id}": {second},
            f"lead={lead.id}": {first},
            "from=2026-11-20": {first},
            "to=2026-11-20": {second},
            "open=1": {first},
            "kind=nonsense&from=2026-02-30&author=x&page=0": {first, second},
            "page=99999": {first, second},
        }.items():
            page = browser.get(f"/interactions/?{query}").text
            assert {one for one in (first, second) if one in page} == shown, query

    def test_what_a_viewer_may_not_see_is_nowhere(self, world: World, as_user: SignIn) -> None:
        secret = world.lead(title="绝密项目", visibility=Visibility.CONFIDENTIAL)
        note = world.log(text="绝密的话", lead_id=secret.id)
        seen = {
            world.officer: True, world.team_lead: True, world.manager: True,
            world.colleague: False, world.stranger: False, world.other_lead: False,
            world.reviewer: False,
        }  # fmt: skip
        for person, sees in seen.items():
            browser = as_user(user=person)
            page = browser.get(f"/interactions/?q=绝密&lead={secret.id}").text
            assert ("绝密的话" in page) is sees, person.name
            assert ("没有符合条件的记录" in page) is not sees
            assert ("绝密项目" in page) is sees
            status = browser.get(f"/interactions/{note.id}").status_code
            assert status == (200 if sees else 404)
        missing = as_user(user=world.stranger)
        there, not_there = missing.get(f"/interactions/{note.id}"), missing.get("/interactions/99")
        assert there.status_code == not_there.status_code == 404

    def test_the_number_of_statements_does_not_grow(
        self, world: World, browser: Client, count_statements
    ) -> None:
        lead = world.lead()
        world.log(lead_id=lead.id)
        browser.get("/interactions/")
        with count_statements() as few:
            browser.get("/interactions/")
        for number in range(12):
            firm = world.firm(f"示例第{number}家")
            world.log(world.stranger, lead_id=lead.id, company_ids=[firm.id], next_step="看")
        with count_statements() as many:
            browser.get("/interactions/")
        assert many.total <= few.total + 1, many
        assert many.total <= 14, many
