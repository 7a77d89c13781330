"""Many interactions at once, documents for the search, and what moves with people and companies."""

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.companies.models import Company
from crm.core.activity import Activity
from crm.core.notices import Notice
from crm.core.outbox import OutboxRow
from crm.core.permissions import SYSTEM, Visibility, actor_tokens
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.interactions.search import all_ids, load_documents
from crm.interactions.services import InteractionValues, hand_over_steps, move_to_company
from crm.leads.contacts import log_contacts
from tests.integration.interactions.world import World

TODAY = date(2026, 11, 24)


def row(**values: object) -> InteractionValues:
    base: InteractionValues = {
        "kind": InteractionKind.VISIT,
        "occurred_on": date(2026, 11, 20),
        "text": "走访",
        "author_id": None,
    }
    return {**base, **values}  # type: ignore[typeddict-item]


def test_good_rows_are_kept_and_bad_ones_named(world: World) -> None:
    lead = world.lead()
    world.log(ref="old", text="原有")
    rows = [
        row(lead_id=lead.id, ref="a", next_step="看地", next_on=date(2026, 12, 1)),
        row(text=""),
        row(lead_id=987654),
        row(company_ids=[world.company.id], ref="old"),
        row(company_ids=[world.company.id], participant_ids=[world.colleague.id]),
        row(lead_id=lead.id, ref="a"),
        row(lead_id=lead.id, kind=InteractionKind.CALL, author_id=world.colleague.id),
    ]
    done = log_contacts(actor=SYSTEM, on=TODAY, rows=rows)
    world.session.commit()
    assert sorted(done.ids) == [0, 4, 6]
    assert {place: set(error.errors) for place, error in done.errors.items()} == {
        1: {"text", "company_ids"},
        2: {"lead_id"},
        3: {"ref"},
        5: {"ref"},
    }
    assert (lead.contact_count, lead.face_count, lead.next_step) == (2, 1, "看地")
    first, second, third = (
        world.session.get_one(Interaction, done.ids[place]) for place in (0, 4, 6)
    )
    assert [company.id for company in first.companies] == [world.company.id]
    assert first.next_owner_id == world.officer.id
    assert [one.team_id for one in second.participants] == [world.team.id]
    assert (third.author_id, third.author_team_id) == (world.colleague.id, world.team.id)
    queued = world.session.scalars(
        select(OutboxRow.doc_id).where(OutboxRow.doc_type == "interaction")
    ).all()
    assert set(done.ids.values()) <= set(queued)
    assert world.session.scalar(select(func.count(Notice.id))) == 0


def test_an_importer_sees_what_they_see_and_owners_are_told_once(world: World) -> None:
    lead, hidden = world.lead(), world.lead(visibility=Visibility.CONFIDENTIAL)
    rows = [row(lead_id=lead.id), row(lead_id=lead.id), row(lead_id=hidden.id)]
    done = log_contacts(actor=world.stranger.as_actor(), on=TODAY, rows=rows)
    world.session.commit()
    assert sorted(done.ids) == [0, 1]
    assert hidden.contact_count == 0
    told = world.session.execute(select(Notice.user_id, Notice.text)).all()
    assert [tuple(one) for one in told] == [(world.officer.id, "导入了您线索的 2 条接洽记录")]


def test_many_rows_take_few_statements(world: World, count_statements) -> None:
    lead = world.lead()
    world.session.refresh(lead)
    rows = [row(lead_id=lead.id, text=f"第{n}次") for n in range(500)]
    with count_statements() as ran:
        log_contacts(actor=SYSTEM, on=TODAY, rows=rows)
    # SQLite gives ids back in no sure order, so its rows go in one by one.
    others = [text for text in ran.texts if not text.startswith("INSERT INTO interactions ")]
    assert len(others) <= 12, ran
    world.session.commit()
    assert lead.contact_count == 500


def test_documents_carry_the_access_of_their_lead(world: World) -> None:
    zone = world.log(text="全区的话", next_step="回访", participant_ids=[world.colleague.id])
    team = world.log(lead_id=world.lead(visibility=Visibility.TEAM).id)
    secret_lead = world.lead(visibility=Visibility.CONFIDENTIAL, named=(world.stranger,))
    secret = world.log(lead_id=secret_lead.id)
    assert list(all_ids()) == [zone.id, team.id, secret.id]
    documents = {one.id: one for one in load_documents([zone.id, team.id, secret.id, 987654])}
    assert set(documents) == {zone.id, team.id, secret.id}
    first = documents[zone.id]
    assert first.title == "示例北辰液压"
    assert "回访" in first.text
    assert first.people == ("周敏", "王海峰")
    assert (first.kind, first.owner, first.team) == (
        "visit",
        str(world.officer.id),
        str(world.team.id),
    )
    assert documents[secret.id].lead is not None
    sees = {
        person.name: {
            note_id
            for note_id, one in documents.items()
            if one.access & actor_tokens(person.as_actor())
        }
        for person in (world.officer, world.colleague, world.team_lead, world.stranger,
                       world.other_lead, world.manager, world.reviewer, world.admin)
    }  # fmt: skip
    assert sees == {
        "周敏": {zone.id, team.id, secret.id},
        "王海峰": {zone.id, team.id},
        "何苗": {zone.id, team.id, secret.id},
        "陈立": {zone.id, secret.id},
        "许冠": {zone.id},
        "李主任": {zone.id, team.id, secret.id},
        "孙工": {zone.id},
        "管理员": set(),
    }


def test_notes_follow_a_merged_company(world: World) -> None:
    gone = world.firm("示例北辰")
    one = world.log(company_ids=[gone.id])
    both = world.log(company_ids=[gone.id, world.company.id])
    move_to_company(gone_id=gone.id, keep_id=world.company.id)
    world.session.commit()
    world.session.expire_all()
    for note in (one, both):
        assert [company.id for company in note.companies] == [world.company.id]
    assert world.session.get(Company, gone.id) is not None


def test_open_steps_are_handed_over(world: World) -> None:
    open_step = world.log(next_step="看地")
    done = world.log(next_step="寄样品")
    done.next_done_on = TODAY
    world.session.commit()
    moved = hand_over_steps(from_owner_id=world.officer.id, to_owner_id=world.colleague.id)
    assert moved == 1
    assert (open_step.next_owner_id, done.next_owner_id) == (world.colleague.id, world.officer.id)


@pytest.mark.parametrize("verb", ["interaction.record", "interaction.revise"])
def test_the_log_holds_no_business_text(world: World, verb: str) -> None:
    from crm.leads.contacts import revise_contact

    note = world.log(text="机密一")
    revise_contact(
        actor=world.officer.as_actor(), on=TODAY, interaction=note, values={"text": "机密二"}
    )
    world.session.commit()
    deeds = world.session.scalars(select(Activity).where(Activity.verb == verb)).all()
    assert len(deeds) == 1
    assert "机密" not in f"{deeds[0].summary}{deeds[0].changes}"
