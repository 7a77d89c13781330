"""Reads what was typed: firms, people, amounts, dates, stages, exclusions, and the words left."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from search.analysis import Folded, fold, normalise
from search.errors import QueryTooLong
from search.marks import days_between
from search.phones import digits_of
from search.quantities import LAND, equals
from search.query import MAX_LENGTH, Chip, Clause, Marked, Meaning, Query, Text
from search.understanding import amounts, clauses, dates
from search.understanding.clauses import FILTERS
from search.understanding.lexicon import Firm, Lexicon
from search.understanding.parts import Part, Role, cut, together
from search.understanding.runs import PARTICLES, Piece, Run, firm_piece, person_piece

MAX_TERMS = 16
"""Clauses that are looked up; further ones are shown as ignored."""

MAX_SINGLES = 2
"""Words of one character beside longer ones: they match nearly everything and cost the most."""

_NARROWING = (*FILTERS, Meaning.DATE)
_MOST_JOINED = 8
_WORD = re.compile(r"[^\W_]+")


class Reading(NamedTuple):
    """A part of the query as it was read: its clause, its chip, and how it is meant."""

    clause: Clause
    chip: Chip
    role: Role


def read(text: str, lexicon: Lexicon, today: date) -> Query:
    """Read what was typed; anything can be read, at worst as nothing.

    Raises QueryTooLong beyond MAX_LENGTH characters.
    """
    raw = unicodedata.normalize("NFC", text).strip()
    if len(raw) > MAX_LENGTH:
        raise QueryTooLong(limit=MAX_LENGTH, length=len(raw))
    unbroken = _unbroken(raw, today)
    if not unbroken and (known := _number(raw, lexicon)):
        return _query(raw, [known], lexicon)
    parts = _joined(raw, list(cut(raw, unbroken)), lexicon)
    readings = [one for part in parts for one in _readings(raw, part, lexicon, today)]
    return _query(raw, _limited(readings), lexicon)


def _query(raw: str, readings: Sequence[Reading], lexicon: Lexicon) -> Query:
    wanted = [one for one in readings if one.chip.kind is not Meaning.IGNORED]
    asked = [one.clause for one in wanted if one.role is not Role.EXCLUDED]
    narrowing = [one for one in asked if one.meaning in _NARROWING]
    days = _marks_of(narrowing, Meaning.DATE)
    return Query(
        raw=raw,
        clauses=tuple(dict.fromkeys(one for one in asked if one.meaning not in _NARROWING)),
        required=_required(narrowing, days, lexicon),
        preferred=tuple(
            one
            for clause in narrowing
            if clause.meaning in FILTERS
            for one in clauses.rather(clause, days)
        ),
        excluded=tuple(one.clause for one in wanted if one.role is Role.EXCLUDED),
        understood=tuple(one.chip for one in readings),
    )


def _required(
    narrowing: Sequence[Clause], days: Sequence[str], lexicon: Lexicon
) -> tuple[Clause, ...]:
    """What narrows; a date beside something that happens on a day is the date of that."""
    happen = {mark for label in lexicon.labels.values() if label.event for mark in label.marks}
    events = [one for one in narrowing if happen.intersection(_marks_of([one], one.meaning))]
    if not (days and events):
        return tuple(narrowing)
    others = (one for one in narrowing if one not in events and one.meaning is not Meaning.DATE)
    return (*(clauses.happened(one, days) for one in events), *others)


def _marks_of(asked: Sequence[Clause], meaning: Meaning) -> list[str]:
    found = (one for one in asked if one.meaning is meaning)
    return [mark for one in found for way in one.marks for mark in way.marks]


def _limited(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with those beyond the limits marked as ignored."""
    longer = any(len(one.clause.typed) > 1 for one in readings)
    kept = singles = 0
    result: list[Reading] = []
    for one in readings:
        single = longer and one.clause.meaning is Meaning.WORD and len(one.clause.typed) == 1
        single = single and one.role is Role.PLAIN
        if kept >= MAX_TERMS or (single and singles >= MAX_SINGLES):
            result.append(one._replace(chip=replace(one.chip, kind=Meaning.IGNORED)))
            continue
        kept += 1
        singles += single
        result.append(one)
    return result


