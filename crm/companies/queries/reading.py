"""Reading companies: one by one, with their group, and the labels that pages show."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CTE, literal, select
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.companies.models import CHAIN_NODES, Company, Contact, Honour
from crm.core.activity import Activity
from crm.core.errors import NotFound
from crm.core.labels import N_
from crm.core.permissions import CAPABILITIES, Capability
from crm.extensions import db

DEEPEST = 12
"""Levels of a group tree that are followed; a loop in foreign data ends here too."""


@dataclass(frozen=True)
class Owner:
    """Who looks after a company; `inherited_from` is the parent that says so."""

    user: User
    inherited_from: Company | None = None


@dataclass(frozen=True)
class Group:
    """The place of a company in its group: nearest parent first, and the firms below it."""

    parents: list[Company] = field(default_factory=list)
    children: list[Company] = field(default_factory=list)
    ids: tuple[int, ...] = ()


def get_company(company_id: int) -> Company:
    """The company, or the one it was merged into. Raises NotFound."""
    company = db.session.get(Company, company_id) if 0 < company_id < 2**31 else None
    for _ in range(DEEPEST):
        if company is None or company.merged_into_id is None:
            break
        company = db.session.get(Company, company.merged_into_id)
    if company is None:
        raise NotFound(N_("没有这家企业。"))
    return company


def get_by_ref(ref: str) -> Company:
    """The company with this key of another system, or the one it was merged into."""
    found = db.session.scalar(select(Company.id).where(Company.ref == ref))
    if found is None:
        raise NotFound(N_("没有这家企业。"))
    return get_company(found)


def company_by_name(text: str) -> Company | None:
    """The one company with exactly this full or short name; none when several share it."""
    text = text.strip()
    if not text:
        return None
    query = select(Company).where(
        (Company.name == text) | (Company.short_name == text), Company.merged_into_id.is_(None)
    )
    found = db.session.scalars(query.limit(3)).all()
    exact = [company for company in found if company.name == text] or list(found)
    return exact[0] if len(exact) == 1 else None


def load_detail(company_id: int) -> Company:
    """The company with everything its page shows, in a bounded number of statements."""
    company = get_company(company_id)
    options = (
        selectinload(Company.names),
        selectinload(Company.honours),
        selectinload(Company.nodes),
        selectinload(Company.contacts).joinedload(Contact.owner_team),
        joinedload(Company.account_owner),
        joinedload(Company.parent),
    )
    query = select(Company).where(Company.id == company.id).options(*options)
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one()


def group_of(company: Company) -> Group:
    """The parents, the direct children and the ids of the whole group; the firm itself if alone."""
    parents = _parents(company)
    top = parents[-1].id if parents else company.id
    below = _below(select(literal(top).label("id"), literal(0).label("depth")).cte(recursive=True))
    ids = tuple(db.session.scalars(select(below.c.id).distinct()))
    children = db.session.scalars(
        select(Company)
        .where(Company.parent_id == company.id, Company.merged_into_id.is_(None))
        .order_by(Company.name)
    )
    return Group(parents=parents, children=list(children), ids=ids)


def _parents(company: Company) -> list[Company]:
    if company.parent_id is None:
        return []
    start = (select(literal(company.parent_id).label("id"), literal(1).label("depth"))).cte(
        recursive=True
    )
    step = (
        select(Company.parent_id, start.c.depth + 1)
        .join(start, Company.id == start.c.id)
        .where(Company.parent_id.is_not(None), start.c.depth < DEEPEST)
    )
    chain = start.union(step)
    rows = db.session.execute(
        select(Company, chain.c.depth)
        .join(chain, chain.c.id == Company.id)
        .options(selectinload(Company.honours), joinedload(Company.account_owner))
        .order_by(chain.c.depth)
    ).unique()
    found: dict[int, Company] = {}
    for parent, _depth in rows:
        if parent.id != company.id:
            found.setdefault(parent.id, parent)
    return list(found.values())


def _below(start: CTE) -> CTE:
    step = (
        select(Company.id, start.c.depth + 1)
        .join(start, Company.parent_id == start.c.id)
        .where(start.c.depth < DEEPEST, Company.merged_into_id.is_(None))
    )
    return start.union(step)


def subtree_ids(company_id: int) -> set[int]:
    """The company and all firms below it; none of them may become its parent."""
    start = select(literal(company_id).label("id"), literal(0).label("depth")).cte(recursive=True)
    return set(db.session.scalars(select(_below(start).c.id)))


def owner_of(company: Company, group: Group) -> Owner | None:
    """The account owner, inherited from the nearest parent that has one."""
    if company.account_owner is not None:
        return Owner(company.account_owner)
    for parent in group.parents:
        if parent.account_owner is not None:
            return Owner(parent.account_owner, inherited_from=parent)
    return None


def owners(company_ids: Collection[int]) -> dict[int, Owner]:
    """The account owners of many companies, inherited ones among them, in two statements."""
    if not company_ids:
        return {}
    start = (
        select(
            Company.id.label("asked"),
            Company.id.label("id"),
            Company.parent_id.label("parent_id"),
            Company.account_owner_id.label("owner_id"),
            literal(0).label("depth"),
        ).where(Company.id.in_(company_ids))
    ).cte(recursive=True)
    step = (
        select(
            start.c.asked,
            Company.id,
            Company.parent_id,
            Company.account_owner_id,
            start.c.depth + 1,
        )
        .join(start, Company.id == start.c.parent_id)
        .where(start.c.owner_id.is_(None), start.c.depth < DEEPEST)
    )
    chain = start.union_all(step)
    rows = db.session.execute(
        select(chain.c.asked, Company, User)
        .join(Company, Company.id == chain.c.id)
        .join(User, User.id == chain.c.owner_id)
        .order_by(chain.c.depth)
    ).unique()
    found: dict[int, Owner] = {}
    for asked, company, user in rows:
        found.setdefault(asked, Owner(user, None if company.id == asked else company))
    return found


def owned_ids(user_id: int) -> CTE:
    """A CTE with the ids of all companies of an account owner, inherited ones among them."""
    start = (
        select(Company.id.label("id"), literal(0).label("depth")).where(
            Company.account_owner_id == user_id
        )
    ).cte(recursive=True)
    step = (
        select(Company.id, start.c.depth + 1)
        .join(start, Company.parent_id == start.c.id)
        .where(Company.account_owner_id.is_(None), start.c.depth < DEEPEST)
    )
    return start.union(step)


def group_honours(group: Group) -> list[tuple[Company, Honour]]:
    """The honours of the parents, which the page shows as the group's."""
    return [(parent, honour) for parent in group.parents for honour in parent.honours]


