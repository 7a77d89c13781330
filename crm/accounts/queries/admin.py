"""Reading for the pages of administration: lists of people, the calendar, the audit log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from crm.accounts.models import Team, User
from crm.core import clock
from crm.core.activity import Activity
from crm.core.pagination import Page, order_by, paginate
from crm.core.permissions import Role
from crm.core.settings import Workday
from crm.extensions import db

PER_PAGE = 50
USER_SORTS = {
    "name": User.name_pinyin,
    "username": User.username,
    "last_login": User.last_login_at,
    "created": User.created_at,
}


@dataclass(frozen=True)
class UserFilters:
    """What the list of users is narrowed to; empty values do not narrow."""

    q: str = ""
    role: Role | None = None
    team_id: int | None = None
    state: str = ""


# The states by which the list narrows: in use, without a password, disabled.
STATES = ("enabled", "no_password", "disabled")


def user_page(filters: UserFilters, *, sort: str, page: int) -> Page[User]:
    """One page of the list of users."""
    query = select(User)
    typed = filters.q.strip().lower()
    if typed:
        query = query.where(
            or_(
                func.lower(User.name).contains(typed, autoescape=True),
                func.lower(User.username).contains(typed, autoescape=True),
                User.name_pinyin.startswith(typed, autoescape=True),
                User.name_initials.startswith(typed, autoescape=True),
            )
        )
    if filters.role is not None:
        query = query.where(User.role == filters.role)
    if filters.team_id is not None:
        query = query.where(User.team_id == filters.team_id)
    if filters.state == "enabled":
        query = query.where(User.is_enabled)
    elif filters.state == "disabled":
        query = query.where(~User.is_enabled)
    elif filters.state == "no_password":
        query = query.where(User.is_enabled, User.password_hash.is_(None))
    query = query.order_by(*order_by(USER_SORTS, sort, "name"), User.name, User.id)
    return paginate(query, page=page, per_page=PER_PAGE)


def teams_with_members() -> list[tuple[Team, int]]:
    """Every team with the number of its people whose account is open."""
    members = (
        select(User.team_id, func.count().label("n"))
        .where(User.is_enabled)
        .group_by(User.team_id)
        .subquery()
    )
    query = (
        select(Team, func.coalesce(members.c.n, 0))
        .outerjoin(members, members.c.team_id == Team.id)
        .order_by(Team.active.desc(), Team.name)
    )
    return [(team, number) for team, number in db.session.execute(query)]


def workdays(year: int) -> list[Workday]:
    """The days of a year that differ from the plain week, in order."""
    query = select(Workday).where(Workday.day.between(date(year, 1, 1), date(year, 12, 31)))
    return list(db.session.scalars(query.order_by(Workday.day)))


@dataclass(frozen=True)
class AuditFilters:
    """What the audit log is narrowed to; days are the zone's, both included."""

    actor_id: int | None = None
    verb: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None


def audit_page(filters: AuditFilters, *, page: int) -> Page[Activity]:
    """One page of the audit log, the latest deed first."""
    query = select(Activity)
    if filters.actor_id is not None:
        query = query.where(Activity.actor_id == filters.actor_id)
    if filters.verb:
        query = query.where(Activity.verb == filters.verb)
    if filters.subject:
        query = query.where(Activity.subject_type == filters.subject)
    if filters.first is not None:
        query = query.where(Activity.at >= clock.start_of(filters.first))
    if filters.last is not None:
        query = query.where(Activity.at < clock.start_of(filters.last + timedelta(days=1)))
    query = query.order_by(Activity.at.desc(), Activity.id.desc())
    return paginate(query, page=page, per_page=PER_PAGE)


def people_by_name() -> list[tuple[int, str]]:
    """Everyone who has or had an account, for the filter of the audit log."""
    query = select(User.id, User.name).order_by(User.name_pinyin, User.id)
    return [(user_id, name) for user_id, name in db.session.execute(query)]


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """The usernames of these users."""
    query = select(User.id, User.username).where(User.id.in_(user_ids))
    return dict(db.session.execute(query).all())
