"""Reading people, teams and ways in."""

from sqlalchemy import and_, case, column, func, or_, select, table

from crm.accounts.models import ApiToken, Team, User, UserSession
from crm.accounts.sign_in import IDLE
from crm.core.clock import now
from crm.core.errors import NotFound
from crm.core.labels import N_
from crm.core.permissions import CAPABILITIES, Actor, Capability, Role
from crm.extensions import db

BUSINESS_ROLES = [
    role for role, rights in CAPABILITIES.items() if Capability.SEE_BUSINESS in rights
]

# Leads stand above this package; these two columns and words are all it needs of them
# (leads/stages.py has the words, a test holds them equal).
_LEADS = table("leads", column("owner_id"), column("status"))
OPEN_STATUSES = ("active", "paused", "dormant")


def get_user(user_id: int | None) -> User:
    """One user. Raises NotFound."""
    user = db.session.get(User, user_id) if user_id is not None else None
    if user is None:
        raise NotFound(N_("没有这个用户。"))
    return user


def find_user(username: str) -> User | None:
    """The user of this name."""
    user: User | None = db.session.scalar(select(User).where(User.username == username))
    return user


def own_sessions(user: User) -> list[UserSession]:
    """The sessions that still hold, the latest visit first."""
    moment = now()
    query = (
        select(UserSession)
        .where(
            UserSession.user_id == user.id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > moment,
            UserSession.last_seen_at > moment - IDLE,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(100)
    )
    return list(db.session.scalars(query))


def own_tokens(user: User) -> list[ApiToken]:
    """The tokens that still work, the newest first."""
    query = (
        select(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    )
    return list(db.session.scalars(query))


def teams(*, only_active: bool = True) -> list[Team]:
    """Teams by name."""
    query = select(Team).order_by(Team.name)
    return list(db.session.scalars(query.where(Team.active) if only_active else query))


def people(actor: Actor, q: str, limit: int = 10) -> list[User]:
    """Colleagues for a typeahead: by name, username, pinyin, initials; own team first.

    Only people who work with business records are offered; without a text the own team is.
    """
    query = select(User).where(User.is_enabled, User.role.in_(BUSINESS_ROLES))
    typed = q.strip().lower()
    if typed:
        query = query.where(
            or_(
                func.lower(User.name).contains(typed, autoescape=True),
                func.lower(User.username).startswith(typed, autoescape=True),
                User.name_pinyin.startswith(typed.replace(" ", ""), autoescape=True),
                User.name_initials.startswith(typed, autoescape=True),
            )
        )
    other_team = case((User.team_id == actor.team_id, 0), else_=1)
    return list(
        db.session.scalars(
            query.order_by(other_team, User.name_pinyin, User.name, User.id).limit(limit)
        )
    )


def get_team(team_id: int) -> Team:
    """One team. Raises NotFound."""
    team = db.session.get(Team, team_id)
    if team is None:
        raise NotFound(N_("没有这个科室。"))
    return team


def count_open_leads(user_id: int) -> int:
    """How many leads that are still talked of this person owns; the number is all an admin sees."""
    query = select(func.count()).where(
        _LEADS.c.owner_id == user_id, _LEADS.c.status.in_(OPEN_STATUSES)
    )
    return db.session.scalar(query) or 0


def who_hands_over(user: User) -> list[User]:
    """The people who may hand over this person's leads: team leads of the team, managers."""
    team_lead = and_(User.role == Role.TEAM_LEAD, User.team_id == user.team_id)
    query = select(User).where(
        User.is_enabled, User.id != user.id, or_(User.role == Role.MANAGER, team_lead)
    )
    return list(db.session.scalars(query))