def _number(raw: str, lexicon: Lexicon) -> Reading | None:
    """A query that is nothing but a phone number, or the code of a firm that is known."""
    digits = digits_of(raw)
    firms = lexicon.firms_coded(raw) if digits or _may_be_code(raw) else ()
    if not (digits or firms):
        return None
    clause = clauses.number(normalise(raw), digits, firms, lexicon)
    label = "、".join(one.name for one in firms[:3]) or raw
    chip = _chip(raw, clause.meaning, label, 0, len(raw), _firm_value(firms))
    return Reading(clause, chip, Role.PLAIN)


def _may_be_code(raw: str) -> bool:
    joined = normalise(raw).replace(" ", "")
    return len(joined) == 18 and joined.isascii() and joined[:2].isalnum() and joined[2:8].isdigit()


def _firm_value(firms: Sequence[Firm]) -> dict[str, object]:
    return {"id": firms[0].id, "name": firms[0].name} if firms else {}


def _unbroken(raw: str, today: date) -> list[tuple[int, int]]:
    """Stretches that a gap does not cut: amounts and dates with blanks inside, such as 30 GWh."""
    folded = fold(raw)
    spans = [(one.start, one.end) for one in amounts.find(folded)]
    spans += [(one.start, one.end) for one in dates.find(folded.text, today)]
    return [(folded.starts[start], folded.starts[end - 1] + 1) for start, end in spans]


def _joined(raw: str, parts: list[Part], lexicon: Lexicon) -> list[Part]:
    """The parts, with Latin words that name a firm only together as one: xu gong, Degu Drives."""
    result: list[Part] = []
    place = 0
    while place < len(parts):
        end = _latin_end(parts, place)
        while end > place + 1 and not _named_together(parts[place:end], lexicon):
            end -= 1
        whole = together(raw, parts[place:end]) if end > place + 1 else parts[place]
        result.append(whole)
        place = max(end, place + 1)
    return result


def _latin_end(parts: Sequence[Part], place: int) -> int:
    """Where the Latin words that begin at a place end."""
    end = place
    while end < min(len(parts), place + _MOST_JOINED) and _is_latin(parts[end]):
        end += 1
    return end


def _is_latin(part: Part) -> bool:
    text = normalise(part.text)
    return part.role is Role.PLAIN and text.isascii() and text.isalpha()


def _named_together(parts: Sequence[Part], lexicon: Lexicon) -> bool:
    joined = "".join(normalise(part.text) for part in parts)
    return bool(lexicon.people_named([joined]) or _firms_of_words(joined, lexicon))


def _firms_of_words(joined: str, lexicon: Lexicon) -> Sequence[Firm]:
    return lexicon.firms_named([joined]).get(joined, ()) or lexicon.firms_sounding(joined)


def _readings(raw: str, part: Part, lexicon: Lexicon, today: date) -> Iterator[Reading]:
    folded = fold(part.text)
    term = normalise(part.text)
    if not term:
        return
    if part.role is Role.PLAIN:
        for piece in _pieces(folded, lexicon, today):
            yield _reading(raw, part, folded, piece)
        return
    if part.role is Role.PHRASE:
        clause = Clause(Meaning.PHRASE, (Text(term),), typed=term, must=True)
    else:
        clause = _excluded(folded, term, lexicon)
    kind = Meaning.PHRASE if part.role is Role.PHRASE else Meaning.EXCLUDED
    yield Reading(clause, _chip(raw, kind, part.text.strip(), part.start, part.end), part.role)


def _reading(raw: str, part: Part, folded: Folded, piece: Piece) -> Reading:
    start = part.inside + folded.starts[piece.start]
    end = part.inside + folded.starts[piece.end - 1] + 1
    if piece.start == 0:
        start = part.start
    text = piece.label or raw[start:end].strip()
    chip = _chip(raw, piece.clause.meaning, text, start, end, piece.value)
    return Reading(piece.clause, chip, Role.PLAIN)


