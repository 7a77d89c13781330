"""Rules of trade terms: how groups are written, and which of them contradict each other. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.analysis import normalise

LONGEST = 60
MOST = 50
"""Characters of a term, and terms of a group."""

_GAP = re.compile(r"[、，,；;\n\r\t|/]+")


class Group(NamedTuple):
    """Terms that mean the same or, with `wider`, the narrower ones of that."""

    wider: str
    terms: tuple[str, ...]


def split(text: str) -> tuple[str, ...]:
    """The terms of a typed list, in order, each without blanks around it."""
    return tuple(term for part in _GAP.split(text) if (term := " ".join(part.split())))


def joined(group: Group) -> str:
    """A group as it is written: 标厂、标准厂房 or 负极 → 硬碳、人造石墨."""
    terms = "、".join(group.terms)
    return f"{group.wider} → {terms}" if group.wider else terms


def repeated(terms: Iterable[str]) -> str | None:
    """The first term that says what another before it says, however it is written."""
    seen: set[str] = set()
    for term in terms:
        key = normalise(term)
        if key in seen:
            return term
        seen.add(key)
    return None


def holder_of(term: str, groups: Iterable[Group]) -> Group | None:
    """The group of equal terms that has this term."""
    key = normalise(term)
    for group in groups:
        if not group.wider and key in map(normalise, group.terms):
            return group
    return None


def narrower_of(term: str, groups: Iterable[Group]) -> Group | None:
    """The group of the narrower terms of this one."""
    key = normalise(term)
    return next((one for one in groups if one.wider and normalise(one.wider) == key), None)


def loop(groups: Sequence[Group]) -> str | None:
    """A term that would be narrower than itself, equal terms taken for one; None without any."""
    names: dict[str, str] = {}
    for group in groups:
        if not group.wider and group.terms:
            first = normalise(group.terms[0])
            names.update({normalise(term): first for term in group.terms})
    below: dict[str, set[str]] = {}
    for group in groups:
        if group.wider:
            keys = {normalise(term) for term in group.terms}
            wider = normalise(group.wider)
            below.setdefault(names.get(wider, wider), set()).update(names.get(k, k) for k in keys)
    for group in groups:
        key = normalise(group.wider)
        if group.wider and names.get(key, key) in _reached(names.get(key, key), below):
            return group.wider
    return None


def _reached(start: str, below: dict[str, set[str]]) -> set[str]:
    """All terms under a term."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for term in below.get(waiting.pop(), ()):
            if term not in found:
                found.add(term)
                waiting.append(term)
    return found
