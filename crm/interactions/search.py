"""What of an interaction can be found, and by whom: whoever may see its lead, else the zone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.companies.models import Company, Contact
from crm.core.permissions import LEAD_PEOPLE, ZONE_TOKEN, AccessFacts, lead_tokens
from crm.extensions import db
from crm.interactions.links import LEAD
from crm.interactions.models import Interaction, Participant
from search.document import Document, Link

_CHUNK = 500
_TITLE = 60


def all_ids() -> Iterable[int]:
    """Ids of every interaction, in order."""
    return db.session.scalars(select(Interaction.id).order_by(Interaction.id))


def load_documents(ids: Sequence[int]) -> Iterable[Document]:
    """The documents of these interactions; those that no longer exist are left out."""
    for start in range(0, len(ids), _CHUNK):
        rows = _rows(ids[start : start + _CHUNK])
        leads = _leads({row.lead_id for row in rows if row.lead_id})
        for row in rows:
            yield _document(row, leads.get(row.lead_id or 0))


def _rows(ids: Sequence[int]) -> Sequence[Interaction]:
    query = (
        select(Interaction)
        .where(Interaction.id.in_(ids))
        .order_by(Interaction.id)
        .options(
            joinedload(Interaction.author),
            selectinload(Interaction.companies).load_only(Company.name, Company.short_name),
            selectinload(Interaction.contacts).load_only(Contact.name),
            selectinload(Interaction.participants).joinedload(Participant.user),
            selectinload(Interaction.attachments),
        )
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).unique().all()


class _LeadFacts:
    """What a document needs of its lead."""

    def __init__(self, row: Any, named: frozenset[int]) -> None:
        self.link = Link(row.id, row.title)
        self.stage: str = row.stage
        self.status: str = row.status
        access = AccessFacts(row.visibility, row.team_id, row.owner_id, named)
        self.tokens = lead_tokens(access)


def _leads(ids: set[int]) -> dict[int, _LeadFacts]:
    if not ids:
        return {}
    named = defaultdict(set)
    people = select(LEAD_PEOPLE).where(LEAD_PEOPLE.c.lead_id.in_(ids))
    for lead_id, user_id in db.session.execute(people):
        named[lead_id].add(user_id)
    rows = db.session.execute(select(LEAD).where(LEAD.c.id.in_(ids)))
    return {row.id: _LeadFacts(row, frozenset(named[row.id])) for row in rows}


def _document(row: Interaction, lead: _LeadFacts | None) -> Document:
    companies = [Link(company.id, company.label) for company in row.companies]
    return Document(
        type="interaction",
        id=row.id,
        ref=row.ref,
        title=title_of(row),
        text="\n".join(part for part in (row.text, row.next_step) if part),
        people=_people(row),
        tags=tuple(attachment.name for attachment in row.attachments),
        company=companies[0] if companies else None,
        other_companies=tuple(companies[1:]),
        lead=lead.link if lead else None,
        occurred_on=row.occurred_on,
        updated_at=row.updated_at,
        added_at=row.created_at,
        kind=row.kind.value,
        stage=lead.stage if lead else None,
        status=lead.status if lead else None,
        team=str(row.author_team_id) if row.author_team_id else None,
        owner=str(row.author_id) if row.author_id else None,
        access=lead.tokens if lead else frozenset({ZONE_TOKEN}),
    )


def title_of(row: Interaction) -> str:
    """A note has no title of its own: its firm names it, else its first words."""
    if row.companies:
        return row.companies[0].label
    return row.text.split("\n", 1)[0][:_TITLE]


def _people(row: Interaction) -> tuple[str, ...]:
    author = [row.author.name] if row.author else []
    colleagues = [one.user.name for one in row.participants]
    contacts = [contact.name for contact in row.contacts]
    return tuple(dict.fromkeys([*author, *colleagues, *contacts]))
