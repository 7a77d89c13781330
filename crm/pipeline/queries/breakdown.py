"""A funnel by team, owner, source and what else leads differ in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from crm.accounts.models import Team, User
from crm.companies.kinds import HonourKind
from crm.companies.models import Company, Honour
from crm.core import clock
from crm.core.labels import N_, LabelledEnum
from crm.core.settings import ListItem
from crm.extensions import db
from crm.leads.kinds import InvestorKind, Sector
from crm.leads.models import lead_anchors
from crm.leads.stages import Stage
from crm.pipeline.funnel import Course, Step, Terms
from crm.pipeline.queries.funnel import FunnelLeads, labels, steps_of


class Dimension(LabelledEnum):
    """By what a funnel may be broken down."""

    TEAM = "team", N_("科室")
    OWNER = "owner", N_("负责人")
    SOURCE = "source", N_("线索来源")
    SECTOR = "sector", N_("产业")
    INVESTOR_KIND = "investor_kind", N_("内外资")
    HONOUR = "honour", N_("企业资质")
    ANCHOR = "anchor", N_("配套链主")


class Group(NamedTuple):
    """The funnel of the leads that have one value; `key` as the list's filter takes it."""

    key: str
    label: str
    steps: Mapping[Stage, Step]


def groups(leads: FunnelLeads, terms: Terms, dimension: Dimension) -> list[Group]:
    """The funnel of each value; a lead with several values counts under each of them."""
    members: defaultdict[Any, list[Course]] = defaultdict(list)
    values = _values(dimension)
    for row, course in zip(leads.rows, leads.courses, strict=True):
        for value in values(row):
            members[value].append(course)
    names = _names(dimension, members)
    found = [
        Group(_key(value), names.get(value, ""), steps_of(courses, terms))
        for value, courses in members.items()
    ]
    first = next(iter(Stage))
    return sorted(found, key=lambda one: (-len(one.steps[first].entered), one.label))


def _key(value: Any) -> str:
    return str(value.value if isinstance(value, LabelledEnum) else value or "")


def _values(dimension: Dimension) -> Callable[[Any], Iterable[Any]]:
    """A function that gives a row's values."""
    if dimension is Dimension.HONOUR:
        by_company = _honours()
        return lambda row: by_company.get(row.company_id) or (None,)
    if dimension is Dimension.ANCHOR:
        by_lead: defaultdict[int, list[int]] = defaultdict(list)
        for lead_id, company_id in db.session.execute(select(lead_anchors)):
            by_lead[lead_id].append(company_id)
        return lambda row: by_lead.get(row.id) or (None,)
    place = {
        Dimension.TEAM: "team_id", Dimension.OWNER: "owner_id", Dimension.SOURCE: "source_id",
        Dimension.SECTOR: "sector", Dimension.INVESTOR_KIND: "investor_kind",
    }[dimension]  # fmt: skip
    return lambda row: (getattr(row, place),)


def _honours() -> dict[int, set[HonourKind]]:
    """The titles of each firm that are in force, those of its group among them."""
    own: defaultdict[int, set[HonourKind]] = defaultdict(set)
    valid = Honour.valid_until.is_(None) | (Honour.valid_until >= clock.today())
    for company_id, kind in db.session.execute(select(Honour.company_id, Honour.kind).where(valid)):
        own[company_id].add(kind)
    found = dict(own)
    pairs = select(Company.id, Company.parent_id).where(Company.parent_id.in_(list(own)))
    for company_id, parent_id in db.session.execute(pairs):
        found[company_id] = own.get(company_id, set()) | own[parent_id or 0]
    return found


def _names(dimension: Dimension, values: Iterable[Any]) -> dict[Any, str]:
    wanted = {value for value in values if value is not None}
    match dimension:
        case Dimension.TEAM:
            return labels(Team.id, Team.name, wanted)
        case Dimension.OWNER:
            return labels(User.id, User.name, wanted)
        case Dimension.SOURCE:
            return labels(ListItem.id, ListItem.label, wanted)
        case Dimension.ANCHOR:
            return labels(Company.id, Company.name, wanted)
        case _:
            kinds: tuple[type[LabelledEnum], ...] = (Sector, InvestorKind, HonourKind)
            return {one: one.label for kind in kinds for one in kind if one in wanted}
