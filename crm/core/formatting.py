"""How values look on the screen: amounts with their unit, days as people say them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from markupsafe import Markup

from crm.core import clock
from crm.core.labels import N_
from crm.core.translating import gettext as _

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


def number(value: Decimal | int | float | None, places: int | None = None) -> str:
    """A number with thousands separators and without trailing zeros; a dash for none."""
    if value is None:
        return "—"
    exact = Decimal(value) if not isinstance(value, float) else Decimal(str(value))
    if places is not None:
        return f"{exact:,.{places}f}"
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yi(value: Decimal | None) -> str:
    """万元 shown in 亿元 with two places, as lists do."""
    return "—" if value is None else f"{value / 10000:,.2f}"


def money(value: Decimal | None) -> str:
    """万元 with the unit a reader expects: 亿元 from one 亿 on."""
    if value is None:
        return "—"
    if abs(value) >= 10000:
        return _("%(amount)s 亿元", amount=number((value / 10000).normalize()))
    return _("%(amount)s 万元", amount=number(value))


def usd(value: Decimal | None) -> str:
    """万美元 with the unit a reader expects."""
    if value is None:
        return "—"
    if abs(value) >= 10000:
        return _("%(amount)s 亿美元", amount=number((value / 10000).normalize()))
    return _("%(amount)s 万美元", amount=number(value))


def mu(value: Decimal | None) -> str:
    """Land in 亩."""
    return "—" if value is None else _("%(amount)s 亩", amount=number(value))


def day(value: date | datetime | None) -> str:
    """A day of this year as 9月12日, another as 2025-09-12."""
    if value is None:
        return "—"
    shown = clock.day_of(value) if isinstance(value, datetime) else value
    if shown.year == clock.today().year:
        return _("%(month)d月%(day)d日", month=shown.month, day=shown.day)
    return shown.isoformat()


def weekday(value: date | None) -> str:
    """The day of the week."""
    return "" if value is None else _(WEEKDAYS[value.weekday()])


def moment(value: datetime | None) -> str:
    """A moment in zone time, to the minute."""
    return "—" if value is None else f"{value.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"


def ago(value: datetime | date | None) -> str:
    """How long ago, as a feed says it: today's time, 昨天, else the day."""
    if value is None:
        return "—"
    shown = clock.day_of(value) if isinstance(value, datetime) else value
    days = (clock.today() - shown).days
    if days == 0:
        return f"{value.astimezone(clock.ZONE):%H:%M}" if isinstance(value, datetime) else _("今天")
    if days == 1:
        return _("昨天")
    return day(shown)


def masked(phone: str) -> str:
    """A phone number with its middle hidden: 138 **** 2075."""
    if not phone:
        return ""
    return f"{phone[:3]} **** {phone[-4:]}" if len(phone) >= 9 else "****"


@cache
def stage_bar(position: int, total: int = 5) -> Markup:
    """Short bars, filled up to a stage; `position` counts from 0. Lists show one in every row."""
    width = round(43 / total - 1.6, 1)
    bar = '<rect x="{}" y="0" width="{}" height="6" rx="1.5"{} />'
    bars = "".join(
        bar.format(round(place * 43 / total, 1), width, ' class="on"' if place <= position else "")
        for place in range(total)
    )
    svg = f'<svg class="stg-bars" viewBox="0 0 42 6" aria-hidden="true">{bars}</svg>'
    return Markup(svg)  # noqa: S704  # nosec B704


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "yi": yi,
    "money": money,
    "usd": usd,
    "mu": mu,
    "day": day,
    "weekday": weekday,
    "moment": moment,
    "ago": ago,
    "masked": masked,
    "stage_bar": stage_bar,
}
