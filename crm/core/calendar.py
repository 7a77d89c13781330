"""Working days of China: the plain week, corrected by an editable table of exceptions. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta

Exceptions = Mapping[date, bool]


def is_workday(day: date, exceptions: Exceptions) -> bool:
    """Whether the day is worked; `exceptions` maps a day to True (worked) or False (holiday)."""
    return exceptions.get(day, day.weekday() < 5)


def add_workdays(start: date, count: int, exceptions: Exceptions) -> date:
    """The `count`-th working day after `start` (count ≥ 0; 0 gives `start` itself)."""
    day = start
    for _ in range(count):
        day += timedelta(days=1)
        while not is_workday(day, exceptions):
            day += timedelta(days=1)
    return day


def workdays_between(start: date, end: date, exceptions: Exceptions) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -workdays_between(end, start, exceptions)
    span = (end - start).days
    return sum(is_workday(start + timedelta(days=n), exceptions) for n in range(1, span + 1))
