"""Red, yellow, green: the worst of dwell time, the next step and the last contact. Pure.

Rules of domain.md ("Lights", "Pool"); the steps between the colours are the zone's working
practice: three quarters of a standard is yellow, beyond it red; an overdue step is yellow, from
three working days on red; 70 % of the pool's limit is yellow. At 深度洽谈 the pool only warns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm.core.calendar import Exceptions, is_workday, workdays_between
from crm.core.labels import N_, LabelledEnum
from crm.leads.stages import Stage, Status

DWELL_WARNS = 75  # per cent of the standard
POOL_WARNS = 70  # per cent of the limit
OVERDUE_RED = 3  # working days
POOLED = (Stage.IDENTIFIED, Stage.CONTACTED)
WATCHED = (*POOLED, Stage.NEGOTIATING)


class Color(LabelledEnum):
    """The colours, from none to the worst."""

    NONE = "none", N_("无灯")
    GREEN = "green", N_("绿灯")
    YELLOW = "yellow", N_("黄灯")
    RED = "red", N_("红灯")


@dataclass(frozen=True)
class Reason:
    """Why a light shows its colour: a msgid with the values to put in.

    `about` is what it speaks of: status, dwell, next, contact or clock.
    """

    color: Color
    about: str
    template: str
    params: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Light:
    """A colour with its reasons, the worst first; there is always one."""

    color: Color
    reasons: tuple[Reason, ...]

    @property
    def reason(self) -> Reason:
        """The reason that decides the colour."""
        return self.reasons[0]


@dataclass(frozen=True)
class LightFacts:
    """What a light depends on."""

    stage: Stage
    status: Status
    stage_since: date
    received_on: date
    last_contact_on: date | None = None
    next_on: date | None = None


@dataclass(frozen=True)
class Cutoffs:
    """The days that divide the colours on a given day; SQL compares columns with the same ones.

    A lead is yellow or red when the day in question is on or before the cutoff.
    """

    dwell_yellow: Mapping[Stage, date]
    dwell_red: Mapping[Stage, date]
    contact_yellow: Mapping[Stage, date]
    contact_red: Mapping[Stage, date]
    overdue_yellow: date
    overdue_red: date


def cutoffs(today: date, rules: Mapping[str, int], exceptions: Exceptions) -> Cutoffs:
    """The dividing days for `today`, from the rule values of the settings."""

    def back(days: int) -> date:
        return today - timedelta(days=days)

    dwell = {stage: rules[f"dwell_days_{stage}"] for stage in (*WATCHED, Stage.APPRAISING)}
    pool = {stage: rules[f"pool_days_{stage}"] for stage in WATCHED}
    return Cutoffs(
        dwell_yellow={s: back(_share(days, DWELL_WARNS)) for s, days in dwell.items()},
        dwell_red={s: back(days + 1) for s, days in dwell.items()},
        contact_yellow={s: back(_share(days, POOL_WARNS)) for s, days in pool.items()},
        contact_red={s: back(days) for s, days in pool.items() if s in POOLED},
        overdue_yellow=_overdue_by(1, today, exceptions),
        overdue_red=_overdue_by(OVERDUE_RED, today, exceptions),
    )


def _share(days: int, per_cent: int) -> int:
    """The first whole day at which `per_cent` of `days` is reached, at least one."""
    return max(1, -(-days * per_cent // 100))


def _overdue_by(workdays: int, today: date, exceptions: Exceptions) -> date:
    """The latest due day that is at least so many working days overdue."""
    day, passed = today, 0
    while passed < workdays:
        passed += is_workday(day, exceptions)
        day -= timedelta(days=1)
    return day


def light(
    facts: LightFacts, today: date, rules: Mapping[str, int], exceptions: Exceptions
) -> Light:
    """The light of a lead on a day, with every reason that is yellow or red."""
    return judge(facts, today, cutoffs(today, rules, exceptions), rules, exceptions)


def judge(
    facts: LightFacts,
    today: date,
    limits: Cutoffs,
    rules: Mapping[str, int],
    exceptions: Exceptions,
) -> Light:
    """As `light`, with cutoffs worked out once for a whole list."""
    if facts.status is not Status.ACTIVE:
        return Light(Color.NONE, (Reason(Color.NONE, "status", facts.status.label),))
    found = [
        reason
        for reason in (
            _dwell(facts, today, limits, rules),
            _overdue(facts, today, limits, exceptions),
            _contact(facts, today, limits, rules),
        )
        if reason is not None
    ]
    found.sort(key=lambda reason: reason.color.position, reverse=True)
    bad = [reason for reason in found if reason.color in (Color.RED, Color.YELLOW)]
    reasons = tuple(bad or found[:1]) or (Reason(Color.GREEN, "dwell", N_("已签约")),)
    return Light(reasons[0].color, reasons)


def _dwell(
    facts: LightFacts, today: date, limits: Cutoffs, rules: Mapping[str, int]
) -> Reason | None:
    if facts.stage not in limits.dwell_red:
        return None
    standard = rules[f"dwell_days_{facts.stage}"]
    days = max(0, (today - facts.stage_since).days)
    params = {"days": days, "standard": standard}
    if facts.stage_since <= limits.dwell_red[facts.stage]:
        return Reason(Color.RED, "dwell", N_("停留 %(days)s 天，标准 %(standard)s 天"), params)
    if facts.stage_since <= limits.dwell_yellow[facts.stage]:
        params["share"] = days * 100 // standard
        text = N_("停留 %(days)s 天，达标准 %(standard)s 天的 %(share)s%%")
        return Reason(Color.YELLOW, "dwell", text, params)
    return Reason(Color.GREEN, "dwell", N_("停留 %(days)s 天，标准 %(standard)s 天"), params)


def _overdue(
    facts: LightFacts, today: date, limits: Cutoffs, exceptions: Exceptions
) -> Reason | None:
    if facts.next_on is None or facts.next_on > limits.overdue_yellow:
        return None
    days = workdays_between(facts.next_on, today, exceptions)
    red = facts.next_on <= limits.overdue_red
    return Reason(
        Color.RED if red else Color.YELLOW,
        "next",
        N_("下一步逾期 %(days)s 个工作日"),
        {"days": days},
    )


def _contact(
    facts: LightFacts, today: date, limits: Cutoffs, rules: Mapping[str, int]
) -> Reason | None:
    last = facts.last_contact_on or facts.received_on
    if facts.stage not in limits.contact_yellow or last > limits.contact_yellow[facts.stage]:
        return None
    most = rules[f"pool_days_{facts.stage}"]
    params = {"days": (today - last).days, "most": most}
    if facts.stage not in POOLED:
        return Reason(
            Color.YELLOW, "contact", N_("%(days)s 天没有接触，提醒线 %(most)s 天"), params
        )
    if last <= limits.contact_red[facts.stage]:
        return Reason(
            Color.RED, "contact", N_("%(days)s 天没有接触，已满 %(most)s 天，待退回公海"), params
        )
    return Reason(
        Color.YELLOW, "contact", N_("%(days)s 天没有接触，满 %(most)s 天退回公海"), params
    )
