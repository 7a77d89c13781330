"""What a query was understood as, as the page shows it: parts to take off or to read as words."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from crm.core.formatting import day, number
from crm.core.labels import N_
from search.analysis import normalise
from search.query import Chip, Clause, Meaning, Query

MEANINGS = {
    Meaning.WORD: N_("词"),
    Meaning.PHRASE: N_("原样"),
    Meaning.FIRM: N_("企业"),
    Meaning.PERSON: N_("人员"),
    Meaning.AMOUNT: N_("数量"),
    Meaning.RANGE: N_("数量范围"),
    Meaning.DATE: N_("日期"),
    Meaning.STAGE: N_("阶段"),
    Meaning.STATUS: N_("状态"),
    Meaning.KIND: N_("方式"),
    Meaning.EXCLUDED: N_("排除"),
    Meaning.IGNORED: N_("未用"),
}

_NARROWING = frozenset({Meaning.DATE, Meaning.STAGE, Meaning.STATUS})
_AS_TYPED = frozenset({Meaning.PHRASE, Meaning.EXCLUDED, Meaning.IGNORED})
_MOST_NAMED = 3

# Dimension → the unit people speak in, and how many base units one of it is.
_SPOKEN = {
    "cny": (N_("万元"), 10_000.0),
    "usd": (N_("万美元"), 10_000.0),
    "sqm": (N_("亩"), 2000 / 3),
    "kg": (N_("吨"), 1000.0),
    "wh": ("GWh", 1e9),
    "w": ("MW", 1e6),
}

_LARGE = {N_("万元"): N_("亿元"), N_("万美元"): N_("亿美元")}
"""The unit in which ten thousand and more of another are said."""


@dataclass(frozen=True)
class Shown:
    """One part: what it was read as, in which words, and the query without it or with it quoted.

    `as_typed` is None where the part is read as it was typed already.
    """

    label: str
    text: str
    note: str
    without: str
    as_typed: str | None


def shown(query: Query) -> list[Shown]:
    """The parts of a query in the order in which they were typed."""
    # Where nothing is of that stage or date, the search takes the words as words, and says so.
    loosened = not query.required
    return [_shown(query, chip, loosened) for chip in query.understood]


def _shown(query: Query, chip: Chip, loosened: bool) -> Shown:
    kind = Meaning.WORD if loosened and chip.kind in _NARROWING else chip.kind
    note = _note(query, chip, kind)
    plain = kind in _AS_TYPED or (kind is Meaning.WORD and not note and kind is chip.kind)
    text = chip.raw if kind is not chip.kind else chip.text
    return Shown(MEANINGS[kind], text, note, chip.without, None if plain else chip.quoted)


def _note(query: Query, chip: Chip, kind: Meaning) -> str:
    """What the reading adds to the typed words, empty where it adds nothing."""
    if kind is Meaning.WORD and kind is chip.kind:
        return _also(_clause_of(query, chip))
    if kind in (Meaning.FIRM, Meaning.PERSON, Meaning.STAGE, Meaning.STATUS):
        return "" if normalise(chip.raw) == normalise(chip.text) else _("由“%(raw)s”", raw=chip.raw)
    if kind is Meaning.DATE:
        return _dates(str(chip.value.get("from", "")), str(chip.value.get("to", "")))
    return _range(chip) if kind is Meaning.RANGE else ""


def _clause_of(query: Query, chip: Chip) -> Clause | None:
    typed = normalise(chip.raw)
    words = (one for one in query.clauses if one.meaning is Meaning.WORD)
    return next((clause for clause in words if clause.typed == typed), None)


def _also(clause: Clause | None) -> str:
    """The other terms that count for a word."""
    terms = [way.term for way in clause.texts if way.term != clause.typed] if clause else []
    if not terms:
        return ""
    named = "、".join(terms[:_MOST_NAMED])
    if len(terms) > _MOST_NAMED:
        return _("含 %(terms)s 等 %(n)s 个", terms=named, n=len(terms))
    return _("含 %(terms)s", terms=named)


def _dates(first: str, last: str) -> str:
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return ""
    return day(start) if start == end else f"{day(start)}–{day(end)}"


def _range(chip: Chip) -> str:
    ends = [chip.value.get("low"), chip.value.get("high")]
    known = [one for one in ends if isinstance(one, int | float)]
    unit, size = _SPOKEN.get(str(chip.value.get("dimension")), ("", 0.0))
    if not size or not known:
        return ""
    if unit in _LARGE and max(known) >= 10_000 * size:
        unit, size = _LARGE[unit], 10_000 * size
    low, high = (
        number(round(one / size, 2)) if isinstance(one, int | float) else None for one in ends
    )
    values = {"low": low, "high": high, "unit": _(unit)}
    if low is None:
        return _("至多 %(high)s %(unit)s", **values) if high else ""
    return _("%(low)s–%(high)s %(unit)s", **values) if high else _("%(low)s %(unit)s以上", **values)
