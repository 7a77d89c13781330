"""The funnel against a slow and obvious reading of its definition, on awkward histories."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from hypothesis import given, strategies as st

from crm.leads.reached import in_short
from crm.leads.stages import Stage
from crm.pipeline.funnel import Courses, Step, Terms, funnel, quantile

STAGES = list(Stage)
DAY = 739_000  # an ordinal in 2024


class History(NamedTuple):
    """A lead as its log has it: moves as (place of the stage, day) in their order."""

    lead_id: int
    moves: list[tuple[int, int]]
    amount: int | None
    left: int | None


@st.composite
def histories(draw: st.DrawFn) -> list[History]:
    """Leads that skip stages, move back, move twice a day, or come in in the middle."""
    found = []
    for lead_id in range(draw(st.integers(0, 6))):
        days = sorted(draw(st.lists(st.integers(DAY, DAY + 40), min_size=1, max_size=7)))
        moves = [(draw(st.integers(0, 4)), day) for day in days]
        amount = draw(st.one_of(st.none(), st.integers(0, 10**12)))
        left = draw(st.one_of(st.none(), st.integers(days[0], DAY + 60)))
        found.append(History(lead_id, moves, amount, left))
    return found


terms = st.builds(
    lambda start, length, within, as_of: Terms(start, start + length, within, as_of),
    st.integers(DAY - 5, DAY + 40),
    st.integers(0, 40),
    st.one_of(st.none(), st.integers(0, 20)),
    st.integers(DAY - 5, DAY + 60),
)


def courses(leads: Sequence[History], as_of: int) -> Courses:
    """As the queries make them: the log in short, and what holds on the day of account."""
    short = [
        in_short((STAGES[place], date.fromordinal(day)) for place, day in lead.moves)
        for lead in leads
    ]
    known = [[place for place, day in lead.moves if day <= as_of] for lead in leads]
    is_open = [lead.left is None or lead.left > as_of for lead in leads]
    return Courses(
        lead_ids=[lead.lead_id for lead in leads],
        reached=[[one[stage.value] for one in short] for stage in STAGES],
        amounts=[lead.amount for lead in leads],
        current=[
            places[-1] if places and still else None
            for places, still in zip(known, is_open, strict=True)
        ],
        left=[None if still else lead.left for lead, still in zip(leads, is_open, strict=True)],
    )


def reached(history: History, stage: int) -> int | None:
    """The definition: the earliest day on which it entered the stage or any later one."""
    return min((day for place, day in history.moves if place >= stage), default=None)


@given(histories(), terms)
def test_figures_are_those_of_the_definition(leads: list[History], asked: Terms) -> None:
    columns = courses(leads, asked.as_of)
    steps = funnel(columns, asked)
    for stage, step in enumerate(steps):
        entered = [
            lead
            for lead in leads
            if (day := reached(lead, stage)) is not None
            and asked.start <= day <= asked.end
            and day <= asked.as_of
        ]
        assert columns.ids(step.entered) == [lead.lead_id for lead in entered]
        assert step.amount == sum(lead.amount or 0 for lead in entered)
        spans = {
            lead.lead_id: following - (reached(lead, stage) or 0)
            for lead in entered
            if stage < 4
            and (following := reached(lead, stage + 1)) is not None
            and following <= asked.as_of
        }
        converted = [
            one for one, span in spans.items() if asked.within is None or span <= asked.within
        ]
        assert columns.ids(step.converted) == converted
        expected = round(len(converted) / len(entered), 4) if entered and stage < 4 else None
        assert step.conversion == expected
        assert step.median_days == (
            median([spans[one] for one in converted]) if converted else None
        )
        open_ones = [
            lead.lead_id
            for lead in entered
            if stage < 4
            and lead.lead_id not in spans
            and (lead.left is None or lead.left > asked.as_of)
        ]
        assert columns.ids(step.waiting) == open_ones
        current = [
            lead.lead_id
            for lead in leads
            if (known := [place for place, day in lead.moves if day <= asked.as_of])
            and known[-1] == stage
            and (lead.left is None or lead.left > asked.as_of)
        ]
        assert columns.ids(step.current) == current


@given(st.lists(st.integers(0, 30), max_size=12), st.lists(st.integers(0, 30), max_size=12))
def test_kaplan_meier_is_the_product_limit(events: list[int], censored: list[int]) -> None:
    for share in (0.5, 0.8):
        assert quantile(events, censored, share) == slow_quantile(events, censored, share)


def slow_quantile(events: Sequence[int], censored: Sequence[int], share: float) -> int | None:
    """Day by day, in exact fractions."""
    staying = Fraction(1)
    for day in range(32):
        at_risk = sum(one >= day for one in (*events, *censored))
        if at_risk:
            staying *= Fraction(at_risk - events.count(day), at_risk)
        if staying <= 1 - Fraction(str(share)):
            return day
    return None


def test_without_anybody_waiting_it_is_the_median() -> None:
    assert quantile([1, 2, 3, 4, 5], [], 0.5) == 3
    assert quantile([], [], 0.5) is None
    assert quantile([5], [1, 1, 1], 0.5) == 5
    assert quantile([1], [5, 5, 5], 0.5) is None


def test_a_skipped_stage_is_passed_in_no_time() -> None:
    lead = History(1, [(0, DAY), (3, DAY + 5)], 7, None)
    steps = funnel(courses([lead], DAY + 9), Terms(DAY, DAY + 9, 90, DAY + 9))
    assert [step.days for step in steps] == [[5], [0], [0], [], []]
    assert [len(step.entered) for step in steps] == [1, 1, 1, 1, 0]


def test_nothing_is_known_of_later_days() -> None:
    lead = History(1, [(0, DAY), (1, DAY + 3), (4, DAY + 6)], None, DAY + 8)
    steps = funnel(courses([lead], DAY + 4), Terms(DAY, DAY + 30, None, DAY + 4))
    assert [len(step.entered) for step in steps] == [1, 1, 0, 0, 0]
    assert steps[1].waiting == [0]
    assert steps[1].current == [0]
    assert steps[1].censored == [1]


def test_empty_steps_have_no_rate() -> None:
    step = Step()
    assert step.conversion is None
    assert step.median_days is None
    assert step.median_days_km is None
