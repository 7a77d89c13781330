"""Amounts as people write them, read exactly: 3.5亿, 3000万美元, 二百亩, 13公顷. Pure.

Every reader takes a bare number to be in the field's own unit and refuses what is negative, not a
number, of another dimension or beyond any real project. Nothing passes through floating point.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from crm.core.errors import DomainError
from crm.core.labels import N_

CurrencyCode = Literal["CNY", "USD"]

MU_PER_HECTARE = 15
MOST_WAN = Decimal(10) ** 8  # one 万亿: sums over many leads still fit the database's integers
MOST = Decimal(10) ** 8  # of 亩, ㎡ or tce: an amount in 亿 belongs into another field
MOST_COUNT = 10_000_000
SMALLEST = Decimal(1).scaleb(-6)  # the store's last place; of 万元 it is one 分
LONGEST = 40


class QuantityError(DomainError):
    """An amount that cannot be read. `template` is a msgid, `params` its values."""

    def __init__(self, template: str, **params: str) -> None:
        super().__init__(template % params if params else template)
        self.template = template
        self.params = params


@dataclass(frozen=True)
class Money:
    """An exact amount in 万元 (CNY) or 万美元 (USD)."""

    amount: Decimal
    currency: CurrencyCode


_MONEY: Mapping[str, CurrencyCode] = {
    "人民币元": "CNY", "元人民币": "CNY", "人民币": "CNY", "元": "CNY", "rmb": "CNY", "cny": "CNY",
    "¥": "CNY", "美元": "USD", "美金": "USD", "usd": "USD", "$": "USD", "us$": "USD",
}  # fmt: skip
# Unit → its size in 亩, in ㎡, in tce; all exact.
_MU = {"亩": Decimal(1), "公顷": Decimal(15), "ha": Decimal(15), "平方公里": Decimal(1500),
       "km2": Decimal(1500), "m2": Decimal("0.0015"), "平方米": Decimal("0.0015"),
       "平米": Decimal("0.0015"), "平方": Decimal("0.0015"), "平": Decimal("0.0015")}  # fmt: skip
_SQM_UNITS = {"m2", "平方米", "平米", "平方", "平"}
_TCE = dict.fromkeys(
    ("吨标准煤", "吨标煤", "标准煤", "标煤", "tce", "吨标准煤/年", "吨标煤/年", "tce/年", "吨"),
    Decimal(1),
)
_COUNT = dict.fromkeys(("人", "名", "个", "个岗位", "岗位"), Decimal(1))

_KINDS: tuple[tuple[str, Mapping[str, object]], ...] = (
    (N_("金额"), _MONEY), (N_("面积"), _MU), (N_("能耗"), _TCE), (N_("人数"), _COUNT),
)  # fmt: skip


def parse_money(text: str, *, currency: CurrencyCode = "CNY") -> Money:
    """Read an amount of money; `currency` is the field's, for a text that names none.

    Raises QuantityError.
    """
    body, unit = _split(text, _MONEY, N_("金额"), prefixes=True)
    found = _MONEY[unit] if unit else currency
    number, scaled = _number(body, text)
    if unit or scaled:
        number /= 10_000
    return Money(_checked(number, text, MOST_WAN), found)


def parse_wan(text: str, *, currency: CurrencyCode = "CNY") -> Decimal:
    """Read an amount into 万元 or 万美元; another currency than the field's is refused."""
    money = parse_money(text, currency=currency)
    if money.currency != currency:
        wanted = N_("“%(text)s”的币种不对，这里填人民币（万元）。")
        if currency == "USD":
            wanted = N_("“%(text)s”的币种不对，这里填美元（万美元）。")
        raise QuantityError(wanted, text=_shown(text))
    return money.amount


def parse_area_mu(text: str) -> Decimal:
    """Read land into 亩; 1 公顷 = 15 亩, 1 ㎡ = 0.0015 亩. Raises QuantityError."""
    return _parse(text, _MU, N_("面积"), MOST)


def parse_sqm(text: str) -> Decimal:
    """Read floor space into ㎡; other units of area are converted. Raises QuantityError."""
    body, unit = _split(text, _MU, N_("面积"))
    number, _ = _number(body, text)
    if unit and unit not in _SQM_UNITS:
        number = (number * _MU[unit] * 2000 / 3).quantize(SMALLEST).normalize() + 0
    return _checked(number, text, MOST)


def parse_energy_tce(text: str) -> Decimal:
    """Read energy into tonnes of standard coal a year. Raises QuantityError."""
    return _parse(text, _TCE, N_("能耗"), MOST)


def parse_count(text: str) -> int:
    """Read a whole number of people or things. Raises QuantityError."""
    number = _parse(text, _COUNT, N_("人数"), Decimal(MOST_COUNT))
    if number != number.to_integral_value():
        raise QuantityError(N_("“%(text)s”要填整数。"), text=_shown(text))
    return int(number)


