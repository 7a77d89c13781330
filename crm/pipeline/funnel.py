"""The funnel of leads: how many reached each stage, went on, and how long it took. Pure.

The definition is that of the product's contract ("Funnel"). A lead *reached* a stage on the
earliest actual day on which it entered it or any later one. Of those that reached it within the
period and not after the day of account, the *converted* reached the next within so many days and
not after the day of account: what comes later does not exist. A lead that skips a stage passes
through it in 0 days. Days are proleptic ordinals, amounts millionths of 万元.

Beside the plain median of those that went on stand figures after Kaplan and Meier (1958), in which
those still waiting count for as long as they have waited; who was lost has waited until then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median
from typing import NamedTuple


class Course(NamedTuple):
    """One lead as the funnel sees it.

    `reached` has a day for each stage in order, None where it has not got so far. `current` is the
    place of the stage in which it stands on the day of account if it is active then, else None.
    `left` is the day on which it stopped being open, None while it is.
    """

    lead_id: int
    reached: Sequence[int | None]
    amount: int | None
    current: int | None
    left: int | None


class Terms(NamedTuple):
    """What is asked: the period, both days included, the span of conversion, the day of account.

    `within` is None where a lead may take any time to go on.
    """

    start: int
    end: int
    within: int | None
    as_of: int


@dataclass(slots=True)
class Step:
    """One stage of a funnel, each figure as the ids that it counts."""

    entered: list[int] = field(default_factory=list)
    converted: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    current: list[int] = field(default_factory=list)
    amount: int = 0
    days: list[int] = field(default_factory=list)
    """Days to the next stage, of the converted."""
    events: list[int] = field(default_factory=list)
    """Days to the next stage, of all that reached it by the day of account."""
    censored: list[int] = field(default_factory=list)
    """Days for which the others have been seen not to go on."""
    is_last: bool = False

    @property
    def conversion(self) -> float | None:
        """The share that went on, to four places; None where none entered, and at the last stage."""
        if self.is_last or not self.entered:
            return None
        return round(len(self.converted) / len(self.entered), 4)

    @property
    def median_days(self) -> float | None:
        """The plain median over the converted."""
        return median(self.days) if self.days else None

    @property
    def median_days_km(self) -> int | None:
        """The day by which half have gone on, with those waiting; None while fewer have."""
        return quantile(self.events, self.censored, 0.5)

    @property
    def p80_days_km(self) -> int | None:
        """The day by which four in five have gone on."""
        return quantile(self.events, self.censored, 0.8)


def funnel(courses: Iterable[Course], terms: Terms, stages: int) -> list[Step]:
    """The steps of the first `stages` stages, in order."""
    steps = [Step(is_last=place == stages - 1) for place in range(stages)]
    last_day = min(terms.end, terms.as_of)
    for course in courses:
        reached = course.reached
        if course.current is not None and course.current < stages:
            steps[course.current].current.append(course.lead_id)
        for place, step in enumerate(steps):
            day = reached[place]
            if day is None:
                break
            if terms.start <= day <= last_day:
                step.entered.append(course.lead_id)
                step.amount += course.amount or 0
                if not step.is_last:
                    _go_on(step, course, day, reached[place + 1], terms)
    return steps


def _go_on(step: Step, course: Course, day: int, following: int | None, terms: Terms) -> None:
    if following is not None and following <= terms.as_of:
        span = following - day
        step.events.append(span)
        if terms.within is None or span <= terms.within:
            step.converted.append(course.lead_id)
            step.days.append(span)
    elif course.left is None:
        step.waiting.append(course.lead_id)
        step.censored.append(terms.as_of - day)
    else:
        step.censored.append(max(0, course.left - day))


def quantile(events: Sequence[int], censored: Sequence[int], share: float) -> int | None:
    """The first day by which `share` have gone on, after Kaplan and Meier; None before that.

    Who is censored on a day still counts as waiting on it.
    """
    at_risk = len(events) + len(censored)
    leaving = sorted(censored)
    gone = 0
    staying = 1.0
    for day, group in groupby(sorted(events)):
        while gone < len(leaving) and leaving[gone] < day:
            gone += 1
            at_risk -= 1
        count = len(list(group))
        staying *= 1 - count / at_risk
        at_risk -= count
        # A rounding error of the products must not move the day on which the share is reached.
        if staying <= 1 - share + 1e-9:
            return day
    return None
