"""What was typed, cut into plain parts, quoted phrases and exclusions. Pure."""

import re
from collections.abc import Iterator
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
# A comma between digits belongs to a number, any other separates words.
_GAP = re.compile(r"[\s\x00，、；;。！？!?|]|(?<!\d),|,(?!\d)")


def cut(raw: str) -> Iterator[Part]:
    """The parts of a typed text, in order."""
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
        part = _quoted(raw, start, place, role) or _plain(raw, start, place, role)
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


def _plain(raw: str, start: int, place: int, role: Role) -> Part:
    """The text from `place` to the next gap or quotation mark."""
    if raw[place : place + 1] in _QUOTES:
        place += 1
    end = place
    while end < len(raw) and not _GAP.match(raw, end) and raw[end] not in _QUOTES:
        end += 1
    return Part(start, end, place, raw[place:end], role)
