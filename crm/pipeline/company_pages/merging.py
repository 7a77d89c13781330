"""Merging two companies: every domain moves what is its own, in one transaction."""

from dataclasses import dataclass

from sqlalchemy import func, select

from crm.companies import services as companies
from crm.companies.models import Company
from crm.core.permissions import Actor
from crm.extensions import db
from crm.interactions.models import interaction_companies
from crm.interactions.services import move_to_company
from crm.leads.models import Lead, lead_anchors
from crm.leads.services import repoint_company


@dataclass(frozen=True)
class Preview:
    """How much a merge would move, by kind. Leads that the viewer may not see are counted too:
    the number alone tells no more than the collision guard does."""

    names: int
    honours: int
    nodes: int
    contacts: int
    children: int
    leads: int
    interactions: int


def preview(gone: Company) -> Preview:
    """What would move if this company were merged away."""
    link = interaction_companies.c
    said = select(func.count()).where(link.company_id == gone.id)
    leads = select(func.count()).select_from(Lead).where(Lead.company_id == gone.id)
    served = select(func.count()).where(lead_anchors.c.company_id == gone.id)
    return Preview(
        **companies.what_moves(gone),
        leads=(db.session.scalar(leads) or 0) + (db.session.scalar(served) or 0),
        interactions=db.session.scalar(said) or 0,
    )


def merge(*, actor: Actor, keep: Company, gone: Company, reason: str) -> None:
    """Merge `gone` into `keep` with its leads and everything said with it.

    Raises what `companies.services.merge_companies` raises, before anything was moved.
    """
    companies.merge_companies(actor=actor, keep=keep, gone=gone, reason=reason)
    repoint_company(gone_id=gone.id, keep_id=keep.id)
    move_to_company(gone_id=gone.id, keep_id=keep.id)
