"""What the reader of queries knows, from the database as it is now: a change counts at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from sqlalchemy import ColumnElement, func, or_, select

from crm.accounts.models import User
from crm.chains.models import ChainNode
from crm.companies import names
from crm.companies.models import Company, CompanyName
from crm.companies.queries import exclusions
from crm.companies.queries.matching import misspelt, numbered
from crm.core.containing import begins, holds
from crm.core.permissions import Role
from crm.extensions import db
from crm.find.models import SynonymGroup
from crm.interactions.kinds import InteractionKind
from crm.leads.stages import Stage, Status
from search.analysis import normalise
from search.query import Meaning
from search.understanding import Firm, Label, Person, Synonyms, near_terms

MOST_FIRMS = 10
"""More firms than this are not what a few letters mean."""

MOST_PEOPLE = 3

_SHORTEST_SOUND, _SHORTEST_INITIALS, _SHORTEST_WITHIN = 4, 3, 5
"""Letters from which on the beginning of a name's pinyin, or of its initials, or a part of the
pinyin is enough."""

_MOST_LONGER = 40

_GENERATIONS = 3

KIND_WORDS = {
    InteractionKind.VISIT: ("拜访", "走访", "走出去", "上门"),
    InteractionKind.RECEPTION: ("接待", "来访", "请进来"),
    InteractionKind.MEETING: ("会议", "开会", "座谈"),
    InteractionKind.CALL: ("电话", "通话", "致电"),
    InteractionKind.WECHAT: ("微信",),
    InteractionKind.EMAIL: ("邮件", "邮箱"),
}
"""What people call the kinds of contact when they look for one."""


class DatabaseLexicon:
    """One request's view; it asks the database for nothing twice."""

    @cached_property
    def synonyms(self) -> Synonyms:
        """The trade terms of the product's table."""
        rows = db.session.execute(select(SynonymGroup.wider, SynonymGroup.terms)).all()
        return Synonyms.of(
            [terms for wider, terms in rows if not wider],
            [(wider, terms) for wider, terms in rows if wider],
        )

    @property
    def labels(self) -> Mapping[str, Label]:
        """Stages and statuses in the words of the screens, kinds of contact in everyday words."""
        return LABELS

    @cached_property
    def _exclusions(self) -> dict[str, list[str]]:
        return exclusions()

    def other_meanings(self, name: str) -> tuple[str, ...]:
        """Strings that contain the name but mean something else.

        They hold for whatever firm bears a name that stands inside them.
        """
        strings = (one for excluded in self._exclusions.values() for one in excluded)
        return tuple(dict.fromkeys(one for one in strings if name in one and name != one))

    def firms_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Firm]]:
        """The firms that are called exactly so, legal suffixes aside."""
        keys = {term: names.name_key(term) for term in terms}
        wanted = {key for key in keys.values() if len(key) > 1}
        found: dict[str, list[int]] = {}
        for key, company_id in _rows(CompanyName.key.in_(wanted)) if wanted else ():
            found.setdefault(key, []).append(company_id)
        firms = _firms(company_id for ids in found.values() for company_id in ids)
        return {
            term: [firms[company_id] for company_id in dict.fromkeys(found[key])]
            for term, key in keys.items()
            if key in found
        }

    def firms_beginning(self, term: str) -> Sequence[Firm]:
        """The firms of one group with a name that begins so; a place names no firm."""
        rows = _rows(begins(CompanyName.key, term), 4 * MOST_FIRMS)
        firms = list(_firms(company_id for _, company_id in rows).values())
        if not 0 < len(firms) <= MOST_FIRMS or len(_roots(firms)) > 1 or _is_place(term):
            return ()
        return firms

    def firms_sounding(self, letters: str) -> Sequence[Firm]:
        """Firms whose pinyin or initials are these letters, else those where they begin so.

        Where none does, those that have a word of that sound: 江苏鑫华 by xinhua. Letters may be
        mixed with the characters themselves, which then must stand in the name.
        """
        sound = letters if letters.isascii() else names.pinyin_of(letters)
        if not sound:
            return ()
        rows = _sounding(sound, mixed=sound != letters)
        han = {char for char in letters if not char.isascii()}
        rows = [(key, company_id) for key, company_id in rows if han.issubset(key)]
        return list(_firms(company_id for _, company_id in rows).values())[:MOST_FIRMS]

    def firms_coded(self, text: str) -> Sequence[Firm]:
        """Firms with this credit code, or with a contact of this phone number."""
        found = numbered(text)
        return list(_firms(one.company_id for one in found).values())[:MOST_FIRMS]

    def longer_names(self, names: Collection[str], firms: Sequence[Firm]) -> tuple[str, ...]:
        """Names of other firms that contain one of the names, unless they begin as these do."""
        if not names:
            return ()
        own = {member for firm in firms for member in (firm.id, *firm.members)}
        own_names = {one for firm in firms for one in firm.names}
        # What contains 徐工机械 contains 徐工: the database walks all names once for each asked.
        parts = [one for one in names if not any(name in one for name in {*names} - {one})]
        rows = _rows(or_(*(holds(CompanyName.key, one) for one in parts)), _MOST_LONGER)
        others = (key for key, company_id in rows if company_id not in own)
        # 卡特彼勒徐州 is no other firm than 卡特, though another record: it begins with its full name.
        openings = tuple(one for one in own_names if any(name in one for name in {*names} - {one}))
        return tuple(
            dict.fromkeys(
                key for key in others if key not in own_names and not key.startswith(openings)
            )
        )

    def firms_like(self, term: str) -> Sequence[tuple[Firm, str]]:
        """Firms with a name that the term may be a slip for, best first."""
        found = misspelt(term)
        firms = _firms(match.company_id for match in found)
        return [(firms[one.company_id], one.matched_name) for one in found]

    @cached_property
    def _people(self) -> Mapping[str, Sequence[Person]]:
        query = select(User.id, User.name, User.username, User.name_pinyin).where(
            User.role.not_in([Role.ADMIN, Role.AUDITOR])
        )
        found: dict[str, list[Person]] = {}
        for user_id, name, username, sound in db.session.execute(query):
            person = Person(user_id, name)
            for form in {normalise(name), normalise(username), "".join(normalise(sound).split())}:
                if len(form) > 1:
                    found.setdefault(form, []).append(person)
        return found

    def people_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Person]]:
        """Colleagues of that name, account name or name in pinyin."""
        return {term: self._people[term] for term in terms if term in self._people}

    def people_like(self, term: str) -> Sequence[Person]:
        """Colleagues whose name sounds the same, or has one other character of three or more."""
        sound = names.pinyin_of(term)
        if not sound:
            return ()
        known = [one for found in self._people.values() for one in found]
        return [one for one in dict.fromkeys(known) if _is_slip(term, sound, one.name)][
            :MOST_PEOPLE
        ]

    def terms_like(self, term: str) -> Sequence[str]:
        """Trade terms and parts of the chains that sound the same, or are written nearly so."""
        terms = self._trade_terms
        if term in terms:
            return ()
        sound = names.pinyin_of(term)
        same = [one for one in terms if sound and names.pinyin_of(one) == sound]
        return same or near_terms(term, terms)

    @cached_property
    def _trade_terms(self) -> list[str]:
        query = select(ChainNode.name, ChainNode.aka)
        rows = [(name, *(aka or [])) for name, aka in db.session.execute(query)]
        nodes = [normalise(one) for row in rows for one in row]
        return list(dict.fromkeys((*self.synonyms.terms(), *nodes)))