def plain(number: Decimal) -> str:
    """A number in full, without exponent and idle zeros: what a form shows and reads again."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hectares(mu: Decimal) -> Decimal:
    """亩 in 公顷, to two places: for showing only."""
    return (mu / MU_PER_HECTARE).quantize(Decimal("0.01"))


def per_hectare(per_mu: Decimal) -> Decimal:
    """万元/亩 in 万元/公顷, exactly: 300 becomes 4,500."""
    return per_mu * MU_PER_HECTARE


def _parse(text: str, units: Mapping[str, Decimal], kind: str, most: Decimal) -> Decimal:
    body, unit = _split(text, units, kind)
    number, _ = _number(body, text)
    return _checked(number * units[unit] if unit else number, text, most)


def _shown(text: str) -> str:
    clean = "".join(c for c in text.strip() if c.isprintable())
    return clean if len(clean) <= 20 else clean[:20] + "…"


def _checked(number: Decimal, text: str, most: Decimal) -> Decimal:
    if number > most:
        raise QuantityError(N_("“%(text)s”太大了，请核对单位。"), text=_shown(text))
    if number != number.quantize(SMALLEST):
        raise QuantityError(N_("“%(text)s”的小数位太多。"), text=_shown(text))
    return number.normalize() + 0


def _split(
    text: str, units: Mapping[str, object], kind: str, *, prefixes: bool = False
) -> tuple[str, str]:
    """The number part and the unit (empty when none is written)."""
    if len(text) > LONGEST * 3:
        raise QuantityError(N_("“%(text)s”不是一个数。"), text=_shown(text))
    body = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    body = body.replace("￥", "¥")
    if body.startswith(("-", "−", "–", "负", "—")):
        raise QuantityError(N_("“%(text)s”是负数，请填正数。"), text=_shown(text))
    names = sorted(units, key=len, reverse=True)
    unit = next((name for name in names if prefixes and body.startswith(name)), "")
    if unit:
        body = body[len(unit) :].removesuffix("元")
    else:
        unit = next((name for name in names if body.endswith(name)), "")
        body = body.removesuffix(unit)
    _refuse_other_kinds(body, units, kind, text)
    return body, unit


def _refuse_other_kinds(body: str, units: Mapping[str, object], kind: str, text: str) -> None:
    for other, others in _KINDS:
        if others is units:
            continue
        if any(body.endswith(unit) for unit in others):
            raise QuantityError(
                N_("这里填%(kind)s，“%(text)s”是%(other)s。"),
                kind=kind, text=_shown(text), other=other,
            )  # fmt: skip


_DIGITS = {c: n for n, chars in enumerate(
    ("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for c in chars}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GREAT = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_TOKEN = re.compile(
    r"(?P<arabic>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<digits>[零〇一壹二贰两三叁四肆五伍六陆七柒八捌九玖]+(?:点[零〇一二三四五六七八九]+)?)"
    r"|(?P<small>[十拾百佰千仟])|(?P<great>[万萬亿億])"
)


def _number(body: str, text: str) -> tuple[Decimal, bool]:
    """The value of a number part, and whether it carries 万 or 亿. Raises QuantityError."""
    bad = QuantityError(
        N_("看不懂“%(text)s”，请写成 3.5亿、1200万 或 200 这样的数。"), text=_shown(text)
    )
    if not body or len(body) > LONGEST:
        raise bad
    reading = _Reading()
    place = 0
    while place < len(body):
        match = _TOKEN.match(body, place)
        if match is None or not reading.take(match.lastgroup or "", match.group()):
            raise bad
        place = match.end()
    value = reading.value()
    if value is None:
        raise bad
    return value, reading.scaled


class _Reading:
    """A Chinese numeral read from left to right, Arabic figures standing for its digits."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.section = Decimal(0)
        self.current: Decimal | None = None
        self.small = 10**5  # the last 十百千 of this section: they must fall
        self.great = 10**9  # the last 万亿: they must fall, but for 万亿 itself
        self.loose = False  # a digit right after 百 or more, without 零, could mean two things
        self.scaled = False

    def take(self, kind: str, part: str) -> bool:
        """Take in one token; False when it cannot stand here."""
        if kind in ("arabic", "digits"):
            if self.current is not None:
                return False
            zero_first = kind == "digits" and part[0] in "零〇" and len(part) > 1
            self.loose = self._after_magnitude() and not zero_first
            self.current = _figure(kind, part)
            return True
        return self._small(_SMALL[part]) if kind == "small" else self._great(_GREAT[part])

    def _after_magnitude(self) -> bool:
        return self.small in (100, 1000) or (self.scaled and self.small > 1000)

    def _small(self, size: int) -> bool:
        if size >= self.small or (self.current is None and size != 10):
            return False
        self.section += (self.current if self.current is not None else Decimal(1)) * size
        self.current, self.small = None, size
        return True

    def _great(self, size: int) -> bool:
        if self.current is not None and self.loose and self.small in (100, 1000):
            return False
        here = self.section + (self.current or 0)
        nothing = self.section == 0 and self.current is None
        if nothing and not (size == 10**8 and self.great == 10**4):
            return False
        if size >= self.great and not (size == 10**8 and self.great == 10**4):
            return False
        self.total = (self.total + here) * size if size > self.great else self.total + here * size
        self.section, self.current, self.small = Decimal(0), None, 10**5
        self.great, self.scaled = size, True
        return True

    def value(self) -> Decimal | None:
        """The number, or None where it ends in a digit that could mean two things."""
        if self.current is not None and self.loose:
            return None
        return self.total + self.section + (self.current or 0)


def _figure(kind: str, part: str) -> Decimal:
    if kind == "arabic":
        return Decimal(part.replace(",", ""))
    return Decimal("".join("." if c == "点" else str(_DIGITS[c]) for c in part))
