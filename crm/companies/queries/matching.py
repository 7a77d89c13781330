"""Finding companies by what a person types: names, aliases, codes, phones, pinyin, slips.

Who is found is the same everywhere: in the typeahead, in the list's search field and in the
collision guard. Exact comes before prefix, word start, substring, pinyin, initials, spelling.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select

from crm.companies import names
from crm.companies.kinds import NameKind
from crm.companies.models import Company, CompanyName, Contact, NameExclusion
from crm.companies.uscc import compact
from crm.core.containing import begins, holds
from crm.extensions import db

LONGEST = 200
CANDIDATES = 60
NEAR_CANDIDATES = 100
ENOUGH = 3
"""Hits of a typeahead from which on nobody needs a guess at what was misspelt."""

EXACT, PREFIX, WORD, INSIDE, CONTAINED = 100, 90, 85, 75, 70
SOUND, SOUND_PREFIX, INITIALS, INITIALS_PREFIX, SOUND_INSIDE = 68, 64, 62, 58, 50
SPELLING = 45
_SUFFIX_CHARACTERS = "有限责任股份公司集团控总"

Exclusions = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class NameMatch:
    """A company that may be meant. `matched_by`: name alias uscc phone pinyin spelling."""

    company_id: int
    company_name: str
    matched_name: str
    matched_by: str
    score: int
    ref: str | None = None
    region: str = ""

    @property
    def name(self) -> str:
        """The name to show."""
        return self.company_name


class _Row(NamedTuple):
    company_id: int
    company_name: str
    ref: str | None
    region: str
    name: str
    kind: NameKind
    key: str
    pinyin: str
    initials: str

    def match(self, matched_by: str, score: float) -> NameMatch:
        return NameMatch(
            company_id=self.company_id,
            company_name=self.company_name,
            matched_name=self.name,
            matched_by=matched_by,
            score=int(score),
            ref=self.ref,
            region=self.region,
        )

    @property
    def by(self) -> str:
        return "name" if self.kind is NameKind.FULL else "alias"


_COLUMNS = (
    Company.id,
    Company.name,
    Company.ref,
    Company.region,
    CompanyName.name,
    CompanyName.kind,
    CompanyName.key,
    CompanyName.pinyin,
    CompanyName.initials,
)


def find_matches(
    *, name: str = "", uscc: str = "", phone: str = "", limit: int = 8
) -> list[NameMatch]:
    """The companies that a name, credit code or phone number may belong to, the surest first.

    A typed name also finds the firms whose name it contains: 徐工物流有限公司 finds 徐工.
    """
    found = [*_by_code(uscc), *_by_phone(phone)]
    name = _typed(name)
    if len(names.fold_key(name)) > 1:
        found += _by_name(name, limit=limit, contained=True)
    return _best(found, limit)


def namesakes(*, name: str, uscc: str = "") -> list[NameMatch]:
    """The companies that bear exactly this name or credit code; nothing that is merely near."""
    key = names.name_key(_typed(name))
    rows = _rows([CompanyName.key == key], CompanyName.id, CANDIDATES) if key else []
    return _best([*_by_code(uscc), *(row.match(row.by, EXACT) for row in rows)], CANDIDATES)


def typeahead(q: str, limit: int = 10) -> list[NameMatch]:
    """Companies for a field that is being typed into: a name, alias, pinyin, code or phone."""
    q = _typed(q)
    if not q:
        return []
    found: list[NameMatch] = []
    if len(names.phone_key(q)) >= names.PHONE_DIGITS:
        found += [*_by_code(q, partly=True), *_by_phone(q)]
    elif len(code := compact(q)) >= 6 and code.isascii() and code[:2].isalnum():
        found += _by_code(q, partly=True)
    found += _by_name(q, limit=ENOUGH, contained=False)
    return _best(found, limit)


def name_condition(q: str) -> ColumnElement[bool]:
    """The condition on `Company` for a list's search field: any name, pinyin or initials."""
    q = _typed(q)
    key = names.name_key(q)
    inside = _inside(q, key)
    excluded = exclusions().get(key, ())
    apart = [or_(CompanyName.key == key, ~holds(CompanyName.key, other)) for other in excluded]
    if names.PHONE_DIGITS <= len(code := compact(q)) <= 18 and code.isascii():
        by_code = begins(Company.uscc, code)
    else:
        by_code = Company.id.is_(None)
    return or_(by_code, Company.id.in_(select(CompanyName.company_id).where(or_(*inside), *apart)))


