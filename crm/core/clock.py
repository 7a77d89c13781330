"""The only place that asks what time it is.

Moments are aware and in UTC; days are those of the zone (Asia/Shanghai). Rules never call this
module: they take the day as an argument.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present moment in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The zone's present day."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The zone's calendar day on which a moment falls."""
    return moment.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The moment at which a day of the zone begins."""
    return datetime.combine(day, time.min, tzinfo=ZONE).astimezone(UTC)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock still, for tests and demo data."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
