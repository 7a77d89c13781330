"""What a lead repeats of its interactions, computed in the database in one statement."""

from collections.abc import Collection
from functools import cache
from typing import TypeVar

from sqlalchemy import ScalarSelect, Update, case, func, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from crm.core import outbox
from crm.extensions import db
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.leads.models import Lead

T = TypeVar("T")
_CHUNK = 5_000
FACTS = (
    "last_contact_on",
    "contact_count",
    "face_count",
    "responded_on",
    "next_step",
    "next_on",
)


def refresh_contact_facts(lead_ids: Collection[int] | None) -> None:
    """Bring these leads (None: all) up to date with their interactions.

    Neither the version nor the time of change moves: whoever edits the lead is not disturbed. The
    documents of leads that are named are queued, for they say when the last contact was and what
    comes next; after bringing all up to date the index is to be built anew.
    """
    session: Session = db.session()
    session.flush()
    if lead_ids is None:
        session.execute(_statement(), execution_options={"synchronize_session": False})
    else:
        ordered = sorted(set(lead_ids))
        for start in range(0, len(ordered), _CHUNK):
            chunk = ordered[start : start + _CHUNK]
            session.execute(
                _statement().where(Lead.id.in_(chunk)),
                execution_options={"synchronize_session": False},
            )
        outbox.enqueue("lead", ordered)
    for held in session.identity_map.values():
        if isinstance(held, Lead) and (lead_ids is None or held.id in lead_ids):
            session.expire(held, FACTS)


@cache
def _statement() -> Update:
    of_lead = Interaction.lead_id == Lead.id
    faces = [kind for kind in InteractionKind if kind.is_face_to_face]
    # Correlated one by one: each is a short walk along ix_interactions_lead.
    last = select(func.max(Interaction.occurred_on)).where(of_lead)
    count = select(func.count()).where(of_lead)
    met = select(func.count()).where(of_lead, Interaction.kind.in_(faces))
    responded = select(func.min(Interaction.occurred_on)).where(
        of_lead, Interaction.occurred_on >= Lead.received_on
    )
    return update(Lead).values(
        last_contact_on=last.correlate(Lead).scalar_subquery(),
        contact_count=count.correlate(Lead).scalar_subquery(),
        face_count=met.correlate(Lead).scalar_subquery(),
        responded_on=responded.correlate(Lead).scalar_subquery(),
        next_step=func.coalesce(_earliest(Interaction.next_step), literal("")),
        next_on=_earliest(Interaction.next_on),
        version=Lead.version,
        updated_at=Lead.updated_at,
    )


def _earliest(wanted: InstrumentedAttribute[T]) -> ScalarSelect[T]:
    """A column of the open step that is due first; steps without a day come last."""
    undated: ColumnElement[int] = case((Interaction.next_on.is_(None), 1), else_=0)
    return (
        select(wanted)
        .where(
            Interaction.lead_id == Lead.id,
            Interaction.next_step != "",
            Interaction.next_done_on.is_(None),
        )
        .order_by(undated, Interaction.next_on, Interaction.id)
        .limit(1)
        .correlate(Lead)
        .scalar_subquery()
    )
