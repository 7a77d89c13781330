"""The quick log, what changes while it is filled in, and the reading of pasted text."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select

from crm.companies.models import Company, Contact
from crm.core.permissions import Visibility
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from tests.integration.interactions.world import HTMX, TODAY, World, count, entry
from tests.support.clients import Client

SignIn = Callable[..., Client]


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
