"""One interaction, its attachments and its history, for whoever may see its lead."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company
from crm.core.errors import NotFound
from crm.core.permissions import Actor, visible_by_lead, visible_lead_ids
from crm.extensions import db
from crm.interactions.links import LEAD
from crm.interactions.models import Attachment, Interaction, InteractionRevision, Participant

_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class LeadBrief:
    """What an interaction shows of its lead."""

    id: int
    title: str
    stage: str
    status: str


def visible_interactions(actor: Actor) -> Select[Interaction]:
    """The query that every list of interactions starts from."""
    return select(Interaction).where(visible_by_lead(actor, Interaction.lead_id))


def get_interaction(actor: Actor, interaction_id: int) -> Interaction:
    """The interaction with all that its page shows. Raises NotFound, also where it is hidden."""
    person = lazyload(User.team)
    query = (
        visible_interactions(actor)
        .where(Interaction.id == interaction_id)
        .options(
            joinedload(Interaction.author).options(person),
            joinedload(Interaction.author_team),
            joinedload(Interaction.next_owner).options(person),
            selectinload(Interaction.companies),
            selectinload(Interaction.contacts),
            selectinload(Interaction.participants).options(
                joinedload(Participant.user).options(person), joinedload(Participant.team)
            ),
            selectinload(Interaction.attachments),
        )
    )
    known = 0 < interaction_id <= _LARGEST
    found = db.session.scalars(query).unique().one_or_none() if known else None
    if found is None:
        raise NotFound(_("没有这条记录。"))
    return found


def find_attachment(actor: Actor, token: str) -> Attachment:
    """The attachment with this address. Raises NotFound, also where its interaction is hidden."""
    query = (
        select(Attachment)
        .join(Interaction, Interaction.id == Attachment.interaction_id)
        .where(Attachment.token == token, visible_by_lead(actor, Interaction.lead_id))
    )
    found = db.session.scalar(query) if "\x00" not in token else None
    if found is None:
        raise NotFound(_("没有这个文件。"))
    return found


def revisions_of(interaction: Interaction) -> list[InteractionRevision]:
    """What an interaction said before each edit, the newest first."""
    query = (
        select(InteractionRevision)
        .where(InteractionRevision.interaction_id == interaction.id)
        .order_by(InteractionRevision.id.desc())
        .options(joinedload(InteractionRevision.by).options(lazyload(User.team)))
    )
    return list(db.session.scalars(query))


def named(model: type[User] | type[Company], row_id: int | None) -> tuple[int, str] | None:
    """Id and name of a record that a filter names."""
    if row_id is None:
        return None
    row = db.session.execute(select(model.id, model.name).where(model.id == row_id)).first()
    return (row[0], row[1]) if row else None


def lead_briefs(actor: Actor, lead_ids: Collection[int | None]) -> dict[int, LeadBrief]:
    """Titles of the leads among these that the person may see, by id; one statement."""
    ids = {lead_id for lead_id in lead_ids if lead_id}
    if not ids:
        return {}
    query = select(LEAD.c.id, LEAD.c.title, LEAD.c.stage, LEAD.c.status).where(
        LEAD.c.id.in_(ids), LEAD.c.id.in_(visible_lead_ids(actor))
    )
    return {row.id: LeadBrief(*row) for row in db.session.execute(query)}