def _is_slip(term: str, sound: str, name: str) -> bool:
    name = normalise(name)
    if term == name or len(term) != len(name):
        return False
    differing = sum(one != other for one, other in zip(term, name, strict=True))
    return names.pinyin_of(name) == sound or (differing == 1 and len(name) > 2)


def _label(meaning: Meaning, key: str, text: str) -> Label:
    is_event = (meaning, key) == (Meaning.STAGE, Stage.SIGNED.value)
    return Label(meaning, key, text, (f"{meaning}:{key}",), is_event)


LABELS: Mapping[str, Label] = {
    **{
        word: _label(Meaning.KIND, kind.value, word)
        for kind, words in KIND_WORDS.items()
        for word in words
    },
    **{status.label: _label(Meaning.STATUS, status.value, status.label) for status in Status},
    # 线索 is the word for every lead as well, so it narrows to no stage.
    **{
        stage.label: _label(Meaning.STAGE, stage.value, stage.label)
        for stage in Stage
        if stage is not Stage.IDENTIFIED
    },
}


def _rows(condition: ColumnElement[bool], most: int = 200) -> list[tuple[str, int]]:
    """Keys of names with their companies, shortest first."""
    query = (
        select(CompanyName.key, CompanyName.company_id)
        .join(Company, Company.id == CompanyName.company_id)
        .where(condition, Company.merged_into_id.is_(None))
        .order_by(func.length(CompanyName.key), CompanyName.company_id)
        .limit(most)
    )
    return [(key, company_id) for key, company_id in db.session.execute(query)]


