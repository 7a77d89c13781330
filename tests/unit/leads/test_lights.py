"""Lights and response clocks."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crm.core.settings import RULES
from crm.leads.clocks import ClockFacts, ClockKind, answered_late_by, clocks
from crm.leads.lights import Color, LightFacts, light
from crm.leads.stages import Stage, Status

TODAY = date(2026, 11, 24)  # a Tuesday
STANDARD = {key: default for key, (default, _label, _unit) in RULES.items()}
FRESH = LightFacts(
    stage=Stage.NEGOTIATING,
    status=Status.ACTIVE,
    stage_since=TODAY,
    received_on=TODAY,
    last_contact_on=TODAY,
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def shown(facts: LightFacts, exceptions: dict[date, bool] | None = None) -> tuple[Color, list[str]]:
    found = light(facts, TODAY, STANDARD, exceptions or {})
    return found.color, [reason.template % reason.params for reason in found.reasons]


@pytest.mark.parametrize(
    ("days", "color", "words"),
    [
        (0, Color.GREEN, "停留 0 天，标准 60 天"),
        (44, Color.GREEN, "停留 44 天，标准 60 天"),
        (45, Color.YELLOW, "停留 45 天，达标准 60 天的 75%"),
        (60, Color.YELLOW, "停留 60 天，达标准 60 天的 100%"),
        (61, Color.RED, "停留 61 天，标准 60 天"),
    ],
)
def test_dwell_time_against_the_standard(days: int, color: Color, words: str) -> None:
    assert shown(replace(FRESH, stage_since=ago(days))) == (color, [words])


@pytest.mark.parametrize(
    ("due", "color", "days"),
    [
        (date(2026, 11, 25), Color.GREEN, None),
        (date(2026, 11, 24), Color.GREEN, None),
        (date(2026, 11, 23), Color.YELLOW, 1),
        (date(2026, 11, 22), Color.YELLOW, 2),  # a Sunday: Monday and Tuesday have passed
        (date(2026, 11, 20), Color.YELLOW, 2),  # the Friday before
        (date(2026, 11, 19), Color.RED, 3),
    ],
)
def test_an_overdue_next_step_counts_working_days(
    due: date, color: Color, days: int | None
) -> None:
    found = light(replace(FRESH, next_on=due), TODAY, STANDARD, {})
    assert found.color is color
    if days is not None:
        assert found.reason.template % found.reason.params == f"下一步逾期 {days} 个工作日"


def test_holidays_do_not_count() -> None:
    holiday = {date(2026, 11, 23): False, date(2026, 11, 24): False}
    assert shown(replace(FRESH, next_on=date(2026, 11, 20)), holiday)[0] is Color.GREEN
    worked = {date(2026, 11, 21): True, date(2026, 11, 22): True}
    assert shown(replace(FRESH, next_on=date(2026, 11, 20)), worked)[0] is Color.RED


@pytest.mark.parametrize(
    ("stage", "days", "color"),
    [
        (Stage.IDENTIFIED, 20, Color.GREEN),
        (Stage.IDENTIFIED, 21, Color.YELLOW),
        (Stage.IDENTIFIED, 30, Color.RED),
        (Stage.CONTACTED, 31, Color.GREEN),
        (Stage.CONTACTED, 32, Color.YELLOW),
        (Stage.CONTACTED, 45, Color.RED),
        (Stage.NEGOTIATING, 41, Color.GREEN),
        (Stage.NEGOTIATING, 42, Color.YELLOW),
        (Stage.NEGOTIATING, 400, Color.YELLOW),
        (Stage.APPRAISING, 400, Color.GREEN),
        (Stage.SIGNED, 400, Color.GREEN),
    ],
)
def test_silence_warns_at_seventy_per_cent_of_the_pool_limit(
    stage: Stage, days: int, color: Color
) -> None:
    facts = replace(FRESH, stage=stage, last_contact_on=ago(days))
    assert shown(facts)[0] is color
    never = replace(facts, last_contact_on=None, received_on=ago(days))
    assert shown(never)[0] is color


def test_the_worst_goes_first_and_every_reason_is_named() -> None:
    facts = replace(FRESH, stage_since=ago(50), next_on=date(2026, 11, 10), last_contact_on=ago(45))
    assert shown(facts) == (
        Color.RED,
        [
            "下一步逾期 10 个工作日",
            "停留 50 天，达标准 60 天的 83%",
            "45 天没有接触，提醒线 60 天",
        ],
    )


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.ACTIVE])
def test_what_is_not_worked_on_has_no_light(status: Status) -> None:
    facts = replace(FRESH, status=status, stage_since=ago(500), next_on=ago(100))
    assert shown(facts) == (Color.NONE, [status.label])


RECEIVED = ClockFacts(Stage.IDENTIFIED, Status.ACTIVE, received_on=date(2026, 11, 20))


def due(facts: ClockFacts) -> list[tuple[ClockKind, date, int, Color]]:
    found = clocks(facts, TODAY, STANDARD, {})
    return [(clock.kind, clock.due_on, clock.left, clock.color) for clock in found]


def test_a_new_lead_runs_three_clocks() -> None:
    assert due(RECEIVED) == [
        (ClockKind.ANSWER, date(2026, 11, 23), -1, Color.RED),
        (ClockKind.ASSESS, date(2026, 11, 25), 1, Color.YELLOW),
        (ClockKind.FEED_BACK, date(2026, 11, 27), 3, Color.GREEN),
    ]


def test_each_step_stops_its_clock() -> None:
    answered = replace(RECEIVED, responded_on=date(2026, 11, 23))
    assert [kind for kind, *_ in due(answered)] == [ClockKind.ASSESS, ClockKind.FEED_BACK]
    assessed = replace(answered, is_assessed=True)
    assert [kind for kind, *_ in due(assessed)] == [ClockKind.FEED_BACK]
    moved = replace(assessed, stage=Stage.CONTACTED, last_contact_on=date(2026, 11, 24))
    assert due(moved) == [(ClockKind.PROGRESS, date(2026, 12, 8), 10, Color.GREEN)]


def test_no_clock_runs_for_what_is_over() -> None:
    assert due(replace(RECEIVED, status=Status.LOST)) == []
    assert due(replace(RECEIVED, stage=Stage.SIGNED)) == []


def test_how_late_an_answer_was() -> None:
    def late(day: int) -> int:
        answered = replace(RECEIVED, responded_on=date(2026, 11, day))
        return answered_late_by(answered, STANDARD, {})

    assert [late(20), late(23), late(24), late(27)] == [0, 0, 1, 4]
    assert answered_late_by(RECEIVED, STANDARD, {}) == 0
