"""How text becomes tokens: the same for what is stored and for what is asked.

Text is folded (NFKC, lower case, traditional to simplified characters) and cut into runs of
letters and digits; every two neighbours within a run are a token, and so is the last one alone.
Any part of two or more characters is then a phrase of adjacent tokens, across scripts too: `gwh`
is found in `30GWh`, `3栋` in `A3栋`. Tokens of whole letter and digit runs would lose those.
"""

import importlib.metadata
import re
import unicodedata
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from opencc import OpenCC

_REVISION = "4"
"""To be raised with every change of this module, or of `search.marks`, that changes what is stored."""

_VARIANTS = {"矽": "硅", "瞭": "了", "著": "着", "藉": "借", "覆": "复"}
"""Characters whose simplified form depends on the word; folded on both sides, so none is lost."""

_RUN = re.compile(r"[^\W_]+")


def _version() -> str:
    # The tables of Unicode and OpenCC decide on tokens as much as this module does.
    opencc = importlib.metadata.version("opencc-python-reimplemented")
    return f"bigram-{_REVISION}/unicode-{unicodedata.unidata_version}/opencc-{opencc}"


ANALYSIS_VERSION = _version()
"""Changes whenever stored tokens may differ from those made now; then the index is rebuilt."""


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


class _Folding(dict[int, str]):
    """One character to its folded form, worked out once and kept; made for `str.translate`.

    `uneven` are the characters met so far that give none or several.
    """

    def __init__(self) -> None:
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        if len(folded) != 1:
            self.uneven.add(chr(code))
        return folded


def _fold(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "Me"}:
        # Marks of direction, joiners, variation selectors: invisible, so they separate nothing.
        return ""
    if category in {"Cc", "Cs", "Zs", "Zl", "Zp"}:
        return " "
    folded = unicodedata.normalize("NFKC", char).lower()
    if char >= "\u2e80":
        folded = "".join(_VARIANTS.get(one, one) for one in _simplifier().convert(folded))
    return "".join(one for one in folded if unicodedata.category(one) != "Mn")


_FOLDING = _Folding()


def _composed(text: str) -> str:
    """The text with base characters and their accents as one, so that both spellings are equal."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def normalise(text: str) -> str:
    """The folded runs of `text` with one space between: what is stored and compared.

    A term is contained in a text exactly where normalise(term) is a substring of normalise(text):
    punctuation separates, and which one it was does not matter.
    """
    return " ".join(_RUN.findall(_composed(text).translate(_FOLDING)))


class Mapped(NamedTuple):
    """A normalised text with the way back to what was written.

    `starts[i]` is the place in `original` of the character that gave character `i`.
    """

    original: str
    normalised: str
    starts: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where normalised[start:end] stands in the original; whole characters only."""
        return self.starts[start], self.starts[end - 1] + 1


def normalise_mapped(text: str) -> Mapped:
    """Like `normalise`, with the place of every character in the composed original."""
    original = _composed(text)
    folded = original.translate(_FOLDING)
    if _FOLDING.uneven.isdisjoint(original):
        return _evenly_mapped(original, folded)
    pieces: list[str] = []
    starts: list[int] = []
    gap = False
    for place, char in enumerate(original):
        for one in _FOLDING[ord(char)]:
            if not one.isalnum():
                gap = bool(pieces)
                continue
            if gap:
                pieces.append(" ")
                starts.append(place)
                gap = False
            pieces.append(one)
            starts.append(place)
    return Mapped(original, "".join(pieces), starts)


def _evenly_mapped(original: str, folded: str) -> Mapped:
    """Where every character gives one, its place is the same in both."""
    pieces: list[str] = []
    starts: list[int] = []
    for run in _RUN.finditer(folded):
        start, end = run.span()
        if pieces:
            starts.append(start)
        pieces.append(run.group())
        starts.extend(range(start, end))
    return Mapped(original, " ".join(pieces), starts)


class Folded(NamedTuple):
    """A text folded with its punctuation kept, and the way back to what was written.

    `starts[i]` is the place in `original` of the character that gave character `i`.
    """

    original: str
    text: str
    starts: list[int]

    def raw(self, start: int, end: int) -> str:
        """What was written where text[start:end] stands."""
        if end <= start:
            return ""
        return self.original[self.starts[start] : self.starts[end - 1] + 1]


def folded(text: str) -> str:
    """The text of `fold` alone: several times as fast."""
    return _composed(text).translate(_FOLDING)


def fold(text: str) -> Folded:
    """Like `normalise`, without leaving anything out: for readers of amounts, dates and names."""
    original = _composed(text)
    pieces: list[str] = []
    starts: list[int] = []
    for place, char in enumerate(original):
        folded = _FOLDING[ord(char)]
        pieces.append(folded)
        starts.extend([place] * len(folded))
    return Folded(original, "".join(pieces), starts)


def tokens(normalised: str) -> list[str]:
    """The tokens of a normalised text as they are stored, in order."""
    found: list[str] = []
    for run in normalised.split():
        found.extend(map(str.__add__, run, run[1:]))
        found.append(run[-1])
    return found


class Phrase(NamedTuple):
    """Adjacent tokens to look for; with `open_end` the last is only the beginning of a token."""

    tokens: tuple[str, ...]
    open_end: bool


def phrase(normalised: str) -> Phrase:
    """The tokens that stand side by side wherever a normalised term is part of a text."""
    found = tokens(normalised)
    if len(normalised.rsplit(" ", 1)[-1]) > 1:
        # The term may go on within the text: its last character is not alone there.
        return Phrase(tuple(found[:-1]), open_end=False)
    return Phrase(tuple(found), open_end=bool(found))


_PIECES = 12


def separate_pairs(word: str) -> list[tuple[str, str]]:
    """Every two separate neighbouring pairs of a normalised word of four or more characters.

    They are looked up where the word itself is nowhere. Pairs of Latin letters or digits alone are
    in nearly every such word and say nothing; of a long word the first twelve pairs are taken.
    """
    if len(word) < 4 or " " in word:
        return []
    places = range(min(len(word) - 1, _PIECES))
    pairs = [(place, pair) for place in places if not (pair := word[place : place + 2]).isascii()]
    return [
        (left, right)
        for (first, left), (second, right) in combinations(pairs, 2)
        if second - first > 1
    ]
