"""The funnel of leads: how many reached each stage, went on, and how long it took. Pure.

The definition is that of the product's contract ("Funnel"). A lead *reached* a stage on the
earliest actual day on which it entered it or any later one. Of those that reached it within the
period and not after the day of account, the *converted* reached the next within so many days and
not after the day of account: what comes later does not exist. A lead that skips a stage passes
through it in 0 days. Days are proleptic ordinals, amounts millionths of 万元.

Beside the plain median of those that went on stand figures after Kaplan and Meier (1958), in which
those still waiting count for as long as they have waited; who was lost has waited until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import NamedTuple

Days = Sequence[int | None]


class Courses(NamedTuple):
    """Many leads as the funnel sees them, in columns of one length: a place is one lead.

    `reached` has for each stage in order the days on which the leads reached it, None where they
    have not. `current` is the stage in which a lead stands on the day of account if it is active
    then, counted from 0, else None. `left` is the day on which it stopped being open, None while
    it is.
    """

    lead_ids: Sequence[int]
    reached: Sequence[Days]
    amounts: Days
    current: Days
    left: Days

    def ids(self, places: Sequence[int]) -> list[int]:
        """The leads at these places."""
        return [self.lead_ids[place] for place in places]


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
    """One stage of a funnel, each figure as the places of the leads that it counts."""

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
        return None if self.is_last else share_of(len(self.converted), len(self.entered))

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


def share_of(part: int, whole: int) -> float | None:
    """A share to four places; None of nothing."""
    return round(part / whole, 4) if whole else None


def funnel(courses: Courses, terms: Terms) -> list[Step]:
    """The steps of all stages, in order."""
    last = len(courses.reached) - 1
    steps = []
    for stage, reached in enumerate(courses.reached):
        entered = _within(reached, terms.start, min(terms.end, terms.as_of))
        step = Step(entered=entered, is_last=stage == last)
        step.amount = sum(filter(None, _picked(courses.amounts, entered)))
        step.current = [place for place, at in enumerate(courses.current) if at == stage]
        if not step.is_last:
            _go_on(step, courses, stage, terms)
        steps.append(step)
    return steps


def _within(days: Days, start: int, end: int) -> list[int]:
    """The places of the days that lie within two days, both included."""
    return [place for place, day in enumerate(days) if day is not None and start <= day <= end]


def _picked(column: Days, places: Sequence[int]) -> Sequence[int | None]:
    if len(places) < 2:
        return [column[place] for place in places]
    found: Sequence[int | None] = itemgetter(*places)(column)
    return found


def _go_on(step: Step, courses: Courses, stage: int, terms: Terms) -> None:
    days = _picked(courses.reached[stage], step.entered)
    following = _picked(courses.reached[stage + 1], step.entered)
    within, as_of = terms.within, terms.as_of
    for place, day, then in zip(step.entered, days, following, strict=True):
        if then is not None and then <= as_of:
            span = then - (day or 0)
            step.events.append(span)
            if within is None or span <= within:
                step.converted.append(place)
                step.days.append(span)
        elif (left := courses.left[place]) is None:
            step.waiting.append(place)
            step.censored.append(as_of - (day or 0))
        else:
            step.censored.append(max(0, left - (day or 0)))


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
