"""Open next steps of a lead or of companies."""

from collections.abc import Collection

from sqlalchemy import case, exists, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core.permissions import Actor
from crm.extensions import db
from crm.interactions.models import Interaction, interaction_companies
from crm.interactions.queries.one import visible_interactions


def open_steps(
    actor: Actor,
    *,
    lead_id: int | None = None,
    company_ids: Collection[int] = (),
    limit: int = 5,
) -> list[Interaction]:
    """Steps still to be done on a lead, or with companies outside any lead; the earliest first."""
    link = interaction_companies.c
    query = visible_interactions(actor).where(
        Interaction.next_step != "", Interaction.next_done_on.is_(None)
    )
    if lead_id is not None:
        query = query.where(Interaction.lead_id == lead_id)
    elif company_ids:
        with_them = exists(
            select(1).where(link.interaction_id == Interaction.id, link.company_id.in_(company_ids))
        )
        query = query.where(Interaction.lead_id.is_(None), with_them)
    else:
        return []
    undated = case((Interaction.next_on.is_(None), 1), else_=0)
    rows = db.session.scalars(
        query.order_by(undated, Interaction.next_on, Interaction.id)
        .limit(limit)
        .options(
            joinedload(Interaction.next_owner).options(lazyload(User.team)),
            selectinload(Interaction.companies).load_only(Company.name, Company.short_name),
        )
    )
    return list(rows.unique())
