"""When things happen on a lead: days counted back from today."""

from dataclasses import dataclass, field

from crm.demo.dice import Dice
from crm.demo.plans import NEW, RELEASED, UNOWNED, Plan
from crm.interactions.kinds import InteractionKind
from crm.leads.stages import Stage, Status

# Usual days spent in each stage before the next.
_DWELL = {
    Stage.IDENTIFIED: (3, 24),
    Stage.CONTACTED: (10, 42),
    Stage.NEGOTIATING: (20, 75),
    Stage.APPRAISING: (9, 26),
}
_NOTES = {
    Stage.IDENTIFIED: (1, 2),
    Stage.CONTACTED: (2, 3),
    Stage.NEGOTIATING: (2, 4),
    Stage.APPRAISING: (2, 3),
    Stage.SIGNED: (1, 3),
}
PHASES = {
    Stage.IDENTIFIED: "a",
    Stage.CONTACTED: "b",
    Stage.NEGOTIATING: "c",
    Stage.APPRAISING: "d",
    Stage.SIGNED: "e",
}
_FACE = (InteractionKind.VISIT, InteractionKind.RECEPTION, InteractionKind.MEETING)
_MIX = (
    InteractionKind.CALL, InteractionKind.CALL, InteractionKind.WECHAT, InteractionKind.WECHAT,
    InteractionKind.EMAIL, InteractionKind.VISIT, InteractionKind.VISIT, InteractionKind.RECEPTION,
    InteractionKind.MEETING, InteractionKind.NOTE,
)  # fmt: skip
_LONGEST = 545
# The open step of active leads in turn: days from today, negative ones overdue.
_OPEN = (-3, 0, 2, 6, -1, 1, 12, 0, 4, -6, 9, 3)


@dataclass(frozen=True)
class Talk:
    """A contact to be logged: so many days ago, in this stage, by this kind."""

    ago: int
    phase: str
    kind: InteractionKind
    is_last_word: bool = False


@dataclass
class Course:
    """The days of one lead. `moves` are the stages entered after the first, with days ago."""

    received: int
    moves: list[tuple[Stage, int]] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    ended: int | None = None
    released: int | None = None
    open_step: int | None = None


def make_course(plan: Plan) -> Course:
    """The days of a lead, from its plan."""
    dice = plan.dice
    if plan.special == NEW:
        return Course(received=dice.between(0, 1))
    if plan.special == UNOWNED:
        return Course(received=dice.between(1, 9))
    if plan.special == RELEASED:
        received = dice.between(40, 70)
        talk = Talk(received - 2, "a", InteractionKind.CALL)
        return Course(received, talks=[talk], released=dice.between(2, 6))
    last, since = _present(plan, dice)
    course = Course(received=since)
    spans: list[tuple[Stage, int, int]] = [(plan.stage, since, last)]
    for stage in reversed(list(Stage)[: plan.stage.position]):
        low, high = _DWELL[stage]
        entered = min(_LONGEST - 10 * stage.position, course.received + dice.between(low, high))
        spans.insert(0, (stage, entered, course.received))
        course.moves.insert(0, (spans[1][0], course.received))
        course.received = entered
    for stage, start, end in spans:
        course.talks += _talks(plan, stage, start, end, is_present=stage is plan.stage)
    if plan.is_over:
        course.ended = last
    elif course.talks:
        course.open_step = _open_step(plan, course.talks[-1].ago)
    return course


def _present(plan: Plan, dice: Dice) -> tuple[int, int]:
    """Days since the last contact, and since the present stage was entered."""
    if plan.is_over:
        last = dice.between(20, 330) if plan.status is Status.LOST else dice.between(6, 90)
        return last, last + dice.between(12, 50)
    last = dice.between(0, 9) if dice.chance(68) else dice.between(10, 42)
    if plan.stage is Stage.SIGNED:
        since = dice.between(4, 330)
        return min(since, last + since // 2), since
    return last, last + dice.between(2, 38)


def _talks(plan: Plan, stage: Stage, start: int, end: int, *, is_present: bool) -> list[Talk]:
    """The contacts while the lead stood in a stage; one of the second stage is face to face."""
    dice = plan.dice
    low, high = _NOTES[stage]
    count = dice.between(low, high)
    if is_present and stage is Stage.IDENTIFIED and not plan.is_over:
        count = dice.between(0, 2)
    days = sorted({end + round((start - end) * dice.share()) for _n in range(count)}, reverse=True)
    if days and (is_present or stage is Stage.IDENTIFIED):
        days[-1] = end
    kinds = [dice.pick(_MIX) for _day in days]
    if stage is Stage.CONTACTED and kinds:
        kinds[-1] = dice.pick(_FACE)
    if stage is Stage.IDENTIFIED and kinds:
        kinds[0] = InteractionKind.CALL
    talks = [Talk(day, PHASES[stage], kind) for day, kind in zip(days, kinds, strict=True)]
    if is_present and plan.is_over and talks:
        kind = dice.pick((InteractionKind.CALL, InteractionKind.WECHAT))
        talks[-1] = Talk(talks[-1].ago, talks[-1].phase, kind, is_last_word=True)
    return talks


def _open_step(plan: Plan, last: int) -> int:
    """When the open step is due, in days from today; not before the contact that set it."""
    return max(_OPEN[plan.number % len(_OPEN)], -last)
