"""Logging a contact: defaults, rights, the lead's facts, telling the owner, saving once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from crm.accounts.models import User
from crm.core.activity import Activity
from crm.core.errors import Conflict, FieldErrors, NotAllowed, NotFound
from crm.core.notices import Notice
from crm.core.outbox import OutboxRow
from crm.core.permissions import SYSTEM, Visibility
from crm.core.unit_of_work import unit_of_work
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.leads.contacts import complete_next_step, log_contact, reopen_next_step
from tests.integration.interactions.world import World

TODAY = date(2026, 11, 24)


def notices_of(world: World, person: User) -> list[str]:
    query = select(Notice.text).where(Notice.user_id == person.id).order_by(Notice.id)
    return list(world.session.scalars(query))


def test_author_team_and_colleagues_are_kept_as_they_are_now(world: World) -> None:
    lead = world.lead()
    note = world.log(lead_id=lead.id, participant_ids=[world.stranger.id, world.officer.id])
    world.officer.team = world.stranger.team = world.other_team
    world.session.commit()
    assert note.author_id == world.officer.id
    assert note.author_team_id == world.team.id
    assert [(one.user_id, one.team_id) for one in note.participants] == [
        (world.stranger.id, world.other_team.id)
    ]


def test_the_company_of_the_lead_is_always_among_the_companies(world: World) -> None:
    lead = world.lead()
    other = world.firm("示例恒履底盘有限公司")
    assert [c.id for c in world.log(lead_id=lead.id).companies] == [world.company.id]
    both = world.log(lead_id=lead.id, company_ids=[other.id])
    assert {c.id for c in both.companies} == {other.id, world.company.id}


def test_without_a_lead_a_company_is_required(world: World) -> None:
    with pytest.raises(FieldErrors) as raised:
        world.log(company_ids=[])
    assert set(raised.value.errors) == {"company_ids"}


def test_a_merged_company_is_followed_to_the_one_that_was_kept(world: World) -> None:
    gone = world.firm("示例北辰", merged_into_id=world.company.id)
    assert [c.id for c in world.log(company_ids=[gone.id]).companies] == [world.company.id]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("text", {"text": "  \n "}),
        ("text", {"text": "字" * 20_001}),
        ("text", {"text": "a\x00b"}),
        ("text", {"text": "a\x07b"}),
        ("text", {"text": "a\ud800b"}),
        ("occurred_on", {"occurred_on": TODAY + timedelta(days=1)}),
        ("occurred_on", {"occurred_on": date(202, 1, 1)}),
        ("occurred_on", {"occurred_on": None}),
        ("kind", {"kind": None}),
        ("next_step", {"next_on": TODAY}),
        ("next_step", {"next_step": "字" * 201}),
        ("next_on", {"next_step": "回访", "next_on": TODAY - timedelta(days=1)}),
        ("company_ids", {"company_ids": [987654]}),
        ("participant_ids", {"participant_ids": [987654]}),
        ("author_id", {"author_id": 987654}),
        ("next_owner_id", {"next_step": "回访", "next_owner_id": 987654}),
        ("contact_ids", {"contact_ids": [987654]}),
    ],
)
def test_bad_values_are_named_and_nothing_is_saved(
    world: World, field: str, values: dict[str, object]
) -> None:
    with pytest.raises(FieldErrors) as raised, unit_of_work():
        world.log(**values)
    assert set(raised.value.errors) == {field}
    assert world.session.scalar(select(func.count(Interaction.id))) == 0


def test_what_people_paste_is_taken_as_it_is(world: World) -> None:
    text = "字" * 19_990 + "🙂\t好\r\n完"
    assert world.log(text=f"  {text} ").text == text.replace("\r\n", "\n")


def test_a_contact_of_another_company_is_refused(world: World) -> None:
    contact = world.contact("张总", world.firm("示例恒履底盘有限公司"))
    with pytest.raises(FieldErrors) as raised:
        world.log(contact_ids=[contact.id])
    assert set(raised.value.errors) == {"contact_ids"}


def test_the_next_step_is_the_authors_or_the_owners(world: World) -> None:
    lead = world.lead(named=(world.colleague,))
    step = {"lead_id": lead.id, "next_step": "寄样品", "next_on": date(2026, 11, 30)}
    assert world.log(**step).next_owner_id == world.officer.id
    assert world.log(world.colleague, **step).next_owner_id == world.colleague.id
    assert world.log(world.stranger, **step).next_owner_id == world.officer.id
    assert world.log(world.stranger, next_step="回电").next_owner_id == world.stranger.id
    assert world.log(lead_id=lead.id).next_owner_id is None


@pytest.mark.parametrize("visibility", list(Visibility))
def test_whoever_sees_a_lead_may_log_on_it(world: World, visibility: Visibility) -> None:
    lead = world.lead(visibility=visibility)
    sees = {
        Visibility.ZONE: [world.stranger, world.colleague, world.team_lead, world.manager],
        Visibility.TEAM: [world.colleague, world.team_lead, world.manager],
        Visibility.CONFIDENTIAL: [world.team_lead, world.manager],
    }[visibility]
    for person in (world.stranger, world.colleague, world.team_lead, world.manager):
        if person in sees:
            world.log(person, lead_id=lead.id)
        else:
            with pytest.raises(NotFound), unit_of_work():
                world.log(person, lead_id=lead.id)
    assert lead.contact_count == len(sees)
    assert len(notices_of(world, world.officer)) == len(sees)


def test_roles_without_the_right_log_nothing(world: World) -> None:
    for person in (world.reviewer, world.admin, world.auditor):
        with pytest.raises(NotAllowed), unit_of_work():
            world.log(person)


def test_the_owner_is_told_unless_it_was_them(world: World) -> None:
    lead = world.lead()
    world.log(lead_id=lead.id)
    assert notices_of(world, world.officer) == []
    world.log(world.stranger, lead_id=lead.id)
    assert notices_of(world, world.officer) == ["在您的线索“液压马达扩产”记了一条走出去"]


def test_facts_of_the_lead_follow(world: World) -> None:
    lead = world.lead(received_on=date(2026, 11, 10))
    version, changed = lead.version, lead.updated_at
    world.log(lead_id=lead.id, occurred_on=date(2026, 11, 1), kind=InteractionKind.CALL)
    assert (lead.contact_count, lead.face_count, lead.responded_on) == (1, 0, None)
    world.log(lead_id=lead.id, occurred_on=date(2026, 11, 12), next_step="无日期")
    later = world.log(
        lead_id=lead.id, occurred_on=date(2026, 11, 20), kind=InteractionKind.RECEPTION,
        next_step="看地", next_on=date(2026, 12, 1),
    )  # fmt: skip
    sooner = world.log(
        lead_id=lead.id, occurred_on=date(2026, 11, 18), kind=InteractionKind.WECHAT,
        next_step="寄样品", next_on=date(2026, 11, 28),
    )  # fmt: skip
    assert lead.last_contact_on == date(2026, 11, 20)
    assert (lead.contact_count, lead.face_count) == (4, 2)
    assert lead.responded_on == date(2026, 11, 12)
    assert (lead.next_step, lead.next_on) == ("寄样品", date(2026, 11, 28))
    actor = world.officer.as_actor()
    complete_next_step(actor=actor, on=TODAY, interaction=sooner)
    assert lead.next_step == "看地"
    complete_next_step(actor=actor, on=TODAY, interaction=later)
    assert (lead.next_step, lead.next_on) == ("无日期", None)
    reopen_next_step(actor=actor, interaction=sooner)
    assert lead.next_on == date(2026, 11, 28)
    assert (lead.version, lead.updated_at) == (version, changed)


def test_a_key_saves_once(world: World) -> None:
    first = world.log(submission_key="k1", text="第一次")
    assert world.log(submission_key="k1", text="第二次").id == first.id
    assert world.session.scalar(select(func.count(Interaction.id))) == 1
    with pytest.raises(Conflict), unit_of_work():
        world.log(world.stranger, submission_key="k1")


def test_a_new_contact_completes_steps_that_it_names(world: World) -> None:
    lead = world.lead()
    step = world.log(lead_id=lead.id, next_step="寄样品", next_on=TODAY)
    world.log(lead_id=lead.id)
    assert step.next_done_on is None
    world.log(lead_id=lead.id, done_step_ids=[step.id])
    assert (step.next_done_on, step.next_done_by_id) == (TODAY, world.officer.id)
    assert lead.next_step == ""


def test_steps_of_others_are_not_completed_on_the_way(world: World) -> None:
    lead = world.lead()
    step = world.log(lead_id=lead.id, next_step="寄样品", next_on=TODAY)
    with pytest.raises(NotAllowed), unit_of_work():
        world.log(world.stranger, lead_id=lead.id, done_step_ids=[step.id])
    elsewhere = world.lead(title="另一个项目")
    with pytest.raises(FieldErrors), unit_of_work():
        world.log(lead_id=elsewhere.id, done_step_ids=[step.id])
    assert step.next_done_on is None
    assert elsewhere.contact_count == 0


def test_the_deed_is_logged_without_its_text_and_queued(world: World) -> None:
    note = world.log(text="机密的话")
    deed = world.session.scalars(select(Activity)).one()
    assert (deed.verb, deed.subject_id) == ("interaction.record", note.id)
    assert "机密" not in f"{deed.summary}{deed.changes}"
    queued = world.session.execute(select(OutboxRow.doc_type, OutboxRow.doc_id)).all()
    assert ("interaction", note.id) in [tuple(row) for row in queued]


def test_the_system_is_nobodys_author(world: World) -> None:
    lead = world.lead(visibility=Visibility.CONFIDENTIAL)
    note = world.log(SYSTEM, lead_id=lead.id, next_step="回访")
    assert note.author_id is None
    assert note.next_owner_id == world.officer.id


def test_a_lead_that_does_not_exist_is_like_one_that_is_hidden(world: World) -> None:
    hidden = world.lead(visibility=Visibility.CONFIDENTIAL)
    messages = set()
    for lead_id in (hidden.id, 987654):
        with pytest.raises(NotFound) as raised:
            log_contact(
                actor=world.stranger.as_actor(),
                on=TODAY,
                values={"kind": InteractionKind.CALL, "lead_id": lead_id},
            )
        messages.add(raised.value.message)
    assert len(messages) == 1
