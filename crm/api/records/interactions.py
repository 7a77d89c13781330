"""Interactions as JSON."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.api import answers, lookups
from crm.api.answers import Json, day, moment
from crm.api.records import companies
from crm.api.schemas.interactions import InteractionQuery
from crm.core.pagination import order_by
from crm.core.permissions import Actor, visible_by_lead
from crm.extensions import db
from crm.interactions.models import Interaction, Participant
from crm.interactions.queries import InteractionFilters
from crm.leads.models import Lead

MOST_COUNTED = 10_000
"""Notes grow without end; beyond this many a list says "at least"."""

_SORTS = {
    "occurred_on": Interaction.occurred_on,
    "next_on": Interaction.next_on,
    "updated_at": Interaction.updated_at,
    "id": Interaction.id,
}


class _LeadName(NamedTuple):
    """What an interaction shows of its lead."""

    ref: str | None
    title: str


def load(interaction_id: int) -> Json:
    """The record of an interaction as it is stored now; access was asked before."""
    query = _with_relations(select(Interaction).where(Interaction.id == interaction_id))
    query = query.execution_options(populate_existing=True)
    return as_json(db.session.scalars(query).unique().all())[0]


def _with_relations(query: Select[Any]) -> Select[Any]:
    person = lazyload(User.team)
    return query.options(
        joinedload(Interaction.author).options(person),
        joinedload(Interaction.author_team),
        joinedload(Interaction.next_owner).options(person),
        selectinload(Interaction.companies),
        selectinload(Interaction.participants).options(
            joinedload(Participant.user).options(person)
        ),
    )


def as_json(rows: Sequence[Interaction]) -> list[Json]:
    """Every column of the files, times, version and ETag; one statement for the leads.

    Whoever sees an interaction sees its lead, so the lead's name is no secret here.
    """
    ids = {row.lead_id for row in rows if row.lead_id}
    query = select(Lead.id, Lead.ref, Lead.title).where(Lead.id.in_(ids))
    found = db.session.execute(query) if ids else ()
    leads = {row.id: _LeadName(row.ref, row.title) for row in found}
    return [_record(row, leads.get(row.lead_id or 0)) for row in rows]


def _record(row: Interaction, lead: _LeadName | None) -> Json:
    return answers.with_etag(
        {
            "id": row.id,
            "ref": row.ref,
            "kind": row.kind.value,
            "occurred_on": day(row.occurred_on),
            "company_ids": [company.id for company in row.companies],
            "company_refs": [company.ref for company in row.companies if company.ref],
            "companies": [companies.named(company) for company in row.companies],
            "lead_id": row.lead_id,
            "lead_ref": lead.ref if lead else None,
            "lead_title": lead.title if lead else None,
            "author": row.author.username if row.author else None,
            "author_name": row.author.name if row.author else None,
            "author_team": row.author_team.name if row.author_team else None,
            "participants": [one.user.username for one in row.participants],
            "outcome": row.outcome.value if row.outcome else None,
            "text": row.text,
            "next_step": row.next_step,
            "next_on": day(row.next_on),
            "next_owner": row.next_owner.username if row.next_owner else None,
            "next_done_on": day(row.next_done_on),
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
            "version": row.version,
        }
    )


def page(actor: Actor, asked: InteractionQuery) -> Json:
    """One page of the interactions that the caller may see."""
    filters = InteractionFilters(
        kinds=asked.kind,
        outcomes=asked.outcome,
        author_id=lookups.user_filter(asked.author) if asked.author else None,
        team_id=lookups.team_filter(asked.team) if asked.team else None,
        company_id=lookups.company_filter(asked.company) if asked.company else None,
        lead_id=lookups.lead_filter(asked.lead) if asked.lead else None,
        since=asked.from_,
        until=asked.to,
        has_open_step=asked.open,
        q=asked.q.strip(),
    )
    where = [visible_by_lead(actor, Interaction.lead_id), *filters.conditions()]
    counted = select(Interaction.id).where(*where).limit(MOST_COUNTED + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    query = (
        select(Interaction)
        .where(*where)
        .order_by(*order_by(_SORTS, asked.sort, "-occurred_on"), Interaction.id.desc())
        .limit(asked.per_page)
        .offset((asked.page - 1) * asked.per_page)
    )
    rows = db.session.scalars(_with_relations(query)).unique().all()
    return answers.envelope(
        as_json(rows),
        total=total if total <= MOST_COUNTED else None,
        at_least=MOST_COUNTED,
        page=asked.page,
        per_page=asked.per_page,
    )
