"""The funnel from the tables, against a slow reading of the logs themselves."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.permissions import SYSTEM, Role, Visibility, may_see_lead
from crm.leads import services
from crm.leads.models import Lead, LeadReached, StageEntry, StatusEntry
from crm.leads.reached import in_short
from crm.leads.services.history import PastStage, add_stage_histories
from crm.leads.stages import OPEN_STATUSES, Stage, Status
from crm.pipeline.queries.breakdown import Dimension, groups
from crm.pipeline.queries.funnel import Funnel, FunnelAsk, funnel_of
from tests.factories import CompanyFactory, HonourFactory, LeadFactory, UserFactory, team_named
from tests.support.statements import Statements

Count = Callable[[], AbstractContextManager[Statements]]


@pytest.fixture
def awkward(db_session: Session, today: date) -> list[Lead]:
    """Leads with histories in which everything happens: skips, ways back, two moves in a day."""
    rng = random.Random(11)
    teams = [team_named(name) for name in ("装备制造招商科", "外资招商科")]
    owners = [UserFactory(team=team) for team in teams for _ in range(2)]
    leads = []
    for number in range(60):
        owner = rng.choice(owners)
        lead = LeadFactory(
            owner=owner, visibility=rng.choice(list(Visibility)),
            received_on=today - timedelta(days=rng.randint(60, 400)),
            investment_wan_cny=rng.choice([None, Decimal("1234.567891"), Decimal(50_000)]),
            company=CompanyFactory(),
        )  # fmt: skip
        days = sorted(rng.randint(0, 59) for _ in range(rng.randint(0, 6)))
        rows = [
            PastStage(lead, rng.choice(list(Stage)), lead.received_on + timedelta(days=day))
            for day in days
        ]
        add_stage_histories(actor=SYSTEM, rows=rows)
        for _ in range(rng.choice((0, 0, 1, 2))):
            wanted = rng.choice([one for one in Status if one is not lead.status])
            services.set_status(
                actor=SYSTEM, lead=lead, to=wanted, on=today - timedelta(days=rng.randint(0, 59)),
                lost_reason="土地指标", lost_to="示例市",
            )  # fmt: skip
        leads.append(lead)
        if number % 3 == 0:
            HonourFactory(company=lead.company)
    db_session.commit()
    return leads


ASKS = [
    {},
    {"within": 10},
    {"within": None},
    {"start": -200, "end": -100},
    {"as_of": -45, "within": 30},
    {"as_of": -200},
    {"as_of": -9_000, "start": -9_500, "end": -9_000},
]


def asked(today: date, **values: Any) -> FunnelAsk:
    """Days are given as days from today."""
    days = {
        name: today + timedelta(days=values.get(name, other))
        for name, other in (("start", -700), ("end", 0), ("as_of", 0))
    }
    return FunnelAsk(days["start"], days["end"], days["as_of"], values.get("within", 90))


def test_figures_are_those_of_the_logs(
    db_session: Session, awkward: list[Lead], today: date
) -> None:
    people = [UserFactory(role=Role.MANAGER, team=None), awkward[0].owner, awkward[-1].owner]
    people.append(UserFactory(role=Role.REVIEWER, team=None))
    db_session.commit()
    for person in people:
        assert person is not None
        actor = person.as_actor()
        seen = [lead for lead in awkward if may_see_lead(actor, lead)]
        for values in ASKS:
            ask = asked(today, **values)
            found = funnel_of(actor, ask)
            for stage in Stage:
                expected = slow(db_session, seen, ask, stage)
                assert figures(found, stage) == expected, (person.role, values, stage)
            assert sum(len(one.places) for one in found.lost) == len(lost(db_session, seen, ask))


def figures(found: Funnel, stage: Stage) -> dict[str, object]:
    """A step with its ids in order."""
    step = found.steps[stage]
    return {
        **{
            name: sorted(found.courses.ids(getattr(step, name)))
            for name in ("entered", "converted", "waiting", "current")
        },
        "days": sorted(step.days),
        "amount": Decimal(step.amount) / 1_000_000,
    }  # fmt: skip


def slow(session: Session, leads: list[Lead], ask: FunnelAsk, stage: Stage) -> dict[str, object]:
    """The contract read word by word, over the rows of the logs."""
    found: dict[str, Any] = {name: [] for name in ("entered", "converted", "waiting", "current")}
    amount, spans = Decimal(0), []
    following = next((one for one in Stage if one.position == stage.position + 1), None)
    for lead in leads:
        log = session.scalars(
            select(StageEntry)
            .where(StageEntry.lead_id == lead.id)
            .order_by(StageEntry.entered_on, StageEntry.id)
        ).all()
        known = [entry for entry in log if entry.entered_on <= ask.as_of]
        status = status_on(session, lead, ask.as_of)
        if known and known[-1].to_stage is stage and status is Status.ACTIVE:
            found["current"].append(lead.id)
        reached = first_day(known, stage)
        if reached is None or not ask.start <= reached <= ask.end:
            continue
        found["entered"].append(lead.id)
        amount += lead.investment_wan_cny or 0
        if following is None:
            continue
        went_on = first_day(known, following)
        if went_on is None:
            if status in OPEN_STATUSES:
                found["waiting"].append(lead.id)
        elif ask.within is None or (went_on - reached).days <= ask.within:
            found["converted"].append(lead.id)
            spans.append((went_on - reached).days)
    return {name: sorted(ids) for name, ids in found.items()} | {
        "days": sorted(spans),
        "amount": amount,
    }


def first_day(log: list[StageEntry], stage: Stage) -> date | None:
    """The earliest day on which a lead entered the stage or a later one."""
    days = [entry.entered_on for entry in log if entry.to_stage.position >= stage.position]
    return min(days, default=None)


def status_on(session: Session, lead: Lead, day: date) -> Status:
    """The status that the log has for a day."""
    entries = session.scalars(
        select(StatusEntry)
        .where(StatusEntry.lead_id == lead.id)
        .order_by(StatusEntry.changed_on, StatusEntry.id)
    ).all()
    status = Status.ACTIVE
    for entry in entries:
        if entry.changed_on <= day:
            status = entry.to_status
    return status


def lost(session: Session, leads: list[Lead], ask: FunnelAsk) -> list[int]:
    """Leads that are lost on the day of account and stopped being open in the period."""
    found = []
    for lead in leads:
        entries = session.scalars(
            select(StatusEntry)
            .where(StatusEntry.lead_id == lead.id, StatusEntry.changed_on <= ask.as_of)
            .order_by(StatusEntry.changed_on, StatusEntry.id)
        ).all()
        closed: date | None = None
        for entry in entries:
            closed = None if entry.to_status in OPEN_STATUSES else closed or entry.changed_on
        is_lost = bool(entries) and entries[-1].to_status is Status.LOST
        if is_lost and closed and ask.start <= closed <= min(ask.end, ask.as_of):
            found.append(lead.id)
    return found


def test_every_breakdown_adds_up(db_session: Session, awkward: list[Lead], today: date) -> None:
    found = funnel_of(SYSTEM, asked(today))
    for dimension in Dimension:
        parts = groups(found, dimension)
        for stage, step in found.steps.items():
            entered = sum(part.cells[stage].entered for part in parts)
            converted = sum(part.cells[stage].converted for part in parts)
            # A firm may have several titles; the firms of this test have one each.
            assert (entered, converted) == (len(step.entered), len(step.converted)), dimension
        assert (
            sum(part.amount for part in parts) == Decimal(found.steps[Stage.SIGNED].amount) / 10**6
        )
        assert len({part.key for part in parts}) == len(parts)


def test_the_log_in_short_is_kept(db_session: Session, awkward: list[Lead]) -> None:
    stored = {row.lead_id: row for row in db_session.scalars(select(LeadReached))}
    for lead in awkward:
        log = db_session.execute(
            select(StageEntry.to_stage, StageEntry.entered_on)
            .where(StageEntry.lead_id == lead.id)
            .order_by(StageEntry.entered_on, StageEntry.id)
        ).all()
        short = in_short((stage, day) for stage, day in log)
        assert {name: getattr(stored[lead.id], name) for name in short} == short


def test_statements_do_not_grow_with_the_leads(
    db_session: Session, awkward: list[Lead], today: date, count_statements: Count
) -> None:
    for values, most in (({}, 6), ({"as_of": -30}, 7)):
        with count_statements() as ran:
            funnel_of(SYSTEM, asked(today, **values))
        assert ran.total <= most
