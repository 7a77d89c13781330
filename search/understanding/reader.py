"""Reads what was typed: firms, people, amounts, dates, stages, exclusions, and the words left."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from search.analysis import Folded, fold, normalise
from search.errors import QueryTooLong
from search.marks import between, company_marks, days_between, exactly
from search.query import MAX_LENGTH, Chip, Clause, Marked, Meaning, Query, Text, Way
from search.understanding import amounts, dates
from search.understanding.lexicon import Firm, Label, Lexicon, Person
from search.understanding.parts import Part, Role, cut

MAX_TERMS = 16
"""Clauses that are looked up; further ones are shown as ignored."""

MAX_SINGLES = 2
"""Words of one character beside longer ones: they match nearly everything and cost the most."""

EQUAL, NARROWER, OTHER_NAME, SOUNDS = 0.95, 0.85, 0.95, 0.9
"""Weights of what a document may say instead of what was typed."""

OWN, BELONGS = 5.0, 2.5
"""Points of the firm itself, and of what belongs to it."""

_KIND_POINTS = 4.0
_LONGEST_NAME = 24
_MOST_FORMS = 24
_PARTICLES = frozenset("的了和与及跟在对把给从")
_FILTERS = (Meaning.STAGE, Meaning.STATUS)


class Reading(NamedTuple):
    """A part of the query as it was read: a clause, or several for one amount, and its chip."""

    clause: Clause
    chip: Chip
    role: Role


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the folded part: `start` and `end` within it, and what it was read as."""

    start: int
    end: int
    clause: Clause
    value: Mapping[str, object]
    label: str = ""


def read(text: str, lexicon: Lexicon, today: date) -> Query:
    """Read what was typed; anything can be read, at worst as nothing.

    Raises QueryTooLong beyond MAX_LENGTH characters.
    """
    raw = unicodedata.normalize("NFC", text).strip()
    if len(raw) > MAX_LENGTH:
        raise QueryTooLong(limit=MAX_LENGTH, length=len(raw))
    readings = [one for part in cut(raw) for one in _readings(raw, part, lexicon, today)]
    return _query(raw, _limited(readings))


def _query(raw: str, readings: Sequence[Reading]) -> Query:
    wanted = [one for one in readings if one.chip.kind is not Meaning.IGNORED]
    ranking = [
        one.clause
        for one in wanted
        if one.role is not Role.EXCLUDED and one.clause.meaning not in _NARROWING
    ]
    return Query(
        raw=raw,
        clauses=tuple(dict.fromkeys(ranking)),
        required=tuple(
            one.clause
            for one in wanted
            if one.role is not Role.EXCLUDED and one.clause.meaning in _NARROWING
        ),
        excluded=tuple(one.clause for one in wanted if one.role is Role.EXCLUDED),
        understood=tuple(one.chip for one in readings),
    )


_NARROWING = (*_FILTERS, Meaning.DATE)


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


def _reading(raw: str, part: Part, folded: Folded, piece: _Piece) -> Reading:
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
    without = f"{raw[:start].rstrip()} {raw[end:].lstrip()}".strip()
    return Chip(kind, text, raw[start:end], without, value or {})


def _excluded(folded: Folded, term: str, lexicon: Lexicon) -> Clause:
    """What no hit may contain: the term, what means the same, a firm under all its names."""
    asked = [one for one in amounts.find(folded) if (one.start, one.end) == (0, len(folded.text))]
    if asked:
        return replace(_amount(asked[0]), meaning=Meaning.EXCLUDED)
    firms = lexicon.firms_named([term]).get(term, ())
    ways: list[Way] = [Text(term, unless=lexicon.other_meanings(term) if firms else ())]
    ways += [_text(one) for one in lexicon.synonyms.equal(term)]
    ways += _firm_ways(firms, term, lexicon)
    return Clause(Meaning.EXCLUDED, tuple(ways), typed=term)


def _pieces(folded: Folded, lexicon: Lexicon, today: date) -> list[_Piece]:
    """A plain part, read from left to right."""
    found: list[_Piece] = []
    taken: list[tuple[int, int]] = []
    for span in dates.find(folded.text, today):
        value = {"from": span.first.isoformat(), "to": span.last.isoformat()}
        marks = Marked(tuple(days_between(span.first, span.last)))
        clause = Clause(Meaning.DATE, (marks,), must=True)
        found.append(_Piece(span.start, span.end, clause, value))
        taken.append((span.start, span.end))
    for asked in amounts.find(folded):
        if all(asked.end <= start or asked.start >= end for start, end in taken):
            found.append(_Piece(asked.start, asked.end, _amount(asked), _amount_value(asked)))
            taken.append((asked.start, asked.end))
    alone = not taken
    place = 0
    for start, end in [*sorted(taken), (len(folded.text), len(folded.text))]:
        found += _gap(folded, place, start, lexicon, alone=alone)
        place = end
    return sorted(found, key=lambda piece: piece.start)


