"""Amounts and ranges of amounts in a query: 30GWh, 50亿以上, 200亩左右, 30-50亿. Pure."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from search import quantities
from search.analysis import Folded
from search.quantities import MONEY, Quantity

ABOUT = Fraction(1, 10)
"""How far off 左右 may be, as a share of the amount."""

CURRENCIES = (MONEY, "usd", "eur")
"""What 3000万 without a unit may be."""

_AT_LEAST = re.compile(r"\s*(?:及?以上|起步|起)")
_AT_MOST = re.compile(r"\s*(?:及?以下|以内|之内)")
_NEARLY = re.compile(r"\s*(?:左右|上下)")
_MORE = re.compile(r"(?:超过|大于|不低于|不少于|至少|高于|多于|>=|≥|>)\s*$")
_LESS = re.compile(r"(?:不超过|小于|低于|少于|至多|不高于|<=|≤|<)\s*$")
_AROUND = re.compile(r"(?:大约|约|将近|接近)\s*$")
_FROM = re.compile(r"(?<![a-z\d.])(\d+(?:\.\d+)?)\s*(?:-|~|—|–|到|至)\s*$")
_JOINED = re.compile(r"\s*(?:-|~|—|–|到|至)\s*")


class Asked(NamedTuple):
    """An amount asked for: between `low` and `high`, None for no end, and where it stands."""

    dimensions: tuple[str, ...]
    low: Fraction | None
    high: Fraction | None
    start: int
    end: int

    @property
    def exact(self) -> bool:
        """Whether one amount and no range is asked for."""
        return self.low == self.high


def find(folded: Folded) -> Iterator[Asked]:
    """The amounts asked for in a folded text, in order."""
    waiting: Asked | None = None
    for quantity in quantities.find(folded.text, inside_words=False):
        asked = _asked(folded.text, quantity)
        if waiting is not None and _continues(folded.text, waiting, asked):
            waiting = waiting._replace(dimensions=asked.dimensions, high=asked.high, end=asked.end)
            continue
        if waiting is not None:
            yield waiting
        waiting = asked
    if waiting is not None:
        yield waiting


def _continues(text: str, former: Asked, asked: Asked) -> bool:
    """Whether two amounts are the ends of one range."""
    joined = _JOINED.fullmatch(text, former.end, asked.start)
    shared = set(former.dimensions) & set(asked.dimensions)
    return bool(joined and former.exact and asked.exact and shared)


def _asked(text: str, found: Quantity) -> Asked:
    *_, (dimension, value) = quantities.measures(found)
    found = found._replace(dimension=dimension, value=value)
    dimensions = CURRENCIES if found.bare else (found.dimension,)
    low: Fraction | None = found.value
    high: Fraction | None = found.value
    start, end = found.start, found.end
    before = text[:start]
    if after := _AT_LEAST.match(text, end):
        high, end = None, after.end()
    elif after := _AT_MOST.match(text, end):
        low, end = None, after.end()
    elif after := _NEARLY.match(text, end):
        low, high, end = *_around(found.value), after.end()
    elif lead := _lead(before):
        start = lead.start()
        low, high = _led(lead, found.value)
    elif lead := _FROM.search(before):
        low, start = _same_unit(lead[1], text, found), lead.start()
    return Asked(dimensions, low, high, start, end)


def _lead(before: str) -> re.Match[str] | None:
    """The words in front of an amount that make a range of it: of 不超过 and 超过 the longer."""
    found = [match for pattern in (_MORE, _LESS, _AROUND) if (match := pattern.search(before))]
    return min(found, key=lambda match: match.start(), default=None)


def _led(lead: re.Match[str], value: Fraction) -> tuple[Fraction | None, Fraction | None]:
    if lead.re is _AROUND:
        return _around(value)
    return (value, None) if lead.re is _MORE else (None, value)


def _around(value: Fraction) -> tuple[Fraction, Fraction]:
    return value * (1 - ABOUT), value * (1 + ABOUT)


def _same_unit(number: str, text: str, found: Quantity) -> Fraction:
    """The lower end of a range that names scale and unit at its upper end only."""
    size = re.match(r"[\d,.]+", text[found.start : found.end])
    written = Fraction(size[0].replace(",", "")) if size else found.value
    return Fraction(number) * found.value / written if written else found.value
