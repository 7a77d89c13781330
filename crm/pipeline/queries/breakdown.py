"""A funnel by team, owner, source and what else leads differ in."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import String, select, type_coerce

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
from crm.pipeline.funnel import share_of
from crm.pipeline.queries.funnel import Funnel, amount_of, labels


class Dimension(LabelledEnum):
    """By what a funnel may be broken down."""

    TEAM = "team", N_("科室")
    OWNER = "owner", N_("负责人")
    SOURCE = "source", N_("线索来源")
    SECTOR = "sector", N_("产业")
    INVESTOR_KIND = "investor_kind", N_("内外资")
    HONOUR = "honour", N_("企业资质")
    ANCHOR = "anchor", N_("配套链主")


class Cell(NamedTuple):
    """How many leads of a group reached a stage, and how many of them the next."""

    entered: int
    converted: int

    @property
    def conversion(self) -> float | None:
        """The share that went on, to four places."""
        return share_of(self.converted, self.entered)


class Group(NamedTuple):
    """The funnel of the leads that have one value; `key` as the list's filter takes it.

    `amount` is the investment in 万元 of those that reached the last stage.
    """

    key: str
    label: str
    cells: Mapping[Stage, Cell]
    amount: Decimal


def groups(found: Funnel, dimension: Dimension) -> list[Group]:
    """The funnel of each value, the largest first; a lead with several counts under each of them."""
    values = _values(found, dimension)
    counts = [
        (_counted(values, step.entered), _counted(values, step.converted))
        for step in found.steps.values()
    ]
    amounts: Counter[Any] = Counter()
    for place in found.steps[Stage.SIGNED].entered:
        for value in values[place]:
            amounts[value] += found.courses.amounts[place] or 0
    present = set().union(*(entered for entered, _ in counts))
    names = _names(dimension, present)
    made = [
        Group(
            key="" if value is None else str(value),
            label=names.get(value, ""),
            cells={
                stage: Cell(entered[value], converted[value])
                for stage, (entered, converted) in zip(Stage, counts, strict=True)
            },
            amount=amount_of(amounts[value]),
        )
        for value in present
    ]
    return sorted(made, key=lambda one: (-one.cells[Stage.IDENTIFIED].entered, one.label))


def _counted(values: Sequence[Sequence[Any]], places: Sequence[int]) -> Counter[Any]:
    return Counter(chain.from_iterable(map(values.__getitem__, places)))


_COLUMNS = {
    Dimension.TEAM: "team_id", Dimension.OWNER: "owner_id", Dimension.SOURCE: "source_id",
    Dimension.SECTOR: "sector", Dimension.INVESTOR_KIND: "investor_kind",
}  # fmt: skip
_NONE = (None,)


def _values(found: Funnel, dimension: Dimension) -> Sequence[Sequence[Any]]:
    """The values of each lead, in the order of the courses; (None,) where it has none."""
    if dimension is Dimension.HONOUR:
        by_company = _honours(clock.today())
        return [by_company.get(one, _NONE) for one in found.values["company_id"]]
    if dimension is Dimension.ANCHOR:
        by_lead: defaultdict[int, list[int]] = defaultdict(list)
        for lead_id, company_id in db.session.execute(select(lead_anchors)):
            by_lead[lead_id].append(company_id)
        return [by_lead.get(one, _NONE) for one in found.courses.lead_ids]
    return list(zip(found.values[_COLUMNS[dimension]], strict=True))


def _honours(day: date) -> dict[int, tuple[str, ...]]:
    """The titles of each firm in force on a day, its group's among them, as the list's filter has it."""
    own: defaultdict[int, set[str]] = defaultdict(set)
    valid = Honour.valid_until.is_(None) | (Honour.valid_until >= day)
    kinds = select(Honour.company_id, type_coerce(Honour.kind, String)).where(valid)
    for company_id, kind in db.session.execute(kinds):
        own[company_id].add(kind)
    found = {company_id: set(kinds) for company_id, kinds in own.items()}
    pairs = select(Company.id, Company.parent_id).where(Company.parent_id.in_(list(own)))
    for company_id, parent_id in db.session.execute(pairs):
        found.setdefault(company_id, set()).update(own[parent_id or 0])
    return {company_id: tuple(kinds) for company_id, kinds in found.items()}


def _names(dimension: Dimension, values: Collection[Any]) -> dict[Any, str]:
    match dimension:
        case Dimension.TEAM:
            return labels(Team.id, Team.name, values)
        case Dimension.OWNER:
            return labels(User.id, User.name, values)
        case Dimension.SOURCE:
            return labels(ListItem.id, ListItem.label, values)
        case Dimension.ANCHOR:
            return labels(Company.id, Company.name, values)
        case _:
            kinds: tuple[type[LabelledEnum], ...] = (Sector, InvestorKind, HonourKind)
            return {one.value: one.label for kind in kinds for one in kind}