def _firms(company_ids: Iterable[int]) -> dict[int, Firm]:
    """The firms with all their names and the firms of their groups, in the order asked for."""
    wanted = list(dict.fromkeys(company_ids))
    if not wanted:
        return {}
    rows = db.session.execute(select(Company.id, Company.name).where(Company.id.in_(wanted)))
    called = {row.id: row.name for row in rows}
    forms: dict[int, dict[str, None]] = {company_id: {} for company_id in wanted}
    query = select(CompanyName.company_id, CompanyName.name, CompanyName.key).where(
        CompanyName.company_id.in_(wanted)
    )
    for company_id, name, key in db.session.execute(query):
        forms[company_id].update(dict.fromkeys((normalise(name), key)))
    members = _members(wanted)
    return {
        company_id: Firm(
            company_id, called[company_id], tuple(forms[company_id]), tuple(members[company_id])
        )
        for company_id in wanted
    }


def _members(company_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of daughters and their daughters, by company."""
    above = {company_id: {company_id} for company_id in company_ids}
    found: dict[int, list[int]] = {company_id: [] for company_id in company_ids}
    for _ in range(_GENERATIONS):
        query = select(Company.id, Company.parent_id).where(
            Company.parent_id.in_(above), Company.merged_into_id.is_(None)
        )
        below: dict[int, set[int]] = {}
        for daughter, parent in db.session.execute(query):
            below.setdefault(daughter, set()).update(above[parent or 0])
        for daughter, ancestors in below.items():
            for ancestor in ancestors:
                if daughter not in found[ancestor] and daughter != ancestor:
                    found[ancestor].append(daughter)
        above = below
        if not above:
            break
    return found


def _sounding(sound: str, *, mixed: bool) -> list[tuple[str, int]]:
    """Names by their pinyin and, where letters alone were typed, by their initials."""
    whole = CompanyName.pinyin == sound
    partly = begins(CompanyName.pinyin, sound)
    if not mixed:
        whole |= CompanyName.initials == sound
        initials = begins(CompanyName.initials, sound)
        partly = initials | partly if len(sound) >= _SHORTEST_SOUND else initials
    rows = _rows(whole, 4 * MOST_FIRMS)
    if not rows and len(sound) >= _SHORTEST_INITIALS:
        rows = _rows(partly, 4 * MOST_FIRMS)
    if not rows and len(sound) >= _SHORTEST_WITHIN:
        rows = _rows(holds(CompanyName.pinyin, sound), 4 * MOST_FIRMS)
        rows = [row for row in rows if names.sounds_within(row[0], sound)]
    return rows


def _roots(firms: Sequence[Firm]) -> set[int]:
    """The firms that belong to none of the others."""
    inside = {member for firm in firms for member in firm.members}
    return {firm.id for firm in firms if firm.id not in inside}


def _is_place(term: str) -> bool:
    """Whether a word is part of where some firm is at home."""
    contained = Company.region.contains(term, autoescape=True)
    query = select(Company.id).where(contained | (Company.country == term)).limit(1)
    return db.session.scalar(query) is not None
