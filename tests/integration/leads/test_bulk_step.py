"""One next step for the leads that were ticked: all of them or none."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.core.activity import Activity
from crm.core.outbox import OutboxRow
from crm.interactions.models import Interaction
from crm.leads.contact_facts import refresh_contact_facts
from tests.factories import InteractionFactory, LeadFactory
from tests.integration.leads.conftest import People


def test_open_steps_are_changed_and_missing_ones_noted(
    as_user, db_session: Session, people: People, today: date
) -> None:
    due = today + timedelta(days=3)
    stepped, bare = LeadFactory(owner=people.officer), LeadFactory(owner=people.officer)
    told = InteractionFactory(
        lead=stepped, author=people.officer, text="谈了用地", next_step="发模板", next_on=today
    )
    refresh_contact_facts([stepped.id, bare.id])
    db_session.commit()
    client = as_user(user=people.officer)
    ids = [stepped.id, bare.id]
    page = client.get("/leads/next-step", query_string={"ids": ids}).text
    for words in (stepped.title, "发模板", "还没有下一步", "算作一次接洽记录"):
        assert words in page
    answer = client.post(
        "/leads/next-step", data={"ids": ids, "next_step": "约见总经理", "next_on": due}
    )
    assert answer.status_code == 303
    db_session.expire_all()
    for lead in (stepped, bare):
        assert (lead.next_step, lead.next_on) == ("约见总经理", due)
    assert (told.next_step, told.text) == ("约见总经理", "谈了用地")
    note = db_session.scalars(select(Interaction).where(Interaction.lead_id == bare.id)).one()
    assert (note.kind.value, note.next_owner_id) == ("note", people.officer.id)
    verbs = db_session.scalars(select(Activity.verb).where(Activity.lead_id.in_(ids))).all()
    assert len(verbs) == 2
    assert "已给 2 条线索定下一步" in client.get("/leads/").text


def test_what_one_may_not_change_is_named_and_nothing_is_saved(
    as_user, db_session: Session, people: People, today: date
) -> None:
    mine = LeadFactory(owner=people.officer, title="我的项目")
    theirs = LeadFactory(owner=people.stranger, title="别人的项目")
    client = as_user(user=people.officer)
    page = client.get("/leads/next-step", query_string={"ids": [mine.id, theirs.id]}).text
    assert "它们不会变动" in page
    assert "别人的项目" in page
    assert f'name="ids" value="{mine.id}"' in page
    assert f'name="ids" value="{theirs.id}"' not in page
    typed = {"ids": [mine.id, theirs.id], "next_step": "约见", "next_on": today}
    answer = client.post("/leads/next-step", data=typed)
    assert answer.status_code == 403
    assert "您不能修改：别人的项目" in answer.text
    db_session.expire_all()
    assert (mine.next_step, theirs.next_step) == ("", "")
    for model in (Interaction, Activity, OutboxRow):
        assert db_session.scalar(select(func.count()).select_from(model)) == 0


def test_bad_input_comes_back(as_user, db_session: Session, people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    client = as_user(user=people.officer)
    for typed, words in (
        ({"next_step": "", "next_on": today}, "请写明下一步做什么"),
        ({"next_step": "约见", "next_on": "2026-02-30"}, 'id="next_on-err"'),
        ({"next_step": "约见", "next_on": today - timedelta(days=1)}, "请选今天或以后的日期"),
        ({"next_step": "约\x00见", "next_on": today}, "控制字符"),
    ):
        answer = client.post("/leads/next-step", data={"ids": [lead.id], **typed})
        assert answer.status_code == 422, typed
        assert words in answer.text
    db_session.expire_all()
    assert lead.next_step == ""
    assert client.get("/leads/next-step").status_code == 303
    assert client.get(f"/leads/next-step?ids={lead.id + 999}").status_code == 404


def test_officers_tick_and_only_those_with_the_right_assign(as_user, people: People) -> None:
    LeadFactory(owner=people.officer)
    officer = as_user(user=people.officer).get("/leads/").text
    assert 'action="/leads/next-step"' in officer
    assert 'name="ids"' in officer
    assert "/leads/assign" not in officer
    assert 'formaction="/leads/assign"' in as_user(user=people.team_lead).get("/leads/").text
    assert 'name="ids"' not in as_user(user=people.reviewer).get("/leads/").text
