"""Leads as JSON."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload, selectinload
from werkzeug.datastructures import MultiDict

from crm.accounts.models import User
from crm.api import answers, lookups
from crm.api.answers import Json, day, moment, number
from crm.api.records import companies
from crm.api.schemas.leads import LeadQuery
from crm.companies.models import Company
from crm.companies.queries import NameMatch, find_matches
from crm.core.errors import FieldErrors
from crm.core.labels import LabelledEnum
from crm.core.permissions import Actor
from crm.extensions import db
from crm.leads import list_args
from crm.leads.models import Lead
from crm.leads.queries import CollisionLine, collision_lines, whole_leads
from crm.leads.values import UNAVAILABLE

# Columns that are shown under their own name.
_PLAIN = (
    "id", "ref", "title", "company_id", "visibility", "stage", "stage_since", "status", "sector",
    "investor_kind", "investment_wan_cny", "foreign_capital_wan_usd", "land_mu",
    "fixed_investment_wan_cny", "site_kind", "floor_area_sqm", "energy_tce", "pollutants",
    "output_wan_cny", "tax_wan_cny", "jobs", "product", "industry", "character", "is_no1",
    "likelihood", "likelihood_reason", "agreed_amount", "agreed_currency",
    "investor_registration", "appraisal_passed_on", "appraisal_evidence", "received_on", "lost_to",
    "summary", "responded_on", "last_contact_on", "contact_count", "face_count", "next_step",
    "next_on", "version",
)  # fmt: skip


def load(lead_id: int) -> Json:
    """The record of a lead as it is stored now; access was asked before."""
    query = (
        select(Lead)
        .where(Lead.id == lead_id)
        .options(
            joinedload(Lead.company),
            joinedload(Lead.owner).options(lazyload(User.team)),
            joinedload(Lead.team),
            joinedload(Lead.source),
            joinedload(Lead.lost_reason),
            selectinload(Lead.nodes),
            selectinload(Lead.anchors),
            selectinload(Lead.people),
        )
        .execution_options(populate_existing=True)
    )
    return as_json(db.session.scalars(query).unique().all())[0]


def as_json(leads: Sequence[Lead]) -> list[Json]:
    """Every column of the files, times, version and ETag; one statement for the people named."""
    ids = {person.user_id for lead in leads for person in lead.people}
    names = _usernames(ids)
    return [_record(lead, names) for lead in leads]


def _usernames(ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    query = select(User.id, User.username).where(User.id.in_(ids))
    return dict(db.session.execute(query).all())


def _record(lead: Lead, names: dict[int, str]) -> Json:
    record: Json = {name: _shown(getattr(lead, name)) for name in _PLAIN}
    record |= {
        "company_ref": lead.company.ref,
        "company": companies.named(lead.company),
        "owner": lead.owner.username if lead.owner else None,
        "owner_name": lead.owner.name if lead.owner else None,
        "team": lead.team.name if lead.team else None,
        "people": [names[person.user_id] for person in lead.people],
        "source": lead.source.label if lead.source else None,
        "lost_reason": lead.lost_reason.label if lead.lost_reason else None,
        "chain_nodes": [node.node_id for node in lead.nodes],
        "anchor_ids": [company.id for company in lead.anchors],
        "anchor_refs": [company.ref for company in lead.anchors if company.ref],
        "unavailable": list(lead.unavailable or ()),
        "created_at": moment(lead.created_at),
        "updated_at": moment(lead.updated_at),
    }
    record |= {name: UNAVAILABLE for name in lead.unavailable or () if not record.get(name, True)}
    return answers.with_etag(record)


def _shown(value: Any) -> Any:
    if isinstance(value, LabelledEnum):
        return value.value
    if isinstance(value, Decimal):
        return number(value)
    return day(value) if isinstance(value, date) else value


def page(actor: Actor, asked: LeadQuery) -> Json:
    """One page of the leads that the caller may see, by the filters of the list's page."""
    found = list_args.read(with_ids(request.args))
    if found.problems:
        raise FieldErrors({name: [text] for name, text in found.problems.items()})
    shown = whole_leads(actor, found.filters, asked.sort, asked.page, asked.per_page)
    return answers.envelope(
        as_json(shown.items), total=shown.total, page=asked.page, per_page=asked.per_page
    )


def with_ids(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """The parameters, with names of people, teams and firms turned into ids.

    A username may consist of digits alone, so it is looked for before an id is.
    """
    args: MultiDict[str, str] = MultiDict(sent)
    for name, look_up in (
        ("owner", lookups.user_filter),
        ("team", lookups.team_filter),
        ("company", lookups.company_filter),
        ("anchor", lookups.company_filter),
    ):
        words = list_args.words(args, name)
        if words:
            # No record has the id 0, so it finds nothing as a name should that nobody bears.
            args.setlist(name, [str(max(look_up(word), 0)) for word in words])
    for name in ("mine", "no_next", "unowned"):
        if name in args:
            args[name] = "1" if args[name].lower() in ("1", "true", "yes", "on", "t", "y") else "0"
    return args


def collisions(
    actor: Actor, *, name: str = "", uscc: str = "", phone: str = "", company: Company | None = None
) -> list[Json]:
    """Who is already talking with a firm: team, since when, at which stage, and nothing else."""
    matches = find_matches(name=name, uscc=uscc, phone=phone)
    if company is not None:
        own = NameMatch(company.id, company.name, company.name, "name", 100, company.ref)
        matches = [own, *matches]
    lines = collision_lines(actor, matches)
    refs = {match.company_id: match.ref for match in matches}
    return [_line(line, refs.get(line.company_id)) for line in lines]


def _line(line: CollisionLine, ref: str | None) -> Json:
    return {
        "company": line.company_name,
        "company_ref": ref,
        "matched_by": line.matched_by,
        "team": line.team,
        "since": line.since.isoformat(),
        "stage": line.stage.value,
    }
