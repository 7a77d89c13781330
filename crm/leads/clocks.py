"""The response clock: how soon a lead must be answered, assessed, fed back and reported on. Pure.

Source: domain.md, "Response times", in working days of China. A lead is answered by the first
contact after it came in; assessed when a likelihood was judged or it was moved on; fed back when it
was moved on or given up; from then on progress is due every so many working days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crm.core.calendar import Exceptions, add_workdays, workdays_between
from crm.core.labels import N_, LabelledEnum
from crm.leads.lights import Color, Reason
from crm.leads.stages import Stage, Status

# Within so many working days of its end a running clock is yellow.
SOON = 1


class ClockKind(LabelledEnum):
    """What is due."""

    ANSWER = "answer", N_("首次响应")
    ASSESS = "assess", N_("初步研判")
    FEED_BACK = "feed_back", N_("反馈意见")
    PROGRESS = "progress", N_("进展报告")


@dataclass(frozen=True)
class ClockFacts:
    """What the clock depends on."""

    stage: Stage
    status: Status
    received_on: date
    responded_on: date | None = None
    last_contact_on: date | None = None
    is_assessed: bool = False


@dataclass(frozen=True)
class Clock:
    """One thing that is due: by when, and how many working days are left (negative: late)."""

    kind: ClockKind
    due_on: date
    left: int
    reason: Reason

    @property
    def color(self) -> Color:
        """Red when late, yellow when nearly so."""
        return self.reason.color


def clocks(
    facts: ClockFacts, today: date, rules: Mapping[str, int], exceptions: Exceptions
) -> list[Clock]:
    """What is due for a lead, in order of the day; nothing for one that is not being worked on."""
    if facts.status is not Status.ACTIVE or facts.stage is Stage.SIGNED:
        return []
    moved_on = facts.stage is not Stage.IDENTIFIED
    due: list[tuple[ClockKind, date]] = []
    for kind, rule, done in (
        (ClockKind.ANSWER, "respond_answer_days", facts.responded_on is not None or moved_on),
        (ClockKind.ASSESS, "respond_assess_days", facts.is_assessed or moved_on),
        (ClockKind.FEED_BACK, "respond_feedback_days", moved_on),
    ):
        if not done:
            due.append((kind, add_workdays(facts.received_on, rules[rule], exceptions)))
    if moved_on:
        last = facts.last_contact_on or facts.received_on
        day = add_workdays(last, rules["respond_progress_days"], exceptions)
        due.append((ClockKind.PROGRESS, day))
    return sorted(
        (_clock(kind, day, today, exceptions) for kind, day in due), key=lambda c: c.due_on
    )


def answered_late_by(facts: ClockFacts, rules: Mapping[str, int], exceptions: Exceptions) -> int:
    """How many working days late a lead was answered; 0 when in time or not answered yet."""
    if facts.responded_on is None:
        return 0
    due = add_workdays(facts.received_on, rules["respond_answer_days"], exceptions)
    return max(0, workdays_between(due, facts.responded_on, exceptions))


def _clock(kind: ClockKind, due_on: date, today: date, exceptions: Exceptions) -> Clock:
    left = workdays_between(today, due_on, exceptions)
    return Clock(kind=kind, due_on=due_on, left=left, reason=_reason(kind, left))


def _reason(kind: ClockKind, left: int) -> Reason:
    params: dict[str, int | str] = {"what": kind.label, "days": abs(left)}
    if left < 0:
        return Reason(Color.RED, "clock", N_("%(what)s超时 %(days)s 个工作日"), params)
    if left == 0:
        return Reason(Color.YELLOW, "clock", N_("%(what)s今天到期"), params)
    color = Color.YELLOW if left <= SOON else Color.GREEN
    return Reason(color, "clock", N_("%(what)s还有 %(days)s 个工作日"), params)
