"""Dates and spans of time as people name them: 上周, 三季度, 9月12日, 近30天, 去年下半年. Pure.

A search looks back: a month, quarter or day without a year is the latest one that has begun.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """A span of days, both ends included, and where it stands in the folded text."""

    first: date
    last: date
    start: int
    end: int


_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8,
             "九": 9, "十": 10, "十一": 11, "十二": 12, "半": 0}  # fmt: skip
_HAN = "十[一二]?|[一二两三四五六七八九]"
_YEAR = r"(?P<year>(?:19|20)\d\d|\d\d(?=年))\s*年?|(?P<named>今年|本年|去年|前年|明年|上年)"
_PATTERNS = [
    r"(?P<iso>(?:19|20)\d\d[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!\d)\s*[日号]?)",
    rf"(?:{_YEAR})?(?P<month>1[0-2]|0?[1-9]|{_HAN})月(?P<day>\d{{1,2}})\s*[日号]",
    rf"(?:{_YEAR})?第?(?P<quarter>[一二三四1-4])季度",
    rf"(?:{_YEAR})?q(?P<q>[1-4])(?![a-z\d])",
    rf"(?:{_YEAR})?(?P<half>[上下])半年",
    r"(?P<iso_month>(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])(?![-/.\d]))",
    rf"(?:{_YEAR})?(?<![\d个])(?P<only_month>1[0-2]|0?[1-9]|{_HAN})月份?(?!\d)",
    r"(?P<relative_day>今天|今日|昨天|昨日|前天|明天|后天)",
    r"(?P<week>上上|上个?|本|这个?|下个?)(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天]?)",
    r"(?P<relative_month>上上个?|上个?|本|这个?|当|下个?)月(?:份)?",
    r"(?P<relative_quarter>上个?|本|这个?|下个?)季度",
    rf"(?:最近|近|过去)(?P<count>\d{{1,3}}|{_HAN}|半)个?(?P<unit>天|日|周|星期|月|年)",
    r"(?P<lone_year>(?:19|20)\d\d)年(?!\d)",
    r"(?P<lone_named>今年|本年|去年|前年|明年|上年)",
]
_ANY = [re.compile(pattern) for pattern in _PATTERNS]
_RELATIVE_DAYS = {"今天": 0, "今日": 0, "昨天": -1, "昨日": -1, "前天": -2, "明天": 1, "后天": 2}
_NAMED_YEARS = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1}
_STEPS = {"上上": -2, "上上个": -2, "上": -1, "上个": -1, "本": 0, "这": 0, "这个": 0, "当": 0,
          "下": 1, "下个": 1}  # fmt: skip
_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "月": 30, "年": 365}


def find(text: str, today: date) -> Iterator[Span]:
    """The spans named in a folded text, in order, none inside another. `today` is the zone's day."""
    place = 0
    while place < len(text):
        found = [match for pattern in _ANY if (match := pattern.search(text, place))]
        if not found:
            return
        match = min(found, key=lambda one: (one.start(), -one.end()))
        span = _read(match, today)
        if span is not None:
            yield Span(*span, match.start(), match.end())
        place = max(match.end(), match.start() + 1)


def _read(match: re.Match[str], today: date) -> tuple[date, date] | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    try:
        for name, reader in _READERS.items():
            if name in groups:
                return reader(groups, today)
    except (ValueError, OverflowError):
        return None
    return None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMERALS[text]


def _year(groups: dict[str, str], today: date) -> int | None:
    if "named" in groups:
        return today.year + _NAMED_YEARS[groups["named"]]
    if "year" in groups:
        year = int(groups["year"])
        return year if year > 99 else 2000 + year
    return None


def _months(year: int | None, first: int, count: int, today: date) -> tuple[date, date]:
    """Months from the `first` one of a year on; without a year of the latest that has begun."""
    if year is None:
        year = today.year if first <= today.month else today.year - 1
    last = first + count - 1
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _iso(groups: dict[str, str], _today: date) -> tuple[date, date]:
    year, month, day = map(int, re.findall(r"\d+", groups["iso"]))
    return date(year, month, day), date(year, month, day)


def _iso_month(groups: dict[str, str], today: date) -> tuple[date, date]:
    year, month = map(int, re.findall(r"\d+", groups["iso_month"]))
    return _months(year, month, 1, today)


def _day(groups: dict[str, str], today: date) -> tuple[date, date]:
    month, day = _number(groups["month"]), int(groups["day"])
    year = _year(groups, today)
    if year is None:
        year = today.year if date(today.year, month, day) <= today else today.year - 1
    return date(year, month, day), date(year, month, day)


def _quarter(groups: dict[str, str], today: date) -> tuple[date, date]:
    number = _number(groups.get("quarter") or groups["q"])
    return _months(_year(groups, today), 3 * number - 2, 3, today)


def _half(groups: dict[str, str], today: date) -> tuple[date, date]:
    return _months(_year(groups, today), 1 if groups["half"] == "上" else 7, 6, today)


def _only_month(groups: dict[str, str], today: date) -> tuple[date, date]:
    return _months(_year(groups, today), _number(groups["only_month"]), 1, today)


def _relative_day(groups: dict[str, str], today: date) -> tuple[date, date]:
    day = today + timedelta(days=_RELATIVE_DAYS[groups["relative_day"]])
    return day, day


def _week(groups: dict[str, str], today: date) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_STEPS[groups["week"]])
    weekday = groups.get("weekday", "")
    if weekday:
        day = monday + timedelta(days="一二三四五六日".find(weekday.replace("天", "日")))
        return day, day
    return monday, monday + timedelta(days=6)


def _shifted(today: date, months: int) -> tuple[int, int]:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def _relative_month(groups: dict[str, str], today: date) -> tuple[date, date]:
    year, month = _shifted(today, _STEPS[groups["relative_month"]])
    return _months(year, month, 1, today)


def _relative_quarter(groups: dict[str, str], today: date) -> tuple[date, date]:
    year, month = _shifted(today, 3 * _STEPS[groups["relative_quarter"]])
    return _months(year, (month - 1) // 3 * 3 + 1, 3, today)


def _recent(groups: dict[str, str], today: date) -> tuple[date, date]:
    days = _UNITS[groups["unit"]]
    length = days // 2 if groups["count"] == "半" else days * _number(groups["count"])
    return today - timedelta(days=max(length - 1, 0)), today


def _lone_year(groups: dict[str, str], today: date) -> tuple[date, date]:
    return _months(int(groups["lone_year"]), 1, 12, today)


def _lone_named(groups: dict[str, str], today: date) -> tuple[date, date]:
    return _months(today.year + _NAMED_YEARS[groups["lone_named"]], 1, 12, today)


_READERS: dict[str, Callable[[dict[str, str], date], tuple[date, date]]] = {
    "iso": _iso, "day": _day, "quarter": _quarter, "q": _quarter, "half": _half,
    "iso_month": _iso_month, "only_month": _only_month, "relative_day": _relative_day,
    "week": _week, "relative_month": _relative_month, "relative_quarter": _relative_quarter,
    "count": _recent, "lone_year": _lone_year, "lone_named": _lone_named,
}  # fmt: skip
