"""The rows of hits, with what the page and the API say of each; no more is read of a record.

The viewer's access is part of the engine's query; here it is part of the database's once more, so
that a lead turned confidential a second ago does not slip through.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, select

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.core.permissions import Actor, Capability, visible_by_lead, visible_leads
from crm.extensions import db
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.models import Interaction, interaction_companies
from crm.leads.models import Lead
from crm.leads.stages import Stage, Status
from search.results import Hit


class FoundCompany(NamedTuple):
    """A firm that was found, or that a record is about."""

    id: int
    ref: str | None
    name: str
    label: str
    region: str
    is_anchor: bool
    in_zone: bool


class FoundLead(NamedTuple):
    """A lead that was found, or that a note belongs to."""

    id: int
    ref: str | None
    title: str
    stage: Stage
    status: Status
    received_on: date
    last_contact_on: date | None


@dataclass(frozen=True, kw_only=True)
class Result:
    """One record found, with marked HTML from the engine."""

    hit: Hit
    ref: str | None
    created_at: datetime
    company: FoundCompany | None
    lead: FoundLead | None = None
    occurred_on: date | None = None
    kind: InteractionKind | None = None
    outcome: Outcome | None = None
    owner: str | None = None
    team: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Type and id of the record."""
        return self.hit.type, self.hit.id

    @property
    def stage(self) -> Stage | None:
        """The stage of the lead that it is or belongs to."""
        return self.lead.stage if self.lead else None


_COMPANY = (
    Company.id, Company.ref, Company.name, Company.label, Company.region, Company.is_anchor,
    Company.in_zone,
)  # fmt: skip
_LEAD = (
    Lead.id, Lead.ref, Lead.title, Lead.stage, Lead.status, Lead.received_on, Lead.last_contact_on,
)  # fmt: skip


def load(actor: Actor, hits: Collection[Hit]) -> list[Result]:
    """What was found, in rank order, without what the person may not see by now."""
    found: dict[tuple[str, int], Result] = {}
    for doc_type, loader in LOADERS.items():
        of_type = {hit.id: hit for hit in hits if hit.type == doc_type}
        if of_type:
            found.update((result.key, result) for result in loader(actor, of_type))
    return [found[hit.type, hit.id] for hit in hits if (hit.type, hit.id) in found]


Hits = dict[int, Hit]


def _companies(actor: Actor, hits: Hits) -> list[Result]:
    if not actor.can(Capability.SEE_BUSINESS):
        return []
    query = (
        select(Company.created_at, User.name, *_COMPANY)
        .outerjoin(User, User.id == Company.account_owner_id)
        .where(Company.id.in_(hits), Company.merged_into_id.is_(None))
    )
    rows = [
        (FoundCompany._make(values), created_at, owner)
        for created_at, owner, *values in db.session.execute(query)
    ]
    return [
        Result(hit=hits[row.id], ref=row.ref, created_at=created_at, company=row, owner=owner)
        for row, created_at, owner in rows
    ]


def _leads(actor: Actor, hits: Hits) -> list[Result]:
    query = (
        select(Lead.created_at, User.name, Team.name, *_LEAD, *_COMPANY)
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(User, User.id == Lead.owner_id)
        .outerjoin(Team, Team.id == Lead.team_id)
        .where(Lead.id.in_(hits), visible_leads(actor, Lead))
    )
    cut = len(_LEAD)
    rows = [
        (FoundLead._make(values[:cut]), FoundCompany._make(values[cut:]), created_at, owner, team)
        for created_at, owner, team, *values in db.session.execute(query)
    ]
    return [
        Result(
            hit=hits[row.id],
            ref=row.ref,
            created_at=created_at,
            company=company,
            lead=row,
            owner=owner,
            team=team,
        )
        for row, company, created_at, owner, team in rows
    ]


def _interactions(actor: Actor, hits: Hits) -> list[Result]:
    query = (
        select(
            Interaction.id, Interaction.ref, Interaction.created_at, Interaction.occurred_on,
            Interaction.kind, Interaction.outcome, User.name, Team.name, *_LEAD,
        )
        .select_from(Interaction)
        .outerjoin(Lead, and_(Lead.id == Interaction.lead_id, visible_leads(actor, Lead)))
        .outerjoin(User, User.id == Interaction.author_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(Interaction.id.in_(hits), visible_by_lead(actor, Interaction.lead_id))
    )  # fmt: skip
    rows = db.session.execute(query).all()
    companies = _first_companies([row[0] for row in rows])
    return [
        Result(
            hit=hits[id_],
            ref=ref,
            created_at=created_at,
            occurred_on=occurred_on,
            kind=kind,
            outcome=outcome,
            owner=author,
            team=team,
            company=companies.get(id_),
            lead=FoundLead._make(lead) if lead[0] is not None else None,
        )
        for id_, ref, created_at, occurred_on, kind, outcome, author, team, *lead in rows
    ]


def _first_companies(interaction_ids: Collection[int]) -> dict[int, FoundCompany]:
    """A firm of each note; of several the one that has been known longest."""
    link = interaction_companies.c
    query = (
        select(link.interaction_id, *_COMPANY)
        .join(Company, Company.id == link.company_id)
        .where(link.interaction_id.in_(interaction_ids))
        .order_by(link.interaction_id, link.company_id.desc())
    )
    rows = db.session.execute(query) if interaction_ids else ()
    return {id_: FoundCompany._make(values) for id_, *values in rows}


LOADERS: dict[str, Callable[[Actor, Hits], list[Result]]] = {
    "company": _companies,
    "lead": _leads,
    "interaction": _interactions,
}
