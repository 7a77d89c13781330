"""Moving leads: gates, overrides, dates, the closed log, status and history."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.activity import Activity
from crm.core.errors import Conflict, FieldErrors, GateClosed, NotAllowed, NotFound
from crm.core.outbox import OutboxRow
from crm.core.permissions import SYSTEM, Visibility
from crm.core.unit_of_work import unit_of_work
from crm.leads import services
from crm.leads.models import Lead, LeadPerson, StageEntry, StatusEntry
from crm.leads.queries import facts_of
from crm.leads.stages import Stage, Status, missing
from tests.factories import LeadFactory
from tests.integration.leads.conftest import People


def ready(people: People, stage: Stage, **values: Any) -> Lead:
    """A lead with everything that the next gate asks for, standing in the stage before."""
    before = list(Stage)[stage.position - 1]
    lead: Lead = LeadFactory(stage=stage, owner=people.officer, **values)
    lead.stage = before
    return lead


def log_of(session: Session, lead: Lead) -> list[tuple[Stage | None, Stage, date]]:
    query = select(StageEntry).where(StageEntry.lead_id == lead.id)
    rows = session.scalars(query.order_by(StageEntry.entered_on, StageEntry.id))
    return [(row.from_stage, row.to_stage, row.entered_on) for row in rows]


@pytest.mark.parametrize("stage", list(Stage)[1:])
def test_an_open_gate_lets_through_and_is_logged(
    db_session: Session, people: People, today: date, stage: Stage
) -> None:
    lead = ready(people, stage)
    before = lead.stage
    with unit_of_work():
        services.advance(
            actor=people.officer.as_actor(), lead=lead, to=stage, on=today, evidence="会议纪要"
        )
    assert (lead.stage, lead.stage_since) == (stage, today)
    assert log_of(db_session, lead)[-1] == (before, stage, today)
    entry = db_session.scalars(select(StageEntry).order_by(StageEntry.id.desc())).first()
    assert entry is not None
    assert (entry.by_id, entry.evidence, entry.override_reason) == (
        people.officer.id, "会议纪要", "",
    )  # fmt: skip
    assert db_session.scalars(select(Activity.verb)).all() == ["lead.advance"]


@pytest.mark.parametrize("to", list(Stage)[1:])
def test_a_closed_gate_names_what_is_missing_and_changes_nothing(
    db_session: Session, people: People, today: date, to: Stage
) -> None:
    lead = LeadFactory(owner=people.officer, source=None)
    lead.company.uscc = None
    db_session.commit()
    wanted = missing(facts_of(lead), to)
    assert wanted
    with pytest.raises(GateClosed) as caught, unit_of_work():
        services.advance(actor=people.officer.as_actor(), lead=lead, to=to, on=today)
    assert caught.value.missing == wanted
    assert f"还差 {len(wanted)} 项" in caught.value.message
    db_session.refresh(lead)
    assert lead.stage is Stage.IDENTIFIED
    assert len(log_of(db_session, lead)) == 1
    assert not db_session.scalars(select(Activity)).all()


@pytest.mark.parametrize(
    ("who", "reason", "passes"),
    [
        ("officer", "", False),
        ("officer", "领导同意", False),
        ("team_lead", "", False),
        ("team_lead", "专班会议定", True),
        ("manager", "专班会议定", True),
    ],
)
def test_an_override_needs_a_reason_and_a_team_lead(
    db_session: Session, people: People, today: date, who: str, reason: str, passes: bool
) -> None:
    lead = LeadFactory(owner=people.officer)
    db_session.commit()

    def move() -> None:
        with unit_of_work():
            services.advance(
                actor=getattr(people, who).as_actor(), lead=lead, to=Stage.SIGNED, on=today,
                override_reason=reason,
            )  # fmt: skip

    if not passes:
        with pytest.raises(GateClosed):
            move()
        return
    move()
    assert lead.stage is Stage.SIGNED
    entry = db_session.scalars(select(StageEntry).order_by(StageEntry.id.desc())).first()
    assert entry is not None
    assert entry.override_reason == reason
    assert db_session.scalars(select(Activity.verb)).all() == ["lead.override"]


@pytest.mark.parametrize(
    ("who", "visibility", "error"),
    [
        ("colleague", Visibility.ZONE, NotAllowed),
        ("colleague", Visibility.CONFIDENTIAL, NotFound),
        ("stranger", Visibility.ZONE, NotAllowed),
        ("stranger", Visibility.TEAM, NotFound),
        ("other_lead", Visibility.ZONE, NotAllowed),
        ("reviewer", Visibility.ZONE, NotAllowed),
        ("admin", Visibility.ZONE, NotFound),
        ("auditor", Visibility.ZONE, NotFound),
    ],
)
@pytest.mark.parametrize("deed", ["advance", "set_status", "update", "name", "unavailable"])
def test_whoever_may_not_change_it_changes_nothing(
    db_session: Session, people: People, today: date, who: str, visibility: Visibility,
    error: type[Exception], deed: str,
) -> None:  # fmt: skip
    lead = ready(people, Stage.CONTACTED, visibility=visibility)
    db_session.commit()
    actor = getattr(people, who).as_actor()
    deeds = {
        "advance": lambda: services.advance(actor=actor, lead=lead, to=Stage.CONTACTED, on=today),
        "set_status": lambda: services.set_status(
            actor=actor, lead=lead, to=Status.PAUSED, on=today
        ),
        "update": lambda: services.update_lead(
            actor=actor, on=today, lead=lead, values={"title": "改名"}
        ),
        "name": lambda: services.name_person(actor=actor, lead=lead, user_id=people.stranger.id),
        "unavailable": lambda: services.mark_unavailable(
            actor=actor, on=today, lead=lead, field="energy_tce"
        ),
    }
    title, version = lead.title, lead.version
    with pytest.raises(error), unit_of_work():
        deeds[deed]()
    db_session.refresh(lead)
    assert (lead.title, lead.stage, lead.status, lead.version) == (
        title, Stage.IDENTIFIED, Status.ACTIVE, version,
    )  # fmt: skip
    assert not lead.people
    assert not db_session.scalars(select(Activity)).all()
    assert not db_session.scalars(select(OutboxRow)).all()


def test_a_named_colleague_may_move_it(people: People, today: date) -> None:
    lead = ready(people, Stage.CONTACTED, visibility=Visibility.CONFIDENTIAL)
    lead.people.append(LeadPerson(user_id=people.stranger.id))
    with unit_of_work():
        services.advance(actor=people.stranger.as_actor(), lead=lead, to=Stage.CONTACTED, on=today)
    assert lead.stage is Stage.CONTACTED


def test_a_move_back_needs_a_reason_but_no_gate(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(stage=Stage.NEGOTIATING, owner=people.officer)
    db_session.commit()
    actor = people.officer.as_actor()
    with pytest.raises(FieldErrors) as caught, unit_of_work():
        services.advance(actor=actor, lead=lead, to=Stage.IDENTIFIED, on=today)
    assert "override_reason" in caught.value.errors
    with unit_of_work():
        services.advance(
            actor=actor, lead=lead, to=Stage.IDENTIFIED, on=today, override_reason="对方重新选址"
        )
    assert lead.stage is Stage.IDENTIFIED
    assert log_of(db_session, lead)[-1] == (Stage.NEGOTIATING, Stage.IDENTIFIED, today)


def test_dates_of_a_move(db_session: Session, people: People, today: date) -> None:
    lead = ready(people, Stage.CONTACTED)  # entered contacted ten days ago in its log
    db_session.commit()
    for day in (today + timedelta(days=1), lead.received_on - timedelta(days=1)):
        with pytest.raises(FieldErrors) as caught, unit_of_work():
            services.advance(actor=people.officer.as_actor(), lead=lead, to=Stage.CONTACTED, on=day)
        assert list(caught.value.errors) == ["on"]


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.ACTIVE])
def test_only_what_is_worked_on_moves(people: People, today: date, status: Status) -> None:
    lead = ready(people, Stage.CONTACTED, status=status)
    with pytest.raises(Conflict, match="恢复正常"), unit_of_work():
        services.advance(actor=people.officer.as_actor(), lead=lead, to=Stage.CONTACTED, on=today)


def test_the_same_stage_again_is_refused(people: People, today: date) -> None:
    lead = LeadFactory(owner=people.officer)
    with pytest.raises(Conflict), unit_of_work():
        services.advance(actor=people.officer.as_actor(), lead=lead, to=Stage.IDENTIFIED, on=today)


def test_history_in_any_order_and_never_twice(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer, received_on=date(2026, 1, 5))
    days = [
        (Stage.NEGOTIATING, date(2026, 5, 1)),
        (Stage.CONTACTED, date(2026, 3, 1)),
        (Stage.NEGOTIATING, date(2026, 5, 1)),
        (Stage.APPRAISING, date(2026, 5, 1)),
    ]
    with unit_of_work():
        new = [
            services.add_stage_history(actor=SYSTEM, lead=lead, stage=stage, on=day)[1]
            for stage, day in days
        ]
    assert new == [True, True, False, True]
    assert [row[1:] for row in log_of(db_session, lead)] == [
        (Stage.IDENTIFIED, date(2026, 1, 5)),
        (Stage.CONTACTED, date(2026, 3, 1)),
        (Stage.NEGOTIATING, date(2026, 5, 1)),
        (Stage.APPRAISING, date(2026, 5, 1)),
    ]
    assert (lead.stage, lead.stage_since) == (Stage.APPRAISING, date(2026, 5, 1))
    with pytest.raises(FieldErrors):
        services.add_stage_history(
            actor=SYSTEM, lead=lead, stage=Stage.SIGNED, on=today + timedelta(days=1)
        )


def test_losing_asks_why_and_where_to_and_keeps_the_stage(
    db_session: Session, people: People, today: date
) -> None:
    lead = LeadFactory(stage=Stage.NEGOTIATING, owner=people.officer)
    db_session.commit()
    actor = people.officer.as_actor()
    with pytest.raises(FieldErrors) as caught, unit_of_work():
        services.set_status(actor=actor, lead=lead, to=Status.LOST, on=today)
    assert set(caught.value.errors) == {"lost_reason", "lost_to"}
    with unit_of_work():
        services.set_status(
            actor=actor, lead=lead, to=Status.LOST, on=today, lost_reason="土地指标", lost_to="某市"
        )
    assert (lead.status, lead.stage, lead.lost_to) == (Status.LOST, Stage.NEGOTIATING, "某市")
    with unit_of_work():
        services.set_status(actor=actor, lead=lead, to=Status.ACTIVE, on=today, note="又来谈了")
    assert (lead.lost_reason, lead.lost_to) == (None, "")
    rows = db_session.scalars(select(StatusEntry).order_by(StatusEntry.id)).all()
    assert [(row.from_status, row.to_status, row.lost_to) for row in rows] == [
        (Status.ACTIVE, Status.LOST, "某市"),
        (Status.LOST, Status.ACTIVE, ""),
    ]
    assert rows[0].lost_reason is not None
    with pytest.raises(Conflict), unit_of_work():
        services.set_status(actor=actor, lead=lead, to=Status.ACTIVE, on=today)
