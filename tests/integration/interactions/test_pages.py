"""The pages of interactions: the full form, editing, next steps, the list."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from crm.core.permissions import Visibility
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.models import Interaction, InteractionRevision
from tests.integration.interactions.world import HTMX, TODAY, World, entry
from tests.support.clients import Client

SignIn = Callable[..., Client]


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
