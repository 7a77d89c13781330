"""How one cell is read and written: text, days, choices, amounts, lists.

`read` takes the text of a cell and gives the value that services take, or raises `CellFault`;
`write` is its inverse, so that reading what was written changes nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from crm.core import quantity
from crm.core.forms import LONG_TEXT, clean_text
from crm.core.labels import N_, LabelledEnum
from crm.exchange.faults import CellFault
from crm.exchange.writing import Value

SEPARATORS = re.compile(r"[;；]")
UNAVAILABLE = "unavailable"
UNAVAILABLE_WORDS = frozenset({UNAVAILABLE, "暂不能提供"})
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
_YES = frozenset({"1", "是", "true", "yes", "y", "t", "√"})
_NO = frozenset({"0", "否", "false", "no", "n", "f", "×"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SHOWN = 30


class Cell(Protocol):
    """One kind of cell; `empty` is the value of a blank one."""

    @property
    def empty(self) -> Any: ...
    def read(self, text: str, today: date) -> Any: ...
    def write(self, value: Any) -> Value: ...


def shown(text: str) -> str:
    """A cell's text as a message quotes it."""
    clean = "".join(char if char.isprintable() else "�" for char in text.strip())
    return clean if len(clean) <= _SHOWN else f"{clean[:_SHOWN]}…"


def plain(text: str) -> str:
    """Half-width, lower case, without blanks around: how words are compared with a list."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@dataclass(frozen=True)
class Text:
    """Text of one line, or of several; `most` counts characters."""

    most: int = 200
    lines: bool = False
    empty: str = ""

    def read(self, text: str, today: date) -> str:
        clean = str(clean_text(text)).replace("\r", "\n")
        if not self.lines:
            clean = re.sub(r"\s*[\r\n]+\s*", " ", clean)
        if _CONTROL.search(clean):
            raise CellFault(N_("含有不可见的控制字符，请删去。"))
        if len(clean) > self.most:
            raise CellFault(
                N_("太长：%(count)d 字，最多 %(most)d 字。"), count=len(clean), most=self.most
            )
        return clean

    def write(self, value: str | None) -> str:
        return value or ""


LONG = Text(most=LONG_TEXT, lines=True)


@dataclass(frozen=True)
class Word:
    """A key of another record: text of one line, or None."""

    most: int = 120
    empty: None = None

    def read(self, text: str, today: date) -> str | None:
        clean = Text(self.most).read(text, today)
        if SEPARATORS.search(clean):
            raise CellFault(N_("这里只填一个，不能含分号。"))
        return clean or None

    def write(self, value: str | None) -> str:
        return value or ""


@dataclass(frozen=True)
class Day:
    """A day; an actual one has happened, so it cannot lie ahead."""

    actual: bool = False
    empty: None = None

    def read(self, text: str, today: date) -> date | None:
        if not text.strip():
            return None
        day = read_day(text)
        if self.actual and day > today:
            raise CellFault(
                N_("%(day)s 晚于今天（%(today)s），这里只填已经发生的日期。"),
                day=day.isoformat(), today=today.isoformat(),
            )  # fmt: skip
        return day

    def write(self, value: date | None) -> Value:
        return "" if value is None else value


def read_day(text: str) -> date:
    """The day in a text such as 2026-03-01, 2026/3/1 or 2026年3月1日. Raises CellFault."""
    match = _DAY.fullmatch(plain(text))
    if match is None:
        raise CellFault(
            N_("“%(text)s”不是日期，请写成 2026-03-01 这样的年-月-日。"), text=shown(text)
        )
    year, month, day = (int(part) for part in match.groups())
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise CellFault(N_("“%(text)s”不是有效日期。"), text=shown(text)) from error
    if not 1900 <= found.year <= 2200:
        raise CellFault(N_("“%(text)s”的年份不对。"), text=shown(text))
    return found


@dataclass(frozen=True)
class Choice:
    """A member of an enumeration, by its value or its Chinese label."""

    options: type[LabelledEnum]
    also: tuple[tuple[str, str], ...] = ()
    empty: None = None

    def read(self, text: str, today: date) -> LabelledEnum | None:
        wanted = plain(text)
        if not wanted:
            return None
        wanted = dict(self.also).get(wanted, wanted)
        for option in self.options:
            if wanted in (option.value.lower(), plain(option.label)):
                return option
        choices = "、".join(f"{option.value} {option.label}" for option in self.options)
        raise CellFault(
            N_("“%(text)s”不在可选值里：%(choices)s。"), text=shown(text), choices=choices
        )

    def write(self, value: LabelledEnum | None) -> str:
        return "" if value is None else value.value


@dataclass(frozen=True)
class Flag:
    """Yes or no; a blank cell is no."""

    empty: bool = False

    def read(self, text: str, today: date) -> bool:
        wanted = plain(text)
        if wanted and wanted not in _YES | _NO:
            raise CellFault(N_("“%(text)s”不对，请填 1（是）或 0（否）。"), text=shown(text))
        return wanted in _YES

    def write(self, value: bool | None) -> int:
        return 1 if value else 0


@dataclass(frozen=True)
class Amount:
    """An exact number in the column's unit, read as people write it (3.5亿, 200亩)."""

    parse: Callable[[str], Decimal | int]
    empty: None = None

    def read(self, text: str, today: date) -> Decimal | int | None:
        if not text.strip():
            return None
        try:
            return self.parse(text)
        except quantity.QuantityError as error:
            raise CellFault(error.template, **error.params) from error

    def write(self, value: Decimal | int | None) -> Value:
        return "" if value is None else value


