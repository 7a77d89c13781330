"""Interactions follow a merged company, and next steps a leaver's successor."""

from collections.abc import Collection

from sqlalchemy import delete, insert, literal, select, update

from crm.core import outbox
from crm.extensions import db
from crm.interactions.models import Interaction, interaction_companies


def move_to_company(*, gone_id: int, keep_id: int) -> None:
    """Hang everything said with a merged company onto the one that is kept."""
    links = interaction_companies.c
    already = select(links.interaction_id).where(links.company_id == keep_id)
    moved = select(links.interaction_id).where(links.company_id == gone_id)
    outbox.enqueue_select("interaction", moved)
    db.session.execute(
        insert(interaction_companies).from_select(
            ["interaction_id", "company_id"],
            select(links.interaction_id, literal(keep_id)).where(
                links.company_id == gone_id, links.interaction_id.not_in(already)
            ),
        )
    )
    db.session.execute(delete(interaction_companies).where(links.company_id == gone_id))


def hand_over_steps(
    *, from_owner_id: int, to_owner_id: int, lead_ids: Collection[int] | None = None
) -> int:
    """Give open next steps to another person, all or those of some leads; how many there were."""
    query = update(Interaction).where(
        Interaction.next_owner_id == from_owner_id,
        Interaction.next_step != "",
        Interaction.next_done_on.is_(None),
    )
    if lead_ids is not None:
        query = query.where(Interaction.lead_id.in_(lead_ids))
    done = db.session.execute(
        query.values(next_owner_id=to_owner_id), execution_options={"synchronize_session": "fetch"}
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
