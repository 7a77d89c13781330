"""The records behind each kind of file, read in portions within a person's access."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from operator import eq, ge, le
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company, CompanyName, Contact
from crm.core.permissions import Actor, Capability, visible_by_lead, visible_leads
from crm.exchange.exporting.companies import contact_values, values_of
from crm.exchange.exporting.interactions import interaction_values, lead_refs
from crm.exchange.exporting.leads import lead_values
from crm.exchange.exporting.users import user_values
from crm.extensions import db
from crm.interactions.models import Interaction, Participant, interaction_companies
from crm.leads.models import Lead, StageEntry
from crm.leads.stages import Stage, Status

PORTION = 1_000
Values = dict[str, Any]


@dataclass(frozen=True)
class ExportFilter:
    """What of a kind is wanted; what does not apply to a kind is left aside.

    Days are those of receipt for leads and stage logs, of occurrence for interactions.
    """

    q: str = ""
    since: date | None = None
    until: date | None = None
    team_id: int | None = None
    owner_id: int | None = None
    stage: Stage | None = None
    status: Status | None = None
    in_zone: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """What is set, as the log keeps it."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if value not in (None, "")
        }


def _portions(query: Select[Any], key: Any) -> Iterator[list[Any]]:
    """The rows of a query by ascending key, a portion at a time: memory stays bounded."""
    last = 0
    while True:
        portion = query.where(key > last).order_by(key).limit(PORTION)
        rows = list(db.session.scalars(portion).unique())
        if not rows:
            return
        last = rows[-1].id
        yield rows
        for row in rows:
            db.session.expunge(row)


def _where(
    query: Select[Any], *conditions: tuple[Any, Callable[[Any, Any], Any], Any]
) -> Select[Any]:
    """Add the conditions whose value is set."""
    return query.where(
        *(compare(column, value) for column, compare, value in conditions if value is not None)
    )


def _named_like(text: str) -> Any:
    pattern = f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
    by_name = select(CompanyName.company_id).where(CompanyName.name.ilike(pattern, escape="/"))
    return Company.id.in_(by_name)


def _users(wanted: ExportFilter, *, actor: Actor) -> Iterator[Values]:
    if not actor.can(Capability.ADMINISTER):
        return
    query = select(User)
    if wanted.team_id is not None:
        query = query.where(User.team_id == wanted.team_id)
    for rows in _portions(query, User.id):
        yield from (user_values(row) for row in rows)


def _company_query(wanted: ExportFilter, actor: Actor) -> Select[Any]:
    query = select(Company).where(Company.merged_into_id.is_(None))
    if not actor.can(Capability.SEE_BUSINESS):
        return query.where(Company.id.is_(None))
    if wanted.q:
        query = query.where(_named_like(wanted.q))
    if wanted.in_zone is not None:
        query = query.where(Company.in_zone == wanted.in_zone)
    return query


def _companies(wanted: ExportFilter, *, actor: Actor) -> Iterator[Values]:
    query = _company_query(wanted, actor).options(
        joinedload(Company.parent),
        selectinload(Company.names),
        selectinload(Company.honours),
        selectinload(Company.nodes),
    )
    for rows in _portions(query, Company.id):
        yield from values_of(rows).values()


def _contacts(wanted: ExportFilter, *, actor: Actor) -> Iterator[Values]:
    companies = _company_query(wanted, actor).with_only_columns(Company.id)
    query = select(Contact).where(Contact.company_id.in_(companies))
    for rows in _portions(query.options(joinedload(Contact.company)), Contact.id):
        yield from (contact_values(row) for row in rows)


def _lead_query(wanted: ExportFilter, actor: Actor) -> Select[Any]:
    query = select(Lead).where(visible_leads(actor, Lead))
    query = _where(
        query,
        (Lead.received_on, ge, wanted.since),
        (Lead.received_on, le, wanted.until),
        (Lead.team_id, eq, wanted.team_id),
        (Lead.owner_id, eq, wanted.owner_id),
        (Lead.stage, eq, wanted.stage),
        (Lead.status, eq, wanted.status),
    )
    if wanted.q:
        named = select(Company.id).where(_named_like(wanted.q))
        pattern = f"%{wanted.q.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
        query = query.where(or_(Lead.title.ilike(pattern, escape="/"), Lead.company_id.in_(named)))
    return query


def _leads(wanted: ExportFilter, *, actor: Actor) -> Iterator[Values]:
    query = _lead_query(wanted, actor).options(
        joinedload(Lead.company),
        joinedload(Lead.source),
        joinedload(Lead.lost_reason),
        joinedload(Lead.owner),
        joinedload(Lead.team),
        selectinload(Lead.nodes),
        selectinload(Lead.anchors),
    )
    for rows in _portions(query, Lead.id):
        yield from lead_values(rows).values()


def _stage_log(wanted: ExportFilter, *, actor: Actor) -> Iterator[Values]:
    leads = _lead_query(wanted, actor).with_only_columns(Lead.id)
    for rows in _portions(
        select(StageEntry).where(StageEntry.lead_id.in_(leads)).options(joinedload(StageEntry.by)),
        StageEntry.id,
    ):
        refs = lead_refs({row.lead_id for row in rows})
        for row in rows:
            yield {
                "ref": refs[row.lead_id],
                "stage": row.to_stage,
                "entered_on": row.entered_on,
                "by": row.by.username if row.by else None,
            }


def _interactions(wanted: ExportFilter, *, actor: Actor) -> Iterator[Values]:
    query = select(Interaction).where(visible_by_lead(actor, Interaction.lead_id))
    query = _where(
        query,
        (Interaction.occurred_on, ge, wanted.since),
        (Interaction.occurred_on, le, wanted.until),
        (Interaction.author_team_id, eq, wanted.team_id),
        (Interaction.author_id, eq, wanted.owner_id),
    )
    if wanted.q:
        link = interaction_companies.c
        named = select(link.interaction_id).join(Company, Company.id == link.company_id)
        query = query.where(Interaction.id.in_(named.where(_named_like(wanted.q))))
    query = query.options(
        joinedload(Interaction.author),
        selectinload(Interaction.companies),
        selectinload(Interaction.participants).joinedload(Participant.user),
    )
    for rows in _portions(query, Interaction.id):
        yield from interaction_values(rows).values()


SOURCES: Mapping[str, Callable[..., Iterator[Values]]] = {
    "users": _users,
    "companies": _companies,
    "contacts": _contacts,
    "leads": _leads,
    "stage_log": _stage_log,
    "interactions": _interactions,
}