def node_names(node_ids: Iterable[str]) -> dict[str, str]:
    """Names of chain nodes by id; unknown ids are left out."""
    wanted = list(dict.fromkeys(node_ids))
    if not wanted:
        return {}
    query = select(CHAIN_NODES.c.id, CHAIN_NODES.c.name).where(CHAIN_NODES.c.id.in_(wanted))
    return dict(db.session.execute(query).all())


def nodes_named(texts: Collection[str]) -> dict[str, str]:
    """Ids of chain nodes by the name or id that was typed; unknown texts are left out."""
    wanted = [text for text in texts if text]
    if not wanted:
        return {}
    query = select(CHAIN_NODES.c.id, CHAIN_NODES.c.name).where(
        CHAIN_NODES.c.name.in_(wanted) | CHAIN_NODES.c.id.in_(wanted)
    )
    found: dict[str, str] = {}
    for node_id, name in db.session.execute(query.order_by(CHAIN_NODES.c.id)):
        found[node_id] = node_id
        found.setdefault(name, node_id)
    return {text: found[text] for text in wanted if text in found}


def person(user_id: int) -> User | None:
    """A person who may look after companies."""
    found = db.session.get(User, user_id)
    return found if found is not None and found.is_enabled else None


def people() -> list[User]:
    """The colleagues who may look after companies, by team and name."""
    roles = [role for role, rights in CAPABILITIES.items() if Capability.EDIT_COMPANIES in rights]
    query = select(User).where(User.is_enabled, User.role.in_(roles))
    return list(db.session.scalars(query.order_by(User.team_id, User.id)))


def person_named(text: str) -> User | None:
    """The one enabled person of this name or user name."""
    query = select(User).where(User.is_enabled, (User.name == text) | (User.username == text))
    found = db.session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def by_submission(key: str, user_id: int | None) -> Company | None:
    """The company that this form has saved already, for a double click or a resend."""
    if not key:
        return None
    query = select(Company).where(Company.submission_key == key, Company.created_by_id == user_id)
    return db.session.scalar(query)


def contact_by_submission(company: Company, key: str) -> Contact | None:
    """The contact that this form has saved already."""
    if not key:
        return None
    query = select(Contact).where(Contact.submission_key == key, Contact.company_id == company.id)
    return db.session.scalar(query)


def last_change(company_id: int) -> tuple[str, datetime] | None:
    """Who changed a company last, and when."""
    query = (
        select(Activity.actor_name, Activity.at)
        .where(Activity.subject_type == "company", Activity.subject_id == company_id)
        .order_by(Activity.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row else None


def get_contact(company: Company, contact_id: int) -> Contact:
    """A contact of this company. Raises NotFound."""
    contact = db.session.get(Contact, contact_id) if 0 < contact_id < 2**31 else None
    if contact is None or contact.company_id != company.id:
        raise NotFound(N_("没有这位联系人。"))
    return contact
