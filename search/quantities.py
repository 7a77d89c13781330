"""Amounts in Chinese texts: 30GWh, 30吉瓦时, 8万吨, 80000吨, 3000万美元, 二百亩. Pure.

Every amount has a dimension with one base unit, so that the same amount is equal however it was
written, and different currencies are different dimensions. Units of pieces (台, 套, 条 …) are each
a dimension of their own. Exact: nothing passes through floating point.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NamedTuple

from search.analysis import folded

MONEY = "cny"
"""The dimension of an amount in 亿 or 万 that names no unit."""

LAND = "land"
"""The dimension, in 亩, of areas in units of land: a range of land is not one of floors or foils."""

_MU = Fraction(2000, 3)
_UNITS_OF_LAND = frozenset({"亩", "公顷", "ha", "平方公里", "km2"})
_UNITS: dict[str, tuple[str, Fraction | int]] = {
    "元": ("cny", 1), "块钱": ("cny", 1), "元人民币": ("cny", 1), "人民币": ("cny", 1),
    "rmb": ("cny", 1), "cny": ("cny", 1),
    "美元": ("usd", 1), "美金": ("usd", 1), "usd": ("usd", 1),
    "欧元": ("eur", 1), "eur": ("eur", 1), "日元": ("jpy", 1), "港元": ("hkd", 1),
    "港币": ("hkd", 1), "英镑": ("gbp", 1), "韩元": ("krw", 1),
    "太瓦时": ("wh", 10**12), "twh": ("wh", 10**12), "吉瓦时": ("wh", 10**9), "gwh": ("wh", 10**9),
    "兆瓦时": ("wh", 10**6), "mwh": ("wh", 10**6), "千瓦时": ("wh", 10**3), "kwh": ("wh", 10**3),
    "度电": ("wh", 10**3),
    "吉瓦": ("w", 10**9), "gw": ("w", 10**9), "兆瓦": ("w", 10**6), "mw": ("w", 10**6),
    "千瓦": ("w", 10**3), "kw": ("w", 10**3), "瓦": ("w", 1), "瓦时": ("wh", 1),
    "千伏": ("v", 10**3), "kv": ("v", 10**3), "伏": ("v", 1), "伏安": ("va", 1), "千伏安": ("va", 10**3), "kva": ("va", 10**3),
    "吨标准煤": ("tce", 1), "吨标煤": ("tce", 1), "tce": ("tce", 1),
    "吨": ("kg", 1000), "t": ("kg", 1000), "公斤": ("kg", 1), "千克": ("kg", 1), "kg": ("kg", 1),
    "克": ("kg", Fraction(1, 1000)),
    "亩": ("sqm", _MU), "公顷": ("sqm", 10_000), "ha": ("sqm", 10_000),
    "平方公里": ("sqm", 10**6), "km2": ("sqm", 10**6), "平方米": ("sqm", 1), "平米": ("sqm", 1),
    "平方": ("sqm", 1), "平": ("sqm", 1), "m2": ("sqm", 1),
    "立方米": ("cbm", 1), "立方": ("cbm", 1), "m3": ("cbm", 1), "方": ("cbm", 1),
    "公里": ("m", 1000), "千米": ("m", 1000), "km": ("m", 1000), "米": ("m", 1), "m": ("m", 1),
    "毫米": ("m", Fraction(1, 1000)), "mm": ("m", Fraction(1, 1000)),
    "厘米": ("m", Fraction(1, 100)), "英寸": ("inch", 1), "寸": ("inch", 1),
    "%": ("percent", 1), "个百分点": ("percent", 1), "摄氏度": ("celsius", 1),
    "人": ("people", 1), "名": ("people", 1), "个岗位": ("people", 1),
    "台": ("tai", 1), "台套": ("taitao", 1), "套": ("tao", 1), "辆": ("liang", 1),
    "条": ("tiao", 1), "栋": ("dong", 1), "幢": ("dong", 1), "座": ("zuo", 1), "家": ("jia", 1),
    "片": ("pian", 1), "颗": ("ke", 1), "件": ("jian", 1), "层": ("ceng", 1), "个月": ("month", 1),
    "天": ("day", 1), "年": ("year", 1), "小时": ("hour", 1), "批": ("pi", 1), "期": ("qi", 1),
}  # fmt: skip
"""Unit → dimension and its size in the base unit of the dimension."""

_NOT_ASKED = frozenset({"year", "qi", "pi"})
"""Dimensions that name a date or a phase far more often than an amount."""

_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2,
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN_DIGIT = "[一二三四五六七八九两]"
# 千 without a digit before it belongs to the unit: 六万千伏安 is 六万 of 千伏安.
_HAN_NUMBER = (
    rf"(?:{_HAN_DIGIT}[十百千]?|十)(?:[零〇万亿]|{_HAN_DIGIT}[十百千]?)*"
    "(?:点[零一二三四五六七八九]+)?"
)
_SCALE = r"个?亿|[十百千]?万|[百千](?=亿)亿|百|千"
# The unit is tried first: 千 belongs to 千瓦 before it is a thousand of something.
_AMOUNT = re.compile(
    rf"(?<![\d.])(?P<number>{_NUMBER}|{_HAN_NUMBER})\s*"
    rf"(?:(?P<scale>(?:{_SCALE})*?)\s*(?P<unit>{_UNIT})(?![a-z\d])|(?P<bare>(?:{_SCALE})*))"
)
_MOST_DIGITS = 24


class Quantity(NamedTuple):
    """An amount with its place in the folded text it was found in."""

    dimension: str
    value: Fraction
    start: int
    end: int
    bare: bool = False
    """Whether it names no unit: 50亿 may be any money."""
    is_land: bool = False
    """Whether its unit is one of land."""


def measures(quantity: Quantity) -> Iterator[tuple[str, Fraction]]:
    """The dimensions an amount is a measure of, with its value in their base units."""
    yield quantity.dimension, quantity.value
    if quantity.is_land:
        yield LAND, quantity.value / _MU


def equals(dimension: str, value: Fraction) -> Iterator[tuple[str, Fraction]]:
    """In which dimensions the same amount may be written, and what it is there."""
    yield dimension, value
    if dimension == LAND:
        yield "sqm", value * _MU


def extract(text: str) -> list[Quantity]:
    """Every amount of a text that has a unit, or is in 万 or 亿, in order."""
    return list(find(folded(text)))


def find(text: str, *, inside_words: bool = True) -> Iterator[Quantity]:
    """The amounts of a folded text; without `inside_words` A3栋 is a name and not three 栋."""
    for match in _AMOUNT.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if not inside_words and before.isascii() and before.isalpha():
            continue
        found = _read(match)
        if found is not None:
            yield found


def _read(match: re.Match[str]) -> Quantity | None:
    unit = match["unit"] or ""
    scale = match["scale" if unit else "bare"]
    number = _number(match["number"])
    if number is None:
        return None
    for sign in scale:
        number *= _SCALES.get(sign, 1)
    if unit:
        dimension, size = _UNITS[unit]
        end = match.end()
    elif scale.endswith(("万", "亿")) or match["number"].endswith(("万", "亿")):
        dimension, size = MONEY, 1
        end = match.end("bare")
    else:
        return None
    if dimension in _NOT_ASKED:
        return None
    return Quantity(
        dimension,
        number * size,
        match.start(),
        end,
        bare=not unit,
        is_land=unit in _UNITS_OF_LAND,
    )


def _number(text: str) -> Fraction | None:
    if text[0] in _DIGITS or text[0] in _SCALES:
        return _han_number(text)
    plain = text.replace(",", "")
    if len(plain) > _MOST_DIGITS:
        return None
    try:
        return Fraction(Decimal(plain))
    except InvalidOperation:
        return None


def _han_number(text: str) -> Fraction | None:
    """A number in Chinese characters, such as 二百三十 or 三点五; None for one of no value."""
    whole, _, decimals = text.partition("点")
    total = section = digit = 0
    for sign in whole:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in "万亿":
            total = (total + section + digit) * _SCALES[sign]
            section = digit = 0
        else:
            section += (digit or 1) * _SCALES[sign]
            digit = 0
    value = Fraction(total + section + digit)
    for place, sign in enumerate(decimals, start=1):
        value += Fraction(_DIGITS[sign], 10**place)
    return value or None
