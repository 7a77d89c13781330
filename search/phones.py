"""Phone numbers in texts and queries, however their digits are grouped. Pure."""

import re
import unicodedata
from collections.abc import Iterator

_NUMBER = re.compile(r"(?<![\w.])\+?\d[\d \-()（）－]{5,20}\d(?![\w.])")
_GROUPING = re.compile(r"[ \-()]")
_DIGITS = range(7, 16)


def find(text: str) -> Iterator[str]:
    """The digits of the phone numbers that stand in a text."""
    for match in _NUMBER.finditer(text):
        if digits := digits_of(match[0]):
            yield digits


def digits_of(text: str) -> str:
    """The digits of a text that is a phone number and nothing else; empty for any other.

    The country code of China is set aside.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = _GROUPING.sub("", plain.removeprefix("+"))
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits.removeprefix("86")
    return digits if digits.isascii() and digits.isdigit() and len(digits) in _DIGITS else ""