def _typed(text: str) -> str:
    """What was typed, of a sane length and without what no database can be asked for."""
    kept = (c for c in text[:LONGEST] if c.isprintable() or c.isspace())
    return "".join(kept).strip()


def exclusions() -> dict[str, list[str]]:
    """Name key → keys of strings that contain the name but mean something else."""
    found: dict[str, list[str]] = {}
    for name, other in db.session.execute(select(NameExclusion.name, NameExclusion.excluded)):
        found.setdefault(names.name_key(name), []).append(names.fold_key(other))
    return found


def _inside(q: str, key: str) -> list[ColumnElement[bool]]:
    """Conditions on `CompanyName`: what was typed is part of a name, of its pinyin, its initials."""
    conditions = [holds(CompanyName.key, key)]
    if key[-1:] in tuple(_SUFFIX_CHARACTERS):
        # 徐工集 is on the way to 徐工集团, of which the key keeps 徐工 alone.
        conditions.append(holds(CompanyName.name, q))
    if key.isascii() and len(key) > 1:
        conditions.append(begins(CompanyName.initials, key))
        conditions.append(
            holds(CompanyName.pinyin, key) if len(key) > 2 else begins(CompanyName.pinyin, key)
        )
    return conditions


def _by_name(q: str, *, limit: int, contained: bool) -> list[NameMatch]:
    key, folded = names.name_key(q), names.fold_key(q)
    if not key:
        return []
    excluded = exclusions()
    found = [
        match
        for row in _rows(_inside(q, key), _nearness(key), CANDIDATES)
        if (match := _judge(row, q, key, excluded)) is not None
    ]
    if contained:
        found += _contained(q, key, folded, excluded)
    if len({match.company_id for match in found}) < limit:
        found += _misspelt(key, folded, excluded)
    return found


def _nearness(key: str) -> ColumnElement[Any]:
    prefix = begins(CompanyName.key, key)
    sound = begins(CompanyName.pinyin, key)
    return case((CompanyName.key == key, 0), (prefix, 1), (sound, 2), else_=3)


def _rows(conditions: Iterable[ColumnElement[bool]], order: Any, most: int) -> list[_Row]:
    query = (
        select(*_COLUMNS)
        .join(CompanyName, CompanyName.company_id == Company.id)
        .where(or_(*conditions), Company.merged_into_id.is_(None))
        .order_by(order, func.length(CompanyName.key), CompanyName.id)
        .limit(most)
    )
    return [_Row(*row) for row in db.session.execute(query)]


def _judge(row: _Row, q: str, key: str, excluded: Exclusions) -> NameMatch | None:
    """How well a row answers; None where what was typed stands in it for something else."""
    if row.key == key:
        return row.match(row.by, EXACT)
    if names.means_other(row.key, key, excluded.get(key, ())):
        return None
    name = names.fold_key(row.name)
    typed = key if key in row.key else names.fold_key(q)
    if row.key.startswith(typed) or name.startswith(typed):
        return row.match(row.by, PREFIX)
    if typed in row.key or typed in name:
        return row.match(row.by, WORD if names.starts_word(row.name, typed) else INSIDE)
    for text, whole, part in (
        (row.pinyin, SOUND, SOUND_PREFIX),
        (row.initials, INITIALS, INITIALS_PREFIX),
    ):
        if text == key:
            return row.match("pinyin", whole)
        if text.startswith(key):
            return row.match("pinyin", part)
    return row.match("pinyin", SOUND_INSIDE)


