"""The list of interactions with its filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import Team, User
from crm.companies.models import Company, CompanyName
from crm.core.pagination import Page, order_by
from crm.core.permissions import Actor, visible_by_lead
from crm.extensions import db
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.models import Interaction, interaction_companies

DEFAULT_SORT = "-occurred_on"
SORTS = {"occurred_on": Interaction.occurred_on, "next_on": Interaction.next_on}
MOST = 10_000
_LONGEST = 100


@dataclass(frozen=True)
class InteractionFilters:
    """What a list is narrowed to, as its address says it; an empty value narrows nothing."""

    kinds: tuple[InteractionKind, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    author_id: int | None = None
    team_id: int | None = None
    next_owner_id: int | None = None
    company_id: int | None = None
    lead_id: int | None = None
    since: date | None = None
    until: date | None = None
    has_open_step: bool = False
    q: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str], lists: Mapping[str, list[str]]) -> "InteractionFilters":
        """Filters from an address; a value that makes no sense is left aside."""
        return cls(
            kinds=tuple(k for text in lists.get("kind", []) if (k := InteractionKind.read(text))),
            outcomes=tuple(o for text in lists.get("outcome", []) if (o := Outcome.read(text))),
            author_id=_number(args.get("author", "")),
            team_id=_number(args.get("team", "")),
            next_owner_id=_number(args.get("owner", "")),
            company_id=_number(args.get("company", "")),
            lead_id=_number(args.get("lead", "")),
            since=_day(args.get("from", "")),
            until=_day(args.get("to", "")),
            has_open_step=args.get("open", "") == "1",
            q=args.get("q", "").replace("\x00", "").strip()[:_LONGEST],
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return self == InteractionFilters()

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a row must meet besides the viewer's access."""
        found: list[ColumnElement[bool]] = []
        if self.kinds:
            found.append(Interaction.kind.in_(self.kinds))
        if self.outcomes:
            found.append(Interaction.outcome.in_(self.outcomes))
        for column, wanted in (
            (Interaction.author_id, self.author_id),
            (Interaction.author_team_id, self.team_id),
            (Interaction.lead_id, self.lead_id),
            (Interaction.next_owner_id, self.next_owner_id),
        ):
            if wanted is not None:
                found.append(column == wanted)
        if self.since is not None:
            found.append(Interaction.occurred_on >= self.since)
        if self.until is not None:
            found.append(Interaction.occurred_on <= self.until)
        if self.has_open_step:
            found += [Interaction.next_step != "", Interaction.next_done_on.is_(None)]
        if self.company_id is not None:
            found.append(_with_company(interaction_companies.c.company_id == self.company_id))
        if self.q:
            found.append(self._words())
        return found

    def _words(self) -> ColumnElement[bool]:
        names = select(CompanyName.company_id).where(
            CompanyName.name.contains(self.q, autoescape=True)
        )
        return or_(
            Interaction.text.contains(self.q, autoescape=True),
            Interaction.next_step.contains(self.q, autoescape=True),
            _with_company(interaction_companies.c.company_id.in_(names)),
        )


def _with_company(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    link = interaction_companies.c
    return exists(select(1).where(link.interaction_id == Interaction.id, condition))


@dataclass(frozen=True)
class InteractionPage(Page[Interaction]):
    """One page; `has_more` says that the list goes on beyond the `total` that was counted."""

    has_more: bool = False


def interaction_page(
    actor: Actor,
    filters: InteractionFilters,
    *,
    sort: str = DEFAULT_SORT,
    page: int = 1,
    per_page: int = 50,
) -> InteractionPage:
    """One page of what the person may see, newest first; seven statements at most.

    Ids are read once, in order and no further than `MOST`: a word that is rare is looked for in
    one walk through the notes, and a list without filters is not counted to its end.
    """
    order = (*order_by(SORTS, sort, DEFAULT_SORT), Interaction.id.desc())
    ids = db.session.scalars(
        select(Interaction.id)
        .where(visible_by_lead(actor, Interaction.lead_id), *filters.conditions())
        .order_by(*order)
        .limit(MOST + 1)
    ).all()
    total = min(len(ids), MOST)
    page = max(1, min(page, -(-total // per_page)))
    shown = ids[:MOST][(page - 1) * per_page : page * per_page]
    person = lazyload(User.team)
    query = (
        select(Interaction)
        .where(Interaction.id.in_(shown))
        .order_by(*order)
        .options(
            joinedload(Interaction.author).options(person),
            joinedload(Interaction.author_team),
            joinedload(Interaction.next_owner).options(person),
            selectinload(Interaction.companies).load_only(Company.name, Company.short_name),
            selectinload(Interaction.attachments),
        )
    )
    rows = db.session.scalars(query).unique().all() if shown else []
    return InteractionPage(rows, total, page, per_page, has_more=len(ids) > MOST)


class TeamChoice(NamedTuple):
    """A team as a filter offers it."""

    id: int
    name: str


def teams() -> list[TeamChoice]:
    """All teams, those that have ended too: their notes stay theirs."""
    rows = db.session.execute(select(Team.id, Team.name).order_by(Team.name))
    return [TeamChoice(*row) for row in rows]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        return None