def _chip(
    raw: str,
    kind: Meaning,
    text: str,
    start: int,
    end: int,
    value: Mapping[str, object] | None = None,
) -> Chip:
    return Chip(kind, text, raw, start, end, value or {})


def _excluded(folded: Folded, term: str, lexicon: Lexicon) -> Clause:
    """What no hit may contain: an amount, or a term with what means the same."""
    asked = [one for one in amounts.find(folded) if (one.start, one.end) == (0, len(folded.text))]
    if asked:
        return replace(clauses.amount(asked[0]), meaning=Meaning.EXCLUDED)
    return clauses.excluded(term, lexicon)


def _pieces(folded: Folded, lexicon: Lexicon, today: date) -> list[Piece]:
    """A plain part, read from left to right."""
    found: list[Piece] = []
    taken: list[tuple[int, int]] = []
    for span in dates.find(folded.text, today):
        value: dict[str, object] = {"from": span.first.isoformat(), "to": span.last.isoformat()}
        marks = Marked(tuple(days_between(span.first, span.last)))
        clause = Clause(Meaning.DATE, (marks,), must=True)
        found.append(Piece(span.start, span.end, clause, value))
        taken.append((span.start, span.end))
    for asked in amounts.find(folded):
        if all(asked.end <= start or asked.start >= end for start, end in taken):
            value = _amount_value(asked)
            found.append(Piece(asked.start, asked.end, clauses.amount(asked), value))
            taken.append((asked.start, asked.end))
    alone = not taken
    place = 0
    for start, end in [*sorted(taken), (len(folded.text), len(folded.text))]:
        found += _gap(folded, place, start, lexicon, alone=alone)
        place = end
    return sorted(found, key=lambda piece: piece.start)


def _amount_value(asked: amounts.Asked) -> dict[str, object]:
    """The ends of an amount in the unit that pages know: land in square metres."""
    dimension = "sqm" if asked.dimensions[0] == LAND else asked.dimensions[0]
    low, high = (
        None if end is None else float(dict(equals(asked.dimensions[0], end))[dimension])
        for end in (asked.low, asked.high)
    )
    return {"dimension": dimension, "low": low, "high": high}


def _gap(folded: Folded, start: int, end: int, lexicon: Lexicon, *, alone: bool) -> Iterator[Piece]:
    """What stands between dates and amounts; particles that joined them are left out."""
    if not alone:
        while start < end and folded.text[start] in PARTICLES:
            start += 1
        while start < end and folded.text[end - 1] in PARTICLES:
            end -= 1
    text = folded.text[start:end]
    term = normalise(text)
    if not term:
        return
    if " " not in term and len(term) == len(text):
        yield from Run(term, lexicon).pieces(start)
        return
    if term.isascii():
        yield _latin_words(start, end, term, lexicon)
        return
    words = list(_WORD.finditer(text))
    if any(len(word[0]) < 2 for word in words):
        # Punctuation stands within: one word of several, as it was typed.
        yield Piece(start, end, clauses.word(term, lexicon), {})
        return
    for word in words:
        yield from Run(word[0], lexicon).pieces(start + word.start())


def _latin_words(start: int, end: int, term: str, lexicon: Lexicon) -> Piece:
    """Latin words or figures that belong together: a firm, a person, or as they were typed."""
    joined = term.replace(" ", "")
    if people := lexicon.people_named([joined]).get(joined):
        return person_piece(start, end, term, people)
    if firms := _firms_of_words(joined, lexicon) if joined.isalpha() else ():
        return firm_piece(start, end, firms, clauses.firm(term, firms, lexicon))
    return Piece(start, end, clauses.word(term, lexicon), {})


def loosened(query: Query) -> Query:
    """The query with stages, statuses and dates read as the words they are."""
    words = [
        Clause(Meaning.WORD, (Text(term),), typed=term)
        for chip in query.understood
        if chip.kind in _NARROWING and (term := normalise(chip.raw))
    ]
    return replace(query, clauses=(*query.clauses, *words), required=(), preferred=())