def _contained(q: str, key: str, folded: str, excluded: Exclusions) -> list[NameMatch]:
    """Companies whose whole name stands inside what was typed."""
    parts = [part for part in names.parts_of(key) if part != key]
    if not parts:
        return []
    rows = _rows([CompanyName.key.in_(parts)], -func.length(CompanyName.key), CANDIDATES)
    return [
        row.match(row.by, CONTAINED)
        for row in rows
        if names.stands_alone(q, row.key)
        and not names.means_other(folded, row.key, excluded.get(row.key, ()))
    ]


def numbered(text: str) -> list[NameMatch]:
    """The companies with this credit code, or with a contact of this phone number."""
    return _best([*_by_code(text), *_by_phone(text)], CANDIDATES)


def misspelt(term: str) -> list[NameMatch]:
    """Companies with a name that a word may be a slip for, nearest first; none that has it."""
    key = names.name_key(term)
    return _best(_misspelt(key, names.fold_key(term), exclusions()), ENOUGH) if key else []


def _misspelt(key: str, folded: str, excluded: Exclusions) -> list[NameMatch]:
    """Companies whose name sounds the same, or shares two neighbouring characters and is near."""
    conditions = []
    sound = names.pinyin_of(key)
    if sound and len(key) > 1:
        conditions.append(CompanyName.pinyin == sound)
    found = _rows(conditions, CompanyName.id, CANDIDATES) if conditions else []
    if len(key) > 2 and not key.isdigit():
        found += _near_rows(key)
    return [
        row.match("spelling", SPELLING * score / 100)
        for row in found
        if (score := names.similarity(key, row.key, sounds=(sound, row.pinyin))) >= names.NEAR
        and row.key not in key
        and key not in row.key
        and not names.means_other(folded, row.key, excluded.get(row.key, ()))
    ]


def _near_rows(key: str) -> list[_Row]:
    """Names of about this length, those with the most pairs of characters in common first."""
    shares = [case((holds(CompanyName.key, pair), 1), else_=0) for pair in names.pairs_of(key)]
    # Named and not repeated in a condition, so that it is counted once a name.
    common = sum(shares[1:], shares[0]).label("common")
    slack = 1 if len(key) < 6 else 2
    length = func.length(CompanyName.key)
    query = (
        select(*_COLUMNS, common)
        .join(CompanyName, CompanyName.company_id == Company.id)
        .where(length.between(len(key) - slack, len(key) + slack), Company.merged_into_id.is_(None))
        .order_by(common.desc(), CompanyName.id)
        .limit(NEAR_CANDIDATES)
    )
    return [_Row(*row) for *row, shared in db.session.execute(query) if shared]


def _by_code(uscc: str, *, partly: bool = False) -> list[NameMatch]:
    code = compact(uscc)
    if not code.isascii() or not code.isalnum() or len(code) > 18:
        return []
    condition = begins(Company.uscc, code) if partly else Company.uscc == code
    query = select(Company).where(condition, Company.merged_into_id.is_(None)).limit(CANDIDATES)
    return [
        NameMatch(row.id, row.name, row.name, "uscc", EXACT, row.ref, row.region)
        for row in db.session.scalars(query)
    ]


def _by_phone(phone: str) -> list[NameMatch]:
    key = names.phone_key(phone)
    if not key:
        return []
    query = (
        select(Company)
        .join(Contact, Contact.company_id == Company.id)
        .where(Contact.phone_key == key, Company.merged_into_id.is_(None))
        .limit(CANDIDATES)
    )
    return [
        NameMatch(row.id, row.name, row.name, "phone", EXACT, row.ref, row.region)
        for row in db.session.scalars(query).unique()
    ]


def _best(found: Iterable[NameMatch], limit: int) -> list[NameMatch]:
    """The best match of each company, in rank order."""
    best: dict[int, NameMatch] = {}
    for match in found:
        known = best.get(match.company_id)
        if known is None or match.score > known.score:
            best[match.company_id] = match
    ranked = sorted(
        best.values(),
        key=lambda match: (-match.score, len(match.matched_name), match.company_id),
    )
    return ranked[:limit]
