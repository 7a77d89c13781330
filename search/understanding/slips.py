"""What was probably meant where next to nothing is found: 卡特比勒 for 卡特彼勒. Pure."""

from dataclasses import replace

from rapidfuzz import fuzz, process

from search.analysis import normalise
from search.query import Chip, Clause, Marked, Meaning, Query, Text, Way
from search.understanding.lexicon import Lexicon
from search.understanding.reader import BELONGS, OWN

MENDED = 0.6
"""Weight of what was probably meant: everything that is written as typed stands before it."""

_NEAR_TERM = 74.0
_SHORTEST = 2
_LONGEST = 16


def mended(query: Query, lexicon: Lexicon) -> Query:
    """The query with further ways for each word that looks like a slip, and what it would be.

    The same query where nothing looks like one.
    """
    clauses = list(query.clauses)
    suggestion = query.raw
    for place, clause in enumerate(clauses):
        if clause.meaning is not Meaning.WORD or not _SHORTEST <= len(clause.typed) <= _LONGEST:
            continue
        found = _probable(clause.typed, lexicon)
        chip = _chip_of(query, clause)
        if found is None or chip is None:
            continue
        right, ways = found
        clauses[place] = replace(clause, ways=(*clause.ways, *ways))
        suggestion = suggestion.replace(chip.raw, right, 1)
    if suggestion == query.raw:
        return query
    return replace(query, clauses=tuple(clauses), suggestion=suggestion)


def _chip_of(query: Query, clause: Clause) -> Chip | None:
    """The chip of a word."""
    for chip in query.understood:
        if chip.kind is Meaning.WORD and normalise(chip.raw) == clause.typed:
            return chip
    return None


def _probable(term: str, lexicon: Lexicon) -> tuple[str, list[Way]] | None:
    """What a word is probably a slip for, as people write it, with the ways to find that."""
    firms = lexicon.firms_like(term)
    if firms:
        firm, name = firms[0]
        ways: list[Way] = [
            Marked((f"is:company:{firm.id}",), points=OWN, weight=MENDED),
            Marked((f"company:{firm.id}",), points=BELONGS, weight=MENDED),
        ]
        names = dict.fromkeys((normalise(name), *firm.names))
        ways += [Text(one, MENDED, lexicon.other_meanings(one)) for one in names if len(one) > 1]
        return name, ways
    terms = [one for one in lexicon.synonyms.terms() if abs(len(one) - len(term)) <= 1]
    best = process.extractOne(term, terms, scorer=fuzz.ratio, score_cutoff=_NEAR_TERM)
    if best is None or len(term) < 3:
        return None
    right = best[0]
    same = lexicon.synonyms.equal(right)
    return right, [Text(right, MENDED), *(Text(one, MENDED) for one in same)]
