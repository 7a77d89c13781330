"""What was typed, read into phrases, words and exclusions. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from search.analysis import normalise
from search.errors import QueryTooLong

MAX_LENGTH = 200
"""Characters a query may have; longer ones are refused, nobody types them."""

MAX_TERMS = 16
"""Words, phrases and exclusions that are looked up; further ones are shown as ignored."""

MAX_SINGLES = 2
"""Words of one character beside longer ones: they match nearly everything and cost the most."""


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the hits are narrowed to; several values of one field are alternatives.

    `since` and `until` are inclusive and leave out documents without a date of their own.
    """

    types: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self != NO_FILTERS


NO_FILTERS = Filters()


class ChipKind(StrEnum):
    """What a part of the query was read as."""

    WORD = "word"
    PHRASE = "phrase"
    EXCLUDED = "excluded"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Chip:
    """One understood part: shown to the person, who may take it away.

    `raw` is the part as it was typed, `without` the whole query with this part left out.
    """

    kind: ChipKind
    text: str
    raw: str
    without: str


@dataclass(frozen=True, slots=True)
class Query:
    """A read query. Phrases must be contained, excluded texts must not; words decide the rank.

    All three hold normalised text (`analysis.normalise`) with at least one letter or digit.
    """

    raw: str = ""
    phrases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    understood: tuple[Chip, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.words or self.excluded)


class _Part(NamedTuple):
    """A piece of the typed text: where it stands, what it says, and how it is meant."""

    start: int
    end: int
    text: str
    kind: ChipKind


_QUOTES = {'"': '"', "＂": "＂", "“": "”", "”": "”", "「": "」", "『": "』", "«": "»"}
_MINUS = "-－−"
_NOT = re.compile(r"(?:不要(?!求)|不含)")
# A comma between digits belongs to a number, any other separates words.
_GAP = re.compile(r"[\s\x00，、；;。！？!?|]|(?<!\d),|,(?!\d)")


def parse(text: str) -> Query:
    """Read what was typed; anything can be read, at worst as nothing.

    Raises QueryTooLong beyond MAX_LENGTH characters.
    """
    raw = text.strip()
    if len(raw) > MAX_LENGTH:
        raise QueryTooLong(limit=MAX_LENGTH, length=len(raw))
    parts = _limited([part for part in _parts(raw) if normalise(part.text)])
    query = Query(raw=raw, understood=tuple(_chip(raw, part) for part in parts))
    return replace(
        query,
        phrases=_texts(parts, ChipKind.PHRASE),
        words=_texts(parts, ChipKind.WORD),
        excluded=_texts(parts, ChipKind.EXCLUDED),
    )


def _texts(parts: list[_Part], kind: ChipKind) -> tuple[str, ...]:
    texts = (normalise(part.text) for part in parts if part.kind is kind)
    return tuple(dict.fromkeys(texts))


def _chip(raw: str, part: _Part) -> Chip:
    without = f"{raw[: part.start].rstrip()} {raw[part.end :].lstrip()}".strip()
    return Chip(part.kind, part.text.strip(), raw[part.start : part.end], without)


def _limited(parts: list[_Part]) -> list[_Part]:
    """The parts with those beyond the limits marked as ignored."""
    longer = any(_weight(part) > 1 for part in parts)
    kept = singles = 0
    result: list[_Part] = []
    for part in parts:
        single = longer and _weight(part) == 1 and part.kind is ChipKind.WORD
        if kept >= MAX_TERMS or (single and singles >= MAX_SINGLES):
            result.append(part._replace(kind=ChipKind.IGNORED))
            continue
        kept += 1
        singles += single
        result.append(part)
    return result


def _weight(part: _Part) -> int:
    return len(normalise(part.text))


def _parts(raw: str) -> Iterator[_Part]:
    place = 0
    while place < len(raw):
        if _GAP.match(raw, place):
            place += 1
            continue
        start, kind = place, ChipKind.WORD
        if raw[place] in _MINUS:
            kind, place = ChipKind.EXCLUDED, place + 1
        elif found := _NOT.match(raw, place):
            kind, place = ChipKind.EXCLUDED, found.end()
            while place < len(raw) and raw[place].isspace():
                place += 1
        part = _quoted(raw, start, place, kind) or _plain(raw, start, place, kind)
        yield part
        place = max(part.end, start + 1)


def _quoted(raw: str, start: int, place: int, kind: ChipKind) -> _Part | None:
    """The quoted text that begins at `place`, if it is closed; None otherwise."""
    closing = _QUOTES.get(raw[place : place + 1])
    end = raw.find(closing, place + 1) if closing else -1
    if end < 0:
        return None
    if kind is ChipKind.WORD:
        kind = ChipKind.PHRASE
    return _Part(start, end + 1, raw[place + 1 : end], kind)


def _plain(raw: str, start: int, place: int, kind: ChipKind) -> _Part:
    """The text from `place` to the next gap or quotation mark."""
    if raw[place : place + 1] in _QUOTES:
        place += 1
    end = place
    while end < len(raw) and not _GAP.match(raw, end) and raw[end] not in _QUOTES:
        end += 1
    return _Part(start, end, raw[place:end], kind)