def _amount(asked: amounts.Asked) -> Clause:
    marks: list[str] = []
    for dimension in asked.dimensions:
        if asked.exact and asked.low is not None:
            marks.append(exactly(dimension, asked.low))
        else:
            marks += between(dimension, asked.low, asked.high)
    meaning = Meaning.AMOUNT if asked.exact else Meaning.RANGE
    return Clause(meaning, (Marked(tuple(marks)),))


def _amount_value(asked: amounts.Asked) -> dict[str, object]:
    return {
        "dimension": asked.dimensions[0],
        "low": None if asked.low is None else float(asked.low),
        "high": None if asked.high is None else float(asked.high),
    }


def _gap(
    folded: Folded, start: int, end: int, lexicon: Lexicon, *, alone: bool
) -> Iterator[_Piece]:
    """What stands between dates and amounts; particles that joined them are left out."""
    if not alone:
        while start < end and folded.text[start] in _PARTICLES:
            start += 1
        while start < end and folded.text[end - 1] in _PARTICLES:
            end -= 1
    text = folded.text[start:end]
    term = normalise(text)
    if not term:
        return
    if " " in term or len(term) != len(text):
        # Punctuation stands within: one word of several, as it was typed.
        yield _Piece(start, end, _whole(term, lexicon), {})
        return
    known = _Known(term, lexicon)
    for low, high in known.segments():
        yield known.piece(low, high, start)


class _Known:
    """One unbroken run of characters, with what the lexicon knows of its stretches."""

    def __init__(self, run: str, lexicon: Lexicon) -> None:
        self._run = run
        self._lexicon = lexicon
        parts = _stretches(run)
        self._firms = lexicon.firms_named(parts)
        self._people = lexicon.people_named(parts)

    def segments(self) -> list[tuple[int, int]]:
        """The run cut into known terms and the words between, from left to right."""
        return self._cut(0, len(self._run))

    def _cut(self, start: int, end: int) -> list[tuple[int, int]]:
        if start >= end:
            return []
        best = self._longest(start, end)
        if best is None:
            return [(start, end)]
        low, high = best
        left, right = self._edge(start, low), self._edge(high, end)
        return [*self._cut(*left), best, *self._cut(*right)]

    def _edge(self, start: int, end: int) -> tuple[int, int]:
        """A stretch beside a known term, without a particle."""
        if end - start == 1 and self._run[start] in _PARTICLES:
            return start, start
        return start, end

    def _longest(self, start: int, end: int) -> tuple[int, int] | None:
        """The longest known stretch that leaves whole words beside it."""
        for length in range(min(end - start, _LONGEST_NAME), 1, -1):
            for low in range(start, end - length + 1):
                high = low + length
                whole = self._leaves_words(start, low) and self._leaves_words(high, end)
                if whole and self._is_term(low, high):
                    return low, high
        return None

    def _leaves_words(self, start: int, end: int) -> bool:
        return end - start != 1 or self._run[start] in _PARTICLES

    def _is_term(self, low: int, high: int) -> bool:
        if _cuts_word(self._run, low) or _cuts_word(self._run, high):
            return False
        term = self._run[low:high]
        if term in self._firms:
            return not self._means_other(low, high)
        return term in self._people or term in self._lexicon.synonyms

    def _means_other(self, low: int, high: int) -> bool:
        """Whether a firm's name stands in a longer string that means something else."""
        term = self._run[low:high]
        for other in self._lexicon.other_meanings(term):
            at = self._run.find(other)
            while at >= 0:
                if at <= low and high <= at + len(other):
                    return True
                at = self._run.find(other, at + 1)
        return False

    def piece(self, low: int, high: int, offset: int) -> _Piece:
        """One stretch, read."""
        term = self._run[low:high]
        start, end = offset + low, offset + high
        firms = () if self._means_other(low, high) else self._firms.get(term, ())
        if firms:
            return _firm_piece(start, end, term, firms, self._lexicon)
        if term in self._people and term not in self._lexicon.synonyms:
            return _person_piece(start, end, term, self._people[term])
        if label := self._lexicon.labels.get(term):
            return _label_piece(start, end, term, label)
        if term not in self._lexicon.synonyms and (named := _meant(term, self._lexicon)):
            return _firm_piece(start, end, term, named, self._lexicon)
        return _Piece(start, end, _whole(term, self._lexicon), {})


