"""Accounts of people: made, changed, disabled. Admins see how many leads hang on a person, no more."""

import re
import secrets
from typing import Any, TypedDict

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from crm.accounts import names, passwords, queries
from crm.accounts.models import ApiToken, Team, User
from crm.accounts.services import access
from crm.accounts.services.documents import person_renamed
from crm.core import activity, notices
from crm.core.clock import now
from crm.core.errors import Conflict, FieldErrors, NotAllowed
from crm.core.permissions import Actor, Role
from crm.extensions import db

_USERNAME = re.compile(r"\w[\w.@-]{0,59}")
# Without characters that are read for one another; it is dictated over the phone.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class UserValues(TypedDict, total=False):
    """What is kept of a person, by column; absent ones stay as they are."""

    username: str
    name: str
    role: Role
    team_id: int | None
    can_export: bool


def create_user(
    *, actor: Actor, values: UserValues, password: str | None = None, must_change: bool = False
) -> User:
    """Add a person. Without a password nobody can sign in as them yet.

    Raises FieldErrors for a bad or taken username and an empty name.
    """
    username, name = values.get("username", "").strip(), values.get("name", "").strip()
    _check(username=username, name=name)
    if queries.find_user(username) is not None:
        raise FieldErrors({"username": [_("用户名“%(name)s”已有人使用。", name=username)]})
    user = User(
        username=username,
        name=name,
        name_pinyin=names.pinyin_of(name),
        name_initials=names.initials_of(name),
        role=values["role"],
        team_id=values.get("team_id"),
        can_export=values.get("can_export", False),
        password_hash=passwords.hash_password(password) if password else None,
        must_change_password=must_change,
        is_enabled=True,
        locale="zh_CN",
        preferences={},
    )
    db.session.add(user)
    db.session.flush()
    _log(actor, user, "user.create", changes={"role": [None, user.role.label]})
    return user


def update_user(*, actor: Actor, user: User, values: UserValues) -> bool:
    """Change a person's name, role, team or right to export; returns whether anything changed.

    Moving to another team leaves the past alone: interactions keep the team of their time, leads
    stay with their team until someone hands them over. Raises FieldErrors.
    """
    changes: dict[str, list[Any]] = {}
    if "name" in values:
        _check(name=values["name"].strip())
        _set(user, "name", values["name"].strip(), changes)
        user.name_pinyin = names.pinyin_of(user.name)
        user.name_initials = names.initials_of(user.name)
    role = values.get("role", user.role)
    if role is not user.role:
        _check_role_change(actor, user)
        changes["role"] = [user.role.label, role.label]
        user.role = role
    if "team_id" in values and values["team_id"] != user.team_id:
        changes["team"] = [_team_name(user.team_id), _team_name(values["team_id"])]
        user.team_id = values["team_id"]
    if "can_export" in values:
        _set(user, "can_export", values["can_export"], changes)
    if changes:
        db.session.flush()
        db.session.expire(user, ["team"])
        if "name" in changes:
            person_renamed(user.id)
        _log(actor, user, "user.update", changes=changes)
    return bool(changes)


def disable_user(*, actor: Actor, user: User, hand_over_url: str = "") -> int:
    """Close an account at once, with its sessions and tokens; returns how many leads it leaves.

    Those who may hand the leads over are told. Raises NotAllowed for oneself, Conflict for the
    last administrator.
    """
    if user.id == actor.id:
        raise NotAllowed(_("不能停用自己的账户，请由另一位管理员操作。"))
    if not user.is_enabled:
        return queries.count_open_leads(user.id)
    _keep_an_admin(user)
    user.is_enabled = False
    access.end_sessions(user_id=user.id)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    _log(actor, user, "user.disable")
    left = queries.count_open_leads(user.id)
    if left:
        text = _("%(name)s的账户已停用，名下 %(n)s 条在谈线索待移交。", name=user.name, n=left)
        for person in queries.who_hands_over(user):
            notices.tell(user_id=person.id, actor=actor, text=text, url=hand_over_url)
    return left


def enable_user(*, actor: Actor, user: User) -> None:
    """Open a closed account again; its old sessions and tokens stay ended."""
    if not user.is_enabled:
        user.is_enabled = True
        _log(actor, user, "user.enable")


def reset_password(*, actor: Actor, user: User, password: str | None = None) -> str:
    """Give a person a first password, to be changed at sign-in; returns it, to be shown once.

    Without `password` one is made up. All sessions end and a lock is lifted.
    """
    if user.id == actor.id:
        raise NotAllowed(_("自己的密码请在“个人设置”里更改。"))
    chosen = password or new_password()
    faults = passwords.weaknesses(chosen, user.username)
    if faults:
        raise FieldErrors({"password": [_(text) for text in faults]})
    user.password_hash = passwords.hash_password(chosen)
    user.must_change_password = True
    access.end_sessions(user_id=user.id)
    access.forget_attempts(username=user.username)
    _log(actor, user, "user.password")
    return chosen


def new_password() -> str:
    """A random password of three groups, about 59 bits, easy to read out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _n in range(4)) for _group in range(3))


def _check(*, username: str | None = None, name: str | None = None) -> None:
    faults: dict[str, list[str]] = {}
    if username is not None and not _USERNAME.fullmatch(username):
        faults["username"] = [_("用户名用字母、数字、点、横线或下划线，最多 60 个字符。")]
    if name is not None and not name:
        faults["name"] = [_("请填写姓名。")]
    elif name is not None and len(name) > 80:
        faults["name"] = [_("姓名最多 80 个字符。")]
    if faults:
        raise FieldErrors(faults)


def _check_role_change(actor: Actor, user: User) -> None:
    if user.id == actor.id:
        raise FieldErrors({"role": [_("不能更改自己的角色，请由另一位管理员操作。")]})
    _keep_an_admin(user)


def _keep_an_admin(user: User) -> None:
    """Refuse what would leave the product without anyone who can administer it."""
    if user.role is not Role.ADMIN or not user.is_enabled:
        return
    others = db.session.scalar(
        select(func.count())
        .select_from(User)
        .where(User.role == Role.ADMIN, User.is_enabled, User.id != user.id)
    )
    if not others:
        raise Conflict(_("这是最后一位系统管理员，不能停用或改为其他角色。"), field="role")


def _set(user: User, field: str, value: Any, changes: dict[str, list[Any]]) -> None:
    before = getattr(user, field)
    if before != value:
        changes[field] = [before, value]
        setattr(user, field, value)


def _team_name(team_id: int | None) -> str | None:
    team = db.session.get(Team, team_id) if team_id is not None else None
    return team.name if team else None


def _log(
    actor: Actor, user: User, verb: str, *, changes: dict[str, list[Any]] | None = None
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="user",
        subject_id=user.id,
        summary=user.username,
        changes=changes,
    )
