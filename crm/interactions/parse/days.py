"""Days as people write them: 9月26日, 下周三, 明天, 本月底, 周五下午, 三天后. Pure."""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from crm.interactions.parse.suggestion import Suggestion

_D = "[0-9０-９]"
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_WEEKS = {"上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_MONTHS = {"上": -1, "本": 0, "这": 0, "当": 0, "下": 1, "": 0}
_WORDS = {"大后天": 3, "后天": 2, "明天": 1, "明日": 1, "今天": 0, "今日": 0, "昨天": -1,
          "昨日": -1, "前天": -2, "明早": 1, "明晚": 1, "今晚": 0}  # fmt: skip
_FURTHEST = timedelta(days=366 * 5)


class Found(NamedTuple):
    """A day and where it stands in the text."""

    day: date
    start: int
    end: int


_FULL = re.compile(
    rf"(?<!{_D})({_D}{{4}})\s*[-/.年]\s*({_D}{{1,2}})\s*[-/.月]\s*({_D}{{1,2}})[日号]?(?!{_D})"
)
_MONTH_DAY = re.compile(rf"(?<!{_D})({_D}{{1,2}})月({_D}{{1,2}})[日号]?(?!{_D})")
_DAY_ONLY = re.compile(rf"(?<![{_D[1:-1]}月年第])({_D}{{1,2}})[号日](?![{_D[1:-1]}楼线厂院门])")
_WEEKDAY = re.compile(r"(下下|上|本|这|下)?个?(?:周|星期|礼拜)([一二三四五六日天末])(?![年期])")
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_MONTH_END = re.compile(r"(上|本|这|当|下)?个?月(底|末|初|中旬)")
_YEAR_END = re.compile(r"(今|明)?年(底|末)")
_AFTER = re.compile(rf"({_D}{{1,3}}|[一二两三四五六七八九十])个?(天|周|星期|月)(?:以后|之后|后)")


def find_days(text: str, on: date) -> list[Found]:
    """Every day that a text names, as seen on a day, in the order of the text; none overlap."""
    found: list[Found] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            day = _safely(read, match, on)
            if day is None or abs(day - on) > _FURTHEST:
                continue
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                found.append(Found(day, match.start(), match.end()))
    return sorted(found, key=lambda one: one.start)


def day_suggestions(
    text: str, on: date, today: date, steps: Sequence[str] = ()
) -> list[Suggestion]:
    """Days to come are those of a next step, days gone by those of the contact.

    `on` is the day from which 明天 counts, `today` the one that divides past from future. Days
    inside the sentences of `steps` come first.
    """
    found = find_days(text, on)
    in_step = [one for one in found if any(text[one.start : one.end] in step for step in steps)]
    ordered = in_step + [one for one in found if one not in in_step]
    return [
        Suggestion.of_day(
            "next_on" if one.day >= today and (one.day > on or one in in_step) else "occurred_on",
            one.day,
            text[one.start : one.end],
        )
        for one in ordered
    ]  # fmt: skip


def read_day(text: str, on: date) -> date | None:
    """The day that a whole short text says, as the head of a message does; M/D counts too."""
    short = re.fullmatch(rf"({_D}{{1,2}})[-/.]({_D}{{1,2}})", text)
    if short:
        return _safely(_month_day, short, on)
    found = find_days(text, on)
    return found[0].day if found and found[0].end - found[0].start == len(text) else None


def _safely(
    read: Callable[[re.Match[str], date], date], match: re.Match[str], on: date
) -> date | None:
    try:
        return read(match, on)
    except (ValueError, OverflowError):
        return None


def _full(match: re.Match[str], _on: date) -> date:
    year, month, day = (int(part) for part in match.groups())
    return date(year, month, day)


def _month_day(match: re.Match[str], on: date) -> date:
    """Without a year the nearest one is meant."""
    month, day = int(match.group(1)), int(match.group(2))
    near = [
        date(year, month, day)
        for year in (on.year - 1, on.year, on.year + 1)
        if day <= monthrange(year, month)[1]
    ]
    return min(near, key=lambda one: (abs(one - on), one < on))


def _day_only(match: re.Match[str], on: date) -> date:
    """26号 is the next one, today's included."""
    day = int(match.group(1))
    month = on.year * 12 + on.month - 1
    for step in range(3):
        year, number = divmod(month + step, 12)
        if 1 <= day <= monthrange(year, number + 1)[1]:
            found = date(year, number + 1, day)
            if found >= on:
                return found
    raise ValueError("no such day")


def _weekday(match: re.Match[str], on: date) -> date:
    prefix, name = match.groups()
    if prefix is None:
        return on + timedelta(days=(_WEEKDAYS[name] - on.weekday()) % 7)
    monday = on - timedelta(days=on.weekday())
    return monday + timedelta(days=7 * _WEEKS[prefix] + _WEEKDAYS[name])


def _word(match: re.Match[str], on: date) -> date:
    return on + timedelta(days=_WORDS[match.group()])


def _month_end(match: re.Match[str], on: date) -> date:
    year, month = divmod(on.year * 12 + on.month - 1 + _MONTHS[match.group(1) or ""], 12)
    last = monthrange(year, month + 1)[1]
    day = {"底": last, "末": last, "初": 1, "中旬": 15}[match.group(2)]
    return date(year, month + 1, day)


def _year_end(match: re.Match[str], on: date) -> date:
    return date(on.year + (match.group(1) == "明"), 12, 31)


def _after(match: re.Match[str], on: date) -> date:
    amount, unit = match.groups()
    count = 10 if amount == "十" else _DIGITS[amount] if amount in _DIGITS else int(amount)
    if unit != "月":
        return on + timedelta(days=count * (1 if unit == "天" else 7))
    year, month = divmod(on.year * 12 + on.month - 1 + count, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = (
    (_FULL, _full),
    (_MONTH_DAY, _month_day),
    (_AFTER, _after),
    (_WEEKDAY, _weekday),
    (_WORD, _word),
    (_MONTH_END, _month_end),
    (_YEAR_END, _year_end),
    (_DAY_ONLY, _day_only),
)
