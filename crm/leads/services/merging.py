"""What leads do when two records of one company become one."""

from sqlalchemy import delete, select, update

from crm.core import outbox
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead, lead_anchors


def repoint_company(*, gone_id: int, keep_id: int) -> int:
    """Move the leads of a merged company, and its place as an anchor, to the one that stays.

    Returns how many leads moved. First reports keep the name under which they were made.
    """
    ids = list(db.session.scalars(select(Lead.id).where(Lead.company_id == gone_id)))
    served = list(
        db.session.scalars(
            select(lead_anchors.c.lead_id).where(lead_anchors.c.company_id == gone_id)
        )
    )
    if ids:
        db.session.execute(
            update(Lead)
            .where(Lead.id.in_(ids))
            .values(company_id=keep_id, version=Lead.version + 1)
            .execution_options(synchronize_session="fetch")
        )
    if served:
        already = select(lead_anchors.c.lead_id).where(lead_anchors.c.company_id == keep_id)
        db.session.execute(
            delete(lead_anchors).where(
                lead_anchors.c.company_id == gone_id,
                lead_anchors.c.lead_id.in_(already.scalar_subquery()),
            )
        )
        db.session.execute(
            update(lead_anchors)
            .where(lead_anchors.c.company_id == gone_id)
            .values(company_id=keep_id)
        )
    outbox.enqueue("lead", [*ids, *served])
    if ids:
        outbox.enqueue_select(
            "interaction", select(Interaction.id).where(Interaction.lead_id.in_(ids))
        )
    return len(ids)
