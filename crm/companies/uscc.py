"""The unified social credit code 统一社会信用代码 (GB 32100-2015). Pure."""

import unicodedata
from dataclasses import dataclass, field

from stdnum.cn import uscc

from crm.core.labels import N_

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_GB11714 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GB11714_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

INNER_WARNING = N_("第 9 至 17 位（组织机构代码）的校验码不符，请核对；老代码可能如此，仍可保存。")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a code: a text for the catalogue and the values to put into it."""

    text: str
    values: dict[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values


def compact(text: str) -> str:
    """The code as it is kept: half-width capitals without blanks and hyphens."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if not c.isspace() and c not in "-—–·")


def find_fault(code: str) -> Fault | None:
    """Why a compact code cannot be right, or None: length, characters, check digit (place 18)."""
    if len(code) != 18:
        return Fault(N_("统一社会信用代码应为 18 位，您填了 %(count)d 位。"), {"count": len(code)})
    for place, char in enumerate(code, start=1):
        if char not in _ALPHABET:
            hint = _LOOKALIKE.get(char)
            if hint:
                text = N_("第 %(place)d 位“%(char)s”不会出现在信用代码里，可能是“%(hint)s”。")
                return Fault(text, {"place": place, "char": char, "hint": hint})
            text = N_("第 %(place)d 位“%(char)s”不会出现在信用代码里。")
            return Fault(text, {"place": place, "char": char})
        if 3 <= place <= 8 and not char.isdigit():
            text = N_("第 %(place)d 位应为数字（第 3 至 8 位是行政区划码）。")
            return Fault(text, {"place": place})
    expected = uscc.calc_check_digit(code)
    if code[-1] != expected:
        text = N_("第 18 位校验码不符：按前 17 位应为“%(expected)s”，您填的是“%(given)s”。")
        return Fault(text, {"expected": expected, "given": code[-1]})
    return None


_LOOKALIKE = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}


def inner_check_fails(code: str) -> bool:
    """Whether the organisation code inside (GB 11714) has another check digit than it should.

    Codes given out before 2015 were not always right, so this only warns.
    """
    inner = code[8:17]
    if len(inner) != 9:
        return False
    total = sum(_GB11714.index(c) * w for c, w in zip(inner[:8], _GB11714_WEIGHTS, strict=True))
    expected = "0123456789X"[(11 - total % 11) % 11]
    return inner[8] != expected
