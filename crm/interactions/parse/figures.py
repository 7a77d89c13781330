"""Amounts, areas, jobs and energy: found here, read by `core.quantity`. Pure."""

import re
from collections.abc import Callable
from typing import Any

from crm.core import quantity
from crm.interactions.parse.suggestion import Suggestion

_NUMBER = r"(?:[0-9０-９]{1,9}(?:[,，][0-9０-９]{3})*(?:[.．][0-9０-９]{1,4})?|[一二两三四五六七八九十百千零]{1,9})"
_SCALE = r"(?:万亿|千万|百万|十万|亿|万)"
_APART = r"(?<![0-9０-９.．一二两三四五六七八九十百千零万亿年第])"
_MONEY = re.compile(rf"{_APART}({_NUMBER}\s?{_SCALE}?\s?(?:元人民币|人民币|美元|美金|元))")
# Without 元 a number is money only where nothing else is counted.
_BARE = re.compile(
    rf"{_APART}({_NUMBER}\s?(?:亿|千万|百万|万))(?=[^\u4e00-\u9fffA-Za-z0-9㎡]|$|左右|上下|以上|多|的投)"
)
_ABOUT_MONEY = re.compile(r"(投|资|固投|产值|营收|税|规模|出资)[^，。；\n]{0,6}$")
_LAND = re.compile(rf"{_APART}({_NUMBER}\s?万?\s?(?:亩|公顷))")
_FLOOR = re.compile(rf"{_APART}({_NUMBER}\s?万?\s?(?:平方米|平米|㎡|平方(?!公里)))")
_ENERGY = re.compile(rf"{_APART}({_NUMBER}\s?万?\s?(?:吨标准煤|吨标煤|tce))", re.IGNORECASE)
_JOBS = re.compile(
    rf"(?:用工|就业|员工|招工|招聘|岗位)(?:需求|人数|规模)?(?:大概|大约|约|预计|有|需要|需|要)?\s?({_NUMBER})\s?(?:人|名|个)"
    rf"|{_APART}({_NUMBER})\s?(?:人|名)(?:用工|就业|员工|工人)"
)
_FIELDS_BEFORE = (
    (re.compile(r"固投|固定资产"), "fixed_investment_wan_cny"),
    (re.compile(r"产值|营收|销售"), "output_wan_cny"),
    (re.compile(r"税"), "tax_wan_cny"),
)
_LOOK_BACK = 8


def figure_suggestions(text: str) -> list[Suggestion]:
    """Figures that a lead has fields for, as they stand in the text."""
    found = _money(text)
    for field, pattern, parse in (
        ("land_mu", _LAND, quantity.parse_area_mu),
        ("floor_area_sqm", _FLOOR, quantity.parse_sqm),
        ("energy_tce", _ENERGY, quantity.parse_energy_tce),
    ):
        found += [
            Suggestion.of(field, match.group(1), match.group(1))
            for match in pattern.finditer(text)
            if _readable(parse, match.group(1))
        ]
    for match in _JOBS.finditer(text):
        number = match.group(1) or match.group(2)
        if _readable(quantity.parse_count, number):
            found.append(
                Suggestion.of("jobs", str(quantity.parse_count(number)), match.group(), number)
            )
    return found


def _money(text: str) -> list[Suggestion]:
    found = []
    places = [(match.start(1), match.group(1)) for match in _MONEY.finditer(text)]
    for match in _BARE.finditer(text):
        before = text[max(0, match.start(1) - _LOOK_BACK) : match.start(1)]
        if "亿" in match.group(1) or _ABOUT_MONEY.search(before):
            places.append((match.start(1), match.group(1)))
    for start, words in sorted(places):
        if _readable(quantity.parse_money, words):
            found.append(Suggestion.of(_field_of(text, start, words), words, words))
    return found


def _field_of(text: str, start: int, words: str) -> str:
    if "美" in words:
        return "foreign_capital_wan_usd"
    before = re.split(r"[，。；、,;\n]", text[max(0, start - _LOOK_BACK) : start])[-1]
    for pattern, field in _FIELDS_BEFORE:
        if pattern.search(before):
            return field
    return "investment_wan_cny"


def _readable(parse: Callable[[str], Any], words: str) -> bool:
    try:
        parse(words)
    except quantity.QuantityError:
        return False
    return True
