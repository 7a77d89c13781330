"""What was typed, cut into plain parts, quoted phrases and exclusions. Pure."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple


class Role(Enum):
    """How a part is meant."""

    PLAIN = "plain"
    PHRASE = "phrase"
    EXCLUDED = "excluded"


class Part(NamedTuple):
    """A piece of the typed text: where it stands, what it says, and how it is meant.

    `inside` is where its own text begins, behind a minus or a quotation mark.
    """

    start: int
    end: int
    inside: int
    text: str
    role: Role


_QUOTES = {'"': '"', "＂": "＂", "“": "”", "”": "”", "「": "」", "『": "』", "«": "»"}
_MINUS = "-－−"
_NOT = re.compile(r"(?:不要(?!求)|不含|不包括|排除|除了)")
# Behind a word as well, without a blank: 电机不含稀土.
_NOT_WITHIN = re.compile(r"(?<=\w\w)(?:不要(?!求)|不含|不包括)(?=\w\w)")
_REMOVES = re.compile(r"\s[-－−](?!\s)")
# A comma between digits belongs to a number, any other separates words.
_GAP = re.compile(r"[\s\x00，、；;。！？!?|]|(?<!\d),|,(?!\d)")


def cut(raw: str, unbroken: Sequence[tuple[int, int]] = ()) -> Iterator[Part]:
    """The parts of a typed text, in order.

    Gaps inside the `unbroken` stretches separate nothing, unless one begins an exclusion.
    """
    kept = [(start, end) for start, end in unbroken if not _REMOVES.search(raw, start, end)]
    place = 0
    while place < len(raw):
        if _GAP.match(raw, place):
            place += 1
            continue
        start, role = place, Role.PLAIN
        if raw[place] in _MINUS:
            role, place = Role.EXCLUDED, place + 1
        elif found := _NOT.match(raw, place):
            role, place = Role.EXCLUDED, found.end()
            while place < len(raw) and raw[place].isspace():
                place += 1
        part = _quoted(raw, start, place, role) or _plain(raw, start, place, role, kept)
        yield part
        place = max(part.end, start + 1)


def _quoted(raw: str, start: int, place: int, role: Role) -> Part | None:
    """The quoted text that begins at `place`, if it is closed; None otherwise."""
    closing = _QUOTES.get(raw[place : place + 1])
    end = raw.find(closing, place + 1) if closing else -1
    if end < 0:
        return None
    if role is Role.PLAIN:
        role = Role.PHRASE
    return Part(start, end + 1, place + 1, raw[place + 1 : end], role)


def _plain(raw: str, start: int, place: int, role: Role, kept: Sequence[tuple[int, int]]) -> Part:
    """The text from `place` to the next gap, quotation mark or exclusion."""
    if raw[place : place + 1] in _QUOTES:
        place += 1
    end = place
    while end < len(raw) and raw[end] not in _QUOTES:
        inside = any(low < end < high for low, high in kept)
        if not inside and (_GAP.match(raw, end) or (end > place and _NOT_WITHIN.match(raw, end))):
            break
        end += 1
    return Part(start, end, place, raw[place:end], role)


def together(raw: str, parts: Sequence[Part]) -> Part:
    """Neighbouring plain parts as one, with what stands between them."""
    first, last = parts[0], parts[-1]
    return Part(first.start, last.end, first.inside, raw[first.inside : last.end], Role.PLAIN)
