"""Leads change hands: assigning, claiming, releasing, handing over, naming people, appraisal."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.activity import Activity
from crm.core.errors import Conflict, FieldErrors, NotAllowed, NotFound
from crm.core.notices import Notice
from crm.core.permissions import Visibility, may_see_lead
from crm.core.settings import Setting
from crm.core.unit_of_work import unit_of_work
from crm.interactions.models import Interaction
from crm.leads import services
from crm.leads.kinds import AssignmentKind
from crm.leads.models import Assignment, FirstReport, Lead, StageEntry
from crm.leads.stages import Stage, Status
from tests.factories import InteractionFactory, LeadFactory, UserFactory
from tests.integration.leads.conftest import People

MAY_REASSIGN = ("team_lead", "manager")
MAY_NOT = ("officer", "colleague", "stranger", "other_lead", "reviewer", "admin", "auditor")


@pytest.mark.parametrize("who", MAY_REASSIGN)
def test_assigning_moves_owner_and_team_and_keeps_the_finders_credit(
    db_session: Session, people: People, today: date, who: str
) -> None:
    lead = LeadFactory(owner=people.officer)
    stamp = db_session.scalars(select(FirstReport)).one()
    db_session.commit()
    with unit_of_work():
        services.assign(
            actor=getattr(people, who).as_actor(), lead=lead, owner_id=people.stranger.id,
            on=today, note="外资项目",
        )  # fmt: skip
    assert (lead.owner_id, lead.team_id) == (people.stranger.id, people.other_team.id)
    assert (stamp.reporter_id, stamp.team_id) == (people.officer.id, people.team.id)
    row = db_session.scalars(select(Assignment)).one()
    assert (row.kind, row.from_owner_id, row.to_owner_id, row.note) == (
        AssignmentKind.ASSIGN, people.officer.id, people.stranger.id, "外资项目",
    )  # fmt: skip
    told = set(db_session.scalars(select(Notice.user_id)))
    assert told == {people.officer.id, people.stranger.id}


@pytest.mark.parametrize("who", MAY_NOT)
@pytest.mark.parametrize("deed", ["assign", "release", "hand_over", "appraise", "owner_by_value"])
def test_others_reassign_nothing(
    db_session: Session, people: People, today: date, who: str, deed: str
) -> None:
    lead = LeadFactory(owner=people.officer)
    db_session.commit()
    actor = getattr(people, who).as_actor()
    to = people.colleague.id
    deeds = {
        "assign": lambda: services.assign(actor=actor, lead=lead, owner_id=to, on=today),
        "release": lambda: services.release(actor=actor, lead=lead, on=today),
        "hand_over": lambda: services.hand_over(
            actor=actor, leads=[lead], to_owner_id=to, on=today
        ),
        "appraise": lambda: services.set_appraisal(
            actor=actor, lead=lead, passed_on=today, evidence="纪要"
        ),
        "owner_by_value": lambda: services.update_lead(
            actor=actor, on=today, lead=lead, values={"owner_id": to}
        ),
    }
    with pytest.raises((NotAllowed, NotFound)), unit_of_work():
        deeds[deed]()
    db_session.refresh(lead)
    assert (lead.owner_id, lead.appraisal_passed_on) == (people.officer.id, None)
    for model in (Assignment, Activity, Notice):
        assert not db_session.scalars(select(model)).all()


def test_assigning_to_nobody_fit_is_refused(people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    actor = people.manager.as_actor()
    for person in (people.reviewer, people.admin, UserFactory(is_enabled=False)):
        with pytest.raises(FieldErrors):
            services.assign(actor=actor, lead=lead, owner_id=person.id, on=today)
    with pytest.raises(Conflict):
        services.assign(actor=actor, lead=lead, owner_id=people.officer.id, on=today)


def test_claims_have_a_daily_limit(db_session: Session, people: People, today: date) -> None:
    db_session.add(Setting(key="claims_per_day", value=2))
    leads = [LeadFactory(owner=None, team=None) for _ in range(4)]
    db_session.commit()
    actor = people.officer.as_actor()
    with unit_of_work():
        for lead in leads[:2]:
            services.claim(actor=actor, lead=lead, on=today)
    assert services.claims_on(people.officer.id, today) == 2
    with pytest.raises(Conflict, match="2 条"), unit_of_work():
        services.claim(actor=actor, lead=leads[2], on=today)
    assert services.claims_on(people.officer.id, today + timedelta(days=1)) == 0
    with unit_of_work():
        services.claim(actor=people.stranger.as_actor(), lead=leads[2], on=today)
    owners = [lead.owner_id for lead in leads]
    assert owners == [people.officer.id, people.officer.id, people.stranger.id, None]
    assert leads[0].team_id == people.team.id


def test_what_cannot_be_claimed(people: People, today: date) -> None:
    owned = LeadFactory(owner=people.colleague)
    lost = LeadFactory(owner=None, status=Status.LOST)
    hidden = LeadFactory(owner=None, team=people.other_team, visibility=Visibility.TEAM)
    free = LeadFactory(owner=None)
    officer = people.officer.as_actor()
    for lead, error in ((owned, Conflict), (lost, Conflict), (hidden, NotFound)):
        with pytest.raises(error):
            services.claim(actor=officer, lead=lead, on=today)
    with pytest.raises(NotAllowed):
        services.claim(actor=people.reviewer.as_actor(), lead=free, on=today)


def test_a_released_lead_can_be_claimed_by_another_team(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer)
    db_session.commit()
    with unit_of_work():
        services.release(actor=people.team_lead.as_actor(), lead=lead, on=today, note="久未联系")
    assert lead.owner_id is None
    with unit_of_work():
        services.claim(actor=people.stranger.as_actor(), lead=lead, on=today)
    assert (lead.owner_id, lead.team_id) == (people.stranger.id, people.other_team.id)
    kinds = list(db_session.scalars(select(Assignment.kind).order_by(Assignment.id)))
    assert kinds == [AssignmentKind.RELEASE, AssignmentKind.CLAIM]


def step(lead: Lead | None, owner: Any, today: date, **values: Any) -> Interaction:
    made: Interaction = InteractionFactory(
        lead=lead, author=owner, next_step="回复报价", next_on=today, next_owner=owner, **values
    )
    return made


def test_a_leaver_hands_over_leads_and_steps_and_history_stays(
    db_session: Session, people: People, today: date
) -> None:
    one = LeadFactory(owner=people.officer, stage=Stage.NEGOTIATING)
    two = LeadFactory(owner=people.officer, visibility=Visibility.CONFIDENTIAL)
    closed = LeadFactory(owner=people.officer, status=Status.LOST)
    foreign = LeadFactory(owner=people.officer, team=people.other_team)
    open_step, loose = step(one, people.officer, today), step(None, people.officer, today)
    done = step(one, people.officer, today, next_done_on=today)
    others = step(one, people.colleague, today)
    away = step(foreign, people.officer, today)
    history = db_session.scalars(select(StageEntry.id).where(StageEntry.lead_id == one.id)).all()
    db_session.commit()
    with unit_of_work():
        moved = services.hand_over_person(
            actor=people.team_lead.as_actor(), from_user_id=people.officer.id,
            to_owner_id=people.colleague.id, on=today, note="调离",
        )  # fmt: skip
    assert (moved.leads, moved.next_steps) == (2, 2)
    assert [lead.owner_id for lead in (one, two, closed, foreign)] == [
        people.colleague.id, people.colleague.id, people.officer.id, people.officer.id,
    ]  # fmt: skip
    for row in (open_step, loose, done, others, away):
        db_session.refresh(row)
    assert open_step.next_owner_id == loose.next_owner_id == people.colleague.id
    assert done.next_owner_id == away.next_owner_id == people.officer.id
    assert others.next_owner_id == people.colleague.id
    assert open_step.author_id == people.officer.id
    assert one.stage is Stage.NEGOTIATING
    after = db_session.scalars(select(StageEntry.id).where(StageEntry.lead_id == one.id)).all()
    assert after == history
    assert {row.reporter_id for row in db_session.scalars(select(FirstReport))} == {
        people.officer.id
    }
    kinds = set(db_session.scalars(select(Assignment.kind)))
    assert kinds == {AssignmentKind.HAND_OVER}


def test_a_hand_over_is_all_or_nothing(db_session: Session, people: People, today: date) -> None:
    mine, foreign = LeadFactory(owner=people.officer), LeadFactory(owner=people.stranger)
    db_session.commit()
    with pytest.raises(NotAllowed), unit_of_work():
        services.hand_over(
            actor=people.team_lead.as_actor(), leads=[mine, foreign],
            to_owner_id=people.colleague.id, on=today,
        )  # fmt: skip
    db_session.refresh(mine)
    assert mine.owner_id == people.officer.id


def test_a_person_with_nothing_to_hand_over(people: People, today: date) -> None:
    with pytest.raises(Conflict):
        services.hand_over_person(
            actor=people.team_lead.as_actor(), from_user_id=people.officer.id,
            to_owner_id=people.colleague.id, on=today,
        )  # fmt: skip


def test_a_named_person_sees_and_an_unnamed_one_does_not(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer, visibility=Visibility.CONFIDENTIAL)
    db_session.commit()
    actor, stranger = people.officer.as_actor(), people.stranger.as_actor()
    assert not may_see_lead(stranger, lead)
    with unit_of_work():
        assert services.name_person(actor=actor, lead=lead, user_id=people.stranger.id)
        assert not services.name_person(actor=actor, lead=lead, user_id=people.stranger.id)
        assert not services.name_person(actor=actor, lead=lead, user_id=people.officer.id)
    assert may_see_lead(stranger, lead)
    assert list(db_session.scalars(select(Notice.user_id))) == [people.stranger.id]
    with unit_of_work():
        assert services.unname_person(actor=actor, lead=lead, user_id=people.stranger.id)
        assert not services.unname_person(actor=actor, lead=lead, user_id=people.stranger.id)
    assert not may_see_lead(stranger, lead)
    with pytest.raises(FieldErrors):
        services.name_person(actor=actor, lead=lead, user_id=people.reviewer.id)


def test_an_appraisal_needs_evidence(db_session: Session, people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    db_session.commit()
    actor = people.team_lead.as_actor()
    for day, evidence in ((today, " "), (today + timedelta(days=1), "纪要 12 号")):
        with pytest.raises(FieldErrors), unit_of_work():
            services.set_appraisal(actor=actor, lead=lead, passed_on=day, evidence=evidence)
    with unit_of_work():
        services.set_appraisal(actor=actor, lead=lead, passed_on=today, evidence="纪要 12 号")
    assert (lead.appraisal_passed_on, lead.appraisal_set_by_id) == (today, people.team_lead.id)
    with unit_of_work():
        services.set_appraisal(actor=actor, lead=lead, passed_on=None, evidence="")
    assert (lead.appraisal_passed_on, lead.appraisal_evidence) == (None, "")
