"""Suggestions while typing: firms, leads and people by prefix, alias, pinyin and initials."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.companies.queries import typeahead
from crm.core.containing import mentions
from crm.core.permissions import Actor, Capability, Role, visible_leads
from crm.extensions import db
from crm.leads.models import Lead
from crm.leads.stages import Status

MOST = 10
_NOT_ACTIVE = [status for status in Status if status is not Status.ACTIVE]


@dataclass(frozen=True)
class Suggestion:
    """One record to jump to."""

    type: str
    id: int
    ref: str | None
    name: str
    detail: str
    matched: str = ""


def suggest(actor: Actor, q: str, limit: int = MOST) -> list[Suggestion]:
    """At most `limit` records whose names begin with or contain what was typed, firms first."""
    q = q.strip()[:80]
    if not q or not actor.can(Capability.SEE_BUSINESS):
        return []
    firms = typeahead(q, limit=limit)
    found = [
        Suggestion("company", firm.company_id, firm.ref, firm.name, firm.region, firm.matched_name)
        for firm in firms
    ]
    leads = _leads(actor, q, [firm.company_id for firm in firms], limit)
    people = _people(q, limit)
    # Each group keeps at least a few places; firms take what the others leave.
    room = limit - min(len(leads), 3) - min(len(people), 2)
    chosen = found[: max(room, 1)]
    chosen += leads[: limit - len(chosen) - min(len(people), 2)]
    return (chosen + people)[:limit]


def _leads(actor: Actor, q: str, company_ids: list[int], limit: int) -> list[Suggestion]:
    """Leads of the firms found, then those with the words in their title; newest first.

    Apart, since the first are few and found by an index, the others by a walk from the newest.
    """
    of_firms = _newest(actor, Lead.company_id.in_(company_ids), limit) if company_ids else []
    if len(of_firms) == limit:
        return of_firms
    others = Lead.company_id.not_in(company_ids)
    titled = _newest(actor, and_(mentions(Lead.title, q), others), limit - len(of_firms))
    return of_firms + titled


def _newest(actor: Actor, condition: ColumnElement[bool], limit: int) -> list[Suggestion]:
    query = (
        select(Lead.id, Lead.ref, Lead.title, Company.label)
        .join(Company, Company.id == Lead.company_id)
        .where(
            condition,
            # Said by what it is not: SQLite would else take the index of the status, which holds
            # most leads, instead of walking from the newest and stopping early.
            Lead.status.not_in(_NOT_ACTIVE),
            visible_leads(actor, Lead),
        )
        .order_by(Lead.updated_at.desc())
        .limit(limit)
    )
    return [Suggestion("lead", *row) for row in db.session.execute(query)]


def _people(q: str, limit: int) -> list[Suggestion]:
    lowered = q.lower().replace(" ", "")
    query = (
        select(User.id, User.username, User.name, func.coalesce(Team.name, ""))
        .outerjoin(Team, Team.id == User.team_id)
        .where(
            User.is_enabled,
            User.role.not_in([Role.ADMIN, Role.AUDITOR]),
            or_(
                User.name.contains(q, autoescape=True),
                User.name_pinyin.startswith(lowered, autoescape=True),
                User.name_initials.startswith(lowered, autoescape=True),
            ),
        )
        .order_by(User.name)
        .limit(limit)
    )
    return [Suggestion("person", *row) for row in db.session.execute(query)]