@dataclass(frozen=True)
class Answerable:
    """A cell in which `unavailable` (暂不能提供) is an answer too; it reads as that word."""

    inner: Cell

    @property
    def empty(self) -> Any:
        return self.inner.empty

    def read(self, text: str, today: date) -> Any:
        return UNAVAILABLE if plain(text) in UNAVAILABLE_WORDS else self.inner.read(text, today)

    def write(self, value: Any) -> Value:
        return UNAVAILABLE if value == UNAVAILABLE else self.inner.write(value)


@dataclass(frozen=True)
class Definite:
    """A text in which 暂不能提供 is no answer."""

    inner: Text
    empty: str = ""

    def read(self, text: str, today: date) -> str:
        if plain(text) in UNAVAILABLE_WORDS:
            raise CellFault(N_("这一项不能填“暂不能提供”。"))
        return self.inner.read(text, today)

    def write(self, value: str | None) -> str:
        return self.inner.write(value)


@dataclass(frozen=True)
class Money:
    """An agreed amount: 万元 or 万美元, as its own text or the column of the currency says.

    Reads as `quantity.Money` where the text names a currency, else as a bare number.
    """

    empty: None = None

    def read(self, text: str, today: date) -> quantity.Money | Decimal | None:
        if not text.strip():
            return None
        try:
            yuan = quantity.parse_money(text)
            dollars = quantity.parse_money(text, currency="USD")
        except quantity.QuantityError as error:
            raise CellFault(error.template, **error.params) from error
        return yuan if yuan.currency == dollars.currency else yuan.amount

    def write(self, value: Decimal | None) -> Value:
        return "" if value is None else value


@dataclass(frozen=True)
class Several:
    """A list of short texts separated by semicolons, without repetitions, in order."""

    most: int = 200
    empty: Sequence[str] = ()

    def read(self, text: str, today: date) -> list[str]:
        item = Text(self.most)
        parts = (item.read(part, today) for part in SEPARATORS.split(text))
        return list(dict.fromkeys(part for part in parts if part))

    def write(self, value: Sequence[str]) -> str:
        return ";".join(SEPARATORS.sub("，", part) for part in value)


TRUNCATED = N_("列太多：这一行有 %(count)d 格，表头只有 %(most)d 列。")
