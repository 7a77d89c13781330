"""Everything ever said with a company and its group, within the viewer's access."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core.permissions import Actor
from crm.extensions import db
from crm.interactions.models import Interaction, Participant, interaction_companies
from crm.interactions.queries.one import LeadBrief, lead_briefs, visible_interactions


@dataclass(frozen=True)
class Timeline:
    """One stretch of a timeline, the newest first; `more` says where the next one starts."""

    events: Sequence[Interaction]
    leads: dict[int, LeadBrief]
    more: tuple[date, int] | None


def company_timeline(
    actor: Actor,
    company_ids: Collection[int],
    *,
    limit: int = 30,
    before: tuple[date, int] | None = None,
) -> Timeline:
    """What was said with these companies before a point of the timeline; six statements."""
    link = interaction_companies.c
    person = lazyload(User.team)
    said = exists(
        select(1).where(link.interaction_id == Interaction.id, link.company_id.in_(company_ids))
    )
    query = (
        visible_interactions(actor)
        .where(said)
        .order_by(Interaction.occurred_on.desc(), Interaction.id.desc())
        .limit(limit + 1)
        .options(
            joinedload(Interaction.author).options(person),
            selectinload(Interaction.companies).load_only(Company.name, Company.short_name),
            selectinload(Interaction.participants).joinedload(Participant.user).options(person),
            selectinload(Interaction.attachments),
        )
    )
    if before is not None:
        day, interaction_id = before
        query = query.where(
            or_(
                Interaction.occurred_on < day,
                and_(Interaction.occurred_on == day, Interaction.id < interaction_id),
            )
        )
    rows = db.session.scalars(query).unique().all()
    shown = rows[:limit]
    more = (shown[-1].occurred_on, shown[-1].id) if len(rows) > limit else None
    return Timeline(shown, lead_briefs(actor, [row.lead_id for row in shown]), more)
