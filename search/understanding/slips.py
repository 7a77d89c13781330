"""What was probably meant where next to nothing is found: 卡特比勒 for 卡特彼勒. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from search.analysis import normalise
from search.query import Chip, Clause, Meaning, Query, Text, Way
from search.understanding import clauses
from search.understanding.lexicon import Firm, Lexicon

MENDED = 0.6
"""Weight of what was probably meant: everything that is written as typed stands before it."""

_SHORTEST = 2
_SHORTEST_WITHIN = 3
"""A name of two characters with a slip is not looked for inside a longer run."""

_LONGEST = 16
_LONGEST_WITHIN = 8


class _Mended(NamedTuple):
    """A stretch of what was typed with what it probably is, and the clauses to ask instead."""

    typed: str
    right: str
    clauses: tuple[Clause, ...]


def mended(query: Query, lexicon: Lexicon) -> Query:
    """The query with further ways for each word that looks like a slip, and what it would be.

    The same query where nothing looks like one.
    """
    asked = list(query.clauses)
    suggestion = query.raw
    for chips in _neighbours(query):
        raw = "".join(chip.raw for chip in chips)
        found = _mended(normalise(raw), chips, lexicon)
        if found is None:
            continue
        typed = {normalise(chip.raw) for chip in chips}
        places = [place for place, one in enumerate(asked) if one.typed in typed]
        if not places:
            continue
        asked = [one for one in asked if one.typed not in typed]
        asked[places[0] : places[0]] = found.clauses
        place = suggestion.find(raw)
        suggestion = (
            suggestion.replace(raw, _corrected(raw, found), 1) if place >= 0 else suggestion
        )
    if suggestion == query.raw:
        return query
    return replace(query, clauses=tuple(dict.fromkeys(asked)), suggestion=suggestion)


def _corrected(raw: str, found: _Mended) -> str:
    """What was typed, with the stretch that was wrong set right."""
    return raw.replace(found.typed, found.right, 1) if found.typed in raw else found.right


def _neighbours(query: Query) -> Iterator[list[Chip]]:
    """The words and firms of a query; those without a gap between them together."""
    group: list[Chip] = []
    place = 0
    for chip in query.understood:
        start = query.raw.find(chip.raw, place)
        joins = start == place and bool(group)
        if chip.kind not in (Meaning.WORD, Meaning.FIRM):
            joins = False
        if group and not joins:
            yield group
            group = []
        if chip.kind in (Meaning.WORD, Meaning.FIRM):
            group = [*group, chip]
        place = max(start, 0) + len(chip.raw)
    if group:
        yield group


def _mended(typed: str, chips: Sequence[Chip], lexicon: Lexicon) -> _Mended | None:
    """What a run of words probably is: all of it one name or term, or one with a name in it."""
    if all(chip.kind is not Meaning.WORD for chip in chips) or typed in lexicon.synonyms:
        return None
    if _SHORTEST <= len(typed) <= _LONGEST and (whole := _probable(typed, lexicon)):
        right, ways = whole
        clause = clauses.word(typed, lexicon)
        return _Mended(typed, right, (replace(clause, ways=(*clause.ways, *ways)),))
    if typed.isascii() or " " in typed:
        return None
    for stretch, rest in _ends(typed):
        if firms := lexicon.firms_like(stretch):
            name, ways = _firm_ways(firms[0], lexicon)
            named = Clause(Meaning.WORD, (Text(stretch), *ways), typed=stretch)
            return _Mended(stretch, name, (named, clauses.word(rest, lexicon)))
    return None


def _ends(typed: str) -> Iterator[tuple[str, str]]:
    """The beginnings and ends of a run that leave a word beside them, longest first."""
    for length in range(min(len(typed) - 2, _LONGEST_WITHIN), _SHORTEST_WITHIN - 1, -1):
        yield typed[:length], typed[length:]
        yield typed[-length:], typed[:-length]


def _probable(term: str, lexicon: Lexicon) -> tuple[str, list[Way]] | None:
    """What a word is probably a slip for, as people write it, with the ways to find that."""
    if firms := lexicon.firms_like(term):
        return _firm_ways(firms[0], lexicon)
    if people := lexicon.people_like(term):
        name = people[0].name
        return name, [Text(normalise(name), MENDED)]
    for right in lexicon.terms_like(term):
        same = lexicon.synonyms.equal(right)
        return right, [Text(right, MENDED), *(Text(one, MENDED) for one in same)]
    return None


def _firm_ways(found: tuple[Firm, str], lexicon: Lexicon) -> tuple[str, list[Way]]:
    """A firm's name that was probably meant, and the ways to find the firm."""
    firm, name = found
    ways = clauses.set_apart(clauses.firm_ways([firm], "", lexicon), [firm], lexicon)
    return name, [replace(way, weight=way.weight * MENDED) for way in ways]