def _stretches(run: str) -> list[str]:
    """Every stretch of a run that may be a name."""
    run = run[:80]
    ends = range(2, _LONGEST_NAME + 1)
    found = [run[at : at + length] for length in ends for at in range(len(run) - length + 1)]
    return list(dict.fromkeys(found if len(run) <= _LONGEST_NAME else [*found, run]))


def _cuts_word(run: str, place: int) -> bool:
    """Whether a place lies within a Latin word or a number."""
    if not 0 < place < len(run):
        return False
    left, right = run[place - 1], run[place]
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isdigit() and right.isdigit()) or (left.isalpha() and right.isalpha())


def _meant(term: str, lexicon: Lexicon) -> Sequence[Firm]:
    """The firms that a word is the beginning of, in characters, pinyin or initials."""
    if term.isascii():
        return lexicon.firms_sounding(term) if term.isalpha() and len(term) > 1 else ()
    return lexicon.firms_beginning(term) if len(term) > 1 else ()


def _whole(term: str, lexicon: Lexicon) -> Clause:
    """A word with what else a document may say for it."""
    synonyms = lexicon.synonyms
    ways: list[Way] = [Text(term)]
    ways += [_text(one, EQUAL) for one in synonyms.equal(term)]
    ways += [_text(one, NARROWER) for one in synonyms.below(term)]
    return Clause(Meaning.WORD, tuple(ways[:_MOST_FORMS]), typed=term)


def _firm_piece(start: int, end: int, term: str, firms: Sequence[Firm], lexicon: Lexicon) -> _Piece:
    ways: list[Way] = [_text(term, unless=lexicon.other_meanings(term))]
    ways += _firm_ways(firms, term, lexicon)
    ways += [_text(one, EQUAL) for one in lexicon.synonyms.equal(term)]
    clause = Clause(Meaning.FIRM, tuple(ways[:_MOST_FORMS]), typed=term)
    value: dict[str, object] = {"id": firms[0].id, "name": firms[0].name}
    return _Piece(start, end, clause, value, label="、".join(firm.name for firm in firms[:3]))


def _firm_ways(firms: Sequence[Firm], term: str, lexicon: Lexicon) -> list[Way]:
    """The ways to say these firms: the records themselves, what belongs to them, other names."""
    ways: list[Way] = []
    for firm in firms:
        group = (firm.id, *firm.members)
        ways.append(Marked((f"is:company:{firm.id}",), points=OWN))
        ways.append(Marked(company_marks(group), points=BELONGS))
    for firm in firms:
        for name in firm.names:
            if name != term and len(name) > 1:
                weight = OTHER_NAME if len(firms) == 1 else SOUNDS
                ways.append(_text(name, weight, lexicon.other_meanings(name)))
    return ways


def _text(term: str, weight: float = 1.0, unless: tuple[str, ...] = ()) -> Text:
    """A way by a name or term; one of Latin letters alone only where it is a word of its own."""
    return Text(term, weight, unless, whole=term.isascii() and term.isalpha())


def _person_piece(start: int, end: int, term: str, people: Sequence[Person]) -> _Piece:
    names = list(dict.fromkeys(normalise(person.name) for person in people))
    ways: list[Way] = [Text(name) for name in names[:_MOST_FORMS]]
    if term not in names:
        ways.append(Text(term, SOUNDS))
    clause = Clause(Meaning.PERSON, tuple(ways), typed=names[0] if len(names) == 1 else term)
    value: dict[str, object] = {"id": people[0].id, "name": people[0].name}
    label = "、".join(dict.fromkeys(person.name for person in people))
    return _Piece(start, end, clause, value, label=label)


def _label_piece(start: int, end: int, term: str, label: Label) -> _Piece:
    marks = Marked(label.marks, points=_KIND_POINTS)
    value: dict[str, object] = {"key": label.key}
    if label.meaning in _FILTERS:
        clause = Clause(label.meaning, (marks,), must=True)
        return _Piece(start, end, clause, value, label=label.text)
    clause = Clause(label.meaning, (marks, Text(term, SOUNDS)), typed=term)
    return _Piece(start, end, clause, value)


def loosened(query: Query) -> Query:
    """The query with stages, statuses and dates read as the words they are."""
    words = [
        Clause(Meaning.WORD, (Text(term),), typed=term)
        for chip in query.understood
        if chip.kind in _NARROWING and (term := normalise(chip.raw))
    ]
    return replace(query, clauses=(*query.clauses, *words), required=())
