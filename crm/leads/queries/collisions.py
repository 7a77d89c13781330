"""The collision guard: who is already talking with a firm, told without giving anything away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import case, literal, select

from crm.accounts.models import Team
from crm.companies.models import Company, CompanyName
from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.stages import OPEN_STATUSES, Stage

LINES = 20


class Match(Protocol):
    """A company that was meant, as `companies.queries.find_matches` gives it."""

    @property
    def company_id(self) -> int: ...
    @property
    def company_name(self) -> str: ...
    @property
    def matched_by(self) -> str: ...


@dataclass(frozen=True)
class CollisionLine:
    """Which team is talking with a firm, since when and at which stage; nothing more.

    `lead_id` is set only for a viewer who may open the lead anyway; `is_own` says that it is the
    viewer's own.
    """

    company_id: int
    company_name: str
    matched_by: str
    team: str
    since: date
    stage: Stage
    lead_id: int | None = None
    is_own: bool = False


def collision_lines(
    actor: Actor, matches: Sequence[Match], on: date | None = None
) -> list[CollisionLine]:
    """The masked lines for firms that were typed, in the order of the matches; two statements.

    Leads that the viewer may not see give the very same line, without the link. `on` leaves out
    what was received later.
    """
    by_company: dict[int, Match] = {}
    for match in matches:
        by_company.setdefault(match.company_id, match)
    if not by_company:
        return []
    query = (
        select(
            Lead.id, Lead.company_id, Team.name, Lead.received_on, Lead.stage, Lead.owner_id,
            case((visible_leads(actor, Lead), literal(1)), else_=literal(0)),
        )
        .outerjoin(Team, Team.id == Lead.team_id)
        .where(Lead.company_id.in_(by_company), Lead.status.in_(OPEN_STATUSES))
        .order_by(Lead.received_on, Lead.id)
    )  # fmt: skip
    if on is not None:
        query = query.where(Lead.received_on <= on)
    order = {company_id: place for place, company_id in enumerate(by_company)}
    rows = sorted(db.session.execute(query), key=lambda row: order[row[1]])
    return [
        CollisionLine(
            company_id=company_id,
            company_name=by_company[company_id].company_name,
            matched_by=by_company[company_id].matched_by,
            team=team or "",
            since=received_on,
            stage=stage,
            lead_id=lead_id if visible else None,
            is_own=actor.id is not None and owner_id == actor.id,
        )
        for lead_id, company_id, team, received_on, stage, owner_id, visible in rows[:LINES]
    ]


def open_leads_like(company: Company, *, besides: int) -> list[tuple[int, str]]:
    """Open leads of this firm and of firms that bear one of its names: (lead id, matched by)."""
    keys = select(CompanyName.key).where(CompanyName.company_id == company.id)
    namesakes = select(CompanyName.company_id).where(CompanyName.key.in_(keys)).distinct()
    # Read beforehand: SQLite finds the leads by the index of firms only where it sees their ids.
    firms = {company.id, *db.session.scalars(namesakes)}
    query = select(Lead.id, Lead.company_id).where(
        Lead.company_id.in_(firms), Lead.status.in_(OPEN_STATUSES), Lead.id != besides
    )
    rows = db.session.execute(query.order_by(Lead.id).limit(LINES))
    return [
        (lead_id, "company" if company_id == company.id else "name") for lead_id, company_id in rows
    ]
