"""One lead, for whoever may see it, with what its page shows."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from crm.accounts.models import User
from crm.companies.models import Company, Contact
from crm.core.permissions import Actor, visible_leads
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import FirstReport, Lead, LeadPerson

_LARGEST = 2**31 - 1


def get_lead(actor: Actor, key: int | str) -> Lead | None:
    """The lead with this id, or `ref:…`; None where there is none that the person may see."""
    query = _by_key(key)
    return None if query is None else db.session.scalar(query.where(visible_leads(actor, Lead)))


def get_lead_with_relations(actor: Actor, lead_id: int) -> Lead | None:
    """As `get_lead`, with everything that the lead's page shows of it already read."""
    query = _by_key(lead_id)
    if query is None:
        return None
    query = query.where(visible_leads(actor, Lead)).options(
        joinedload(Lead.company).selectinload(Company.honours),
        joinedload(Lead.company).joinedload(Company.parent).selectinload(Company.honours),
        joinedload(Lead.owner).options(lazyload(User.team)),
        joinedload(Lead.registrar).options(lazyload(User.team)),
        joinedload(Lead.team),
        joinedload(Lead.source),
        joinedload(Lead.lost_reason),
        joinedload(Lead.first_report).joinedload(FirstReport.team),
        selectinload(Lead.people).joinedload(LeadPerson.user),
        selectinload(Lead.nodes),
        selectinload(Lead.anchors),
    )
    return db.session.scalars(query).unique().one_or_none()


def leads_by_ids(actor: Actor, ids: Sequence[int]) -> list[Lead] | None:
    """These leads in the order of the ids; None when the person may not see one of them."""
    query = (
        select(Lead)
        .where(Lead.id.in_(ids), visible_leads(actor, Lead))
        .options(joinedload(Lead.company), joinedload(Lead.owner), selectinload(Lead.people))
    )
    found = {lead.id: lead for lead in db.session.scalars(query).unique()}
    return [found[one] for one in ids] if len(found) == len(set(ids)) else None


def _by_key(key: int | str) -> Select[Lead] | None:
    """The query for an id or `ref:…`; None for what can be neither."""
    query = select(Lead)
    if isinstance(key, str) and key.startswith("ref:"):
        return query.where(Lead.ref == key.removeprefix("ref:").replace("\x00", ""))
    if isinstance(key, str) and not (key.isascii() and key.isdigit() and len(key) < 11):
        return None
    number = int(key)
    return query.where(Lead.id == number) if 0 < number <= _LARGEST else None


def contacts_of(company_id: int) -> list[Contact]:
    """The people at the lead's firm who are still there, those who decide first."""
    rows = db.session.scalars(
        select(Contact).where(Contact.company_id == company_id, Contact.archived_on.is_(None))
    )
    return sorted(rows, key=lambda c: (c.decision_role.position if c.decision_role else 9, c.id))[
        :50
    ]


def open_step(lead_id: int) -> Interaction | None:
    """The interaction whose open next step is due first; undated ones come last."""
    query = select(Interaction).where(
        Interaction.lead_id == lead_id,
        Interaction.next_step != "",
        Interaction.next_done_on.is_(None),
    )
    query = query.order_by(Interaction.next_on.is_(None), Interaction.next_on, Interaction.id)
    return db.session.scalar(
        query.limit(1).options(joinedload(Interaction.next_owner).options(lazyload(User.team)))
    )


def lead_by_submission(actor: Actor, key: str) -> Lead | None:
    """The lead that a form of this key has made already, by the same person."""
    if not key or actor.id is None:
        return None
    return db.session.scalar(
        select(Lead).where(Lead.submission_key == key, Lead.registrar_id == actor.id)
    )


def person_named(chosen: str, typed: str) -> User | None:
    """A person by the id that was picked, or by user name or the one person of that name."""
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        return db.session.get(User, int(chosen))
    typed = typed.strip().replace("\x00", "")
    if not typed:
        return None
    query = select(User).where(or_(User.username == typed, User.name == typed), User.is_enabled)
    found = list(db.session.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None
