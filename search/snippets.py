"""The parts of a document that show why it was found, as safe HTML with `<mark>`."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from search import quantities
from search.analysis import Mapped, fold, normalise, normalise_mapped
from search.marks import marks_of_amount
from search.query import Meaning, Query

WIDTH = 110
"""Characters of a snippet, before escaping."""

LEAD = 30
"""Characters shown before the first mark."""

_CHUNK = 2_000
_OVERLAP = 400
_GAP = "…"
_TRIED = 50


class Wanted(NamedTuple):
    """What is marked: normalised terms, and the marks of amounts that were asked for."""

    terms: tuple[str, ...]
    amounts: frozenset[str] = frozenset()

    def in_text(self, text: str) -> tuple[str, ...]:
        """The terms, with the amounts as this text writes them."""
        if not self.amounts:
            return self.terms
        folded = fold(text)
        written = (
            normalise(folded.raw(one.start, one.end))
            for one in quantities.find(folded.text)
            if not self.amounts.isdisjoint(marks_of_amount(one))
        )
        return tuple(dict.fromkeys((*self.terms, *filter(None, written))))


def wanted_of(query: Query, *, relaxed: bool = False) -> Wanted:
    """What of a query can be seen in a text; pieces of words where no document has them whole."""
    terms = [way.term for clause in query.clauses for way in clause.texts]
    if relaxed:
        for clause in query.clauses:
            word = clause.typed
            terms.extend(word[at : at + 2] for at in range(len(word) - 2))
    amounts = (
        mark
        for clause in query.clauses
        if clause.meaning in (Meaning.AMOUNT, Meaning.RANGE)
        for way in clause.marks
        for mark in way.marks
    )
    return Wanted(tuple(dict.fromkeys(terms)), frozenset(amounts))


class Shown(NamedTuple):
    """The texts of a document that a hit shows."""

    title: str
    text: str
    names: Sequence[str]


def marked_title(title: str, wanted: Wanted) -> str:
    """The whole title, escaped, with what is wanted marked."""
    terms = wanted.in_text(title)
    if not term_count(title, terms):
        return _html(title, ())
    mapped = normalise_mapped(title)
    return _html(mapped.original, _spans(mapped, terms))


def snippets(shown: Shown, wanted: Wanted) -> tuple[str, ...]:
    """The best stretch of the text, and the names that match where the text does not say it all.

    Without a match in the text its beginning is given; of an empty text nothing.
    """
    found: list[str] = []
    terms = wanted.terms
    window, seen = _best_window(shown.text, wanted.in_text(shown.text))
    for name in shown.names:
        missing = [term for term in terms if term not in seen and term in normalise(name)]
        if missing and term_count(shown.title, missing) < len(missing):
            found.append(marked_title(name, wanted))
            seen.update(missing)
    if window:
        found.insert(0, window)
    return tuple(found)


def term_count(text: str, terms: Iterable[str]) -> int:
    """How many of the terms a text contains."""
    normalised = normalise(text)
    return sum(term in normalised for term in terms)


def _best_window(text: str, terms: Sequence[str]) -> tuple[str, set[str]]:
    chunk, offset = _chunk(text, terms)
    mapped = normalise_mapped(chunk)
    spans = _spans(mapped, terms)
    start = _start(mapped, terms, spans)
    end = min(len(mapped.original), start + WIDTH)
    if end == len(mapped.original):
        start = max(0, end - WIDTH)
    inside = [
        (max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start
    ]
    piece = mapped.original[start:end]
    seen = {term for term in terms if term in normalise(piece)}
    before = _GAP if offset + start > 0 else ""
    after = _GAP if offset + end < len(text) else ""
    lead, trail = len(piece) - len(piece.lstrip()), len(piece.rstrip())
    inside = [(a - lead, min(b, trail) - lead) for a, b in inside]
    body = _html(piece.strip(), inside)
    return (f"{before}{body}{after}" if body else ""), seen


def _chunk(text: str, terms: Sequence[str]) -> tuple[str, int]:
    """The part of a long text that contains most terms, and where it begins."""
    if len(text) <= _CHUNK + _OVERLAP:
        return text, 0
    best, place, most = text[: _CHUNK + _OVERLAP], 0, 0
    for start in range(0, len(text), _CHUNK):
        part = text[start : start + _CHUNK + _OVERLAP]
        count = term_count(part, terms)
        if count > most:
            best, place, most = part, start, count
        if most == len(terms):
            break
    return best, place


def _occurrences(mapped: Mapped, terms: Sequence[str]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for term in terms:
        place = mapped.normalised.find(term)
        while place >= 0:
            start, end = mapped.span(place, place + len(term))
            found.append((start, end, term))
            place = mapped.normalised.find(term, place + len(term))
    found.sort()
    return found


def _spans(mapped: Mapped, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Where terms stand in the original, ascending, overlapping ones made one."""
    merged: list[tuple[int, int]] = []
    for start, end, _ in _occurrences(mapped, terms):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _start(mapped: Mapped, terms: Sequence[str], spans: list[tuple[int, int]]) -> int:
    """Where the window begins that holds most different terms, longer terms counting more."""
    occurrences = _occurrences(mapped, terms)
    best, most = 0, 0
    for first, _ in spans[:_TRIED]:
        limit = first + WIDTH - LEAD
        inside = {term for start, end, term in occurrences if start >= first and end <= limit}
        value = sum(len(term) for term in inside)
        if value > most:
            best, most = first, value
    return max(0, best - LEAD)


def _html(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    place = 0
    for start, end in spans:
        if end <= start:
            continue
        pieces.append(escape(text[place:start]))
        pieces.append(f"<mark>{escape(text[start:end])}</mark>")
        place = end
    pieces.append(escape(text[place:]))
    return "".join(pieces).replace("\x00", "")
