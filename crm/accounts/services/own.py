"""What everyone may do with their own account."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update

from crm.accounts import passwords, tokens
from crm.accounts.models import ApiToken, User
from crm.accounts.services import access
from crm.core import activity
from crm.core.clock import now
from crm.core.errors import FieldErrors, NotFound
from crm.core.permissions import Actor
from crm.extensions import db

LOCALES = {"zh_CN": "中文", "en": "English"}
MOST_TOKENS = 20


def change_password(
    *, actor: Actor, user: User, current: str, new: str, keep_session: str | None
) -> None:
    """Choose a new password; every other session of the person ends, tokens stay.

    Raises FieldErrors on `current` or `new`.
    """
    if not passwords.matches(user.password_hash, current):
        raise FieldErrors({"current": [_("现在的密码不对。")]})
    faults = [_(text) for text in passwords.weaknesses(new, user.username)]
    if not faults and new == current:
        faults = [_("新密码要与现在的不同。")]
    if faults:
        raise FieldErrors({"new": faults})
    user.password_hash = passwords.hash_password(new)
    user.must_change_password = False
    access.end_sessions(user_id=user.id, keep=keep_session or "")
    _log(actor, user, "account.password")


def set_locale(*, actor: Actor, user: User, locale: str) -> None:
    """Choose the language of the screens. Raises FieldErrors for one that there is not."""
    if locale not in LOCALES:
        raise FieldErrors({"locale": [_("没有这种语言。")]})
    if user.locale != locale:
        changes = {"locale": [LOCALES[user.locale], LOCALES[locale]]}
        user.locale = locale
        _log(actor, user, "account.locale", changes=changes)


def set_preference(*, user: User, key: str, value: Any) -> None:
    """Keep a choice of this person, such as the columns of a list; nobody else sees it."""
    user.preferences = {**(user.preferences or {}), key: value}


def sign_out_everywhere(*, actor: Actor, user: User, keep_session: str | None = None) -> int:
    """End all sessions of the person but the one to keep; returns how many ended."""
    ended = access.end_sessions(user_id=user.id, keep=keep_session or "")
    _log(actor, user, "account.sign_out_everywhere", summary=str(ended))
    return ended


def end_session(*, actor: Actor, user: User, session_id: int) -> None:
    """End one of one's own sessions. Raises NotFound for anyone else's."""
    if not access.end_sessions(user_id=user.id, only=session_id):
        raise NotFound(_("没有这次登录，或它已经结束。"))
    _log(actor, user, "account.session_ended")


def create_token(*, actor: Actor, user: User, name: str, held: int) -> str:
    """Make an API token and return its text, which cannot be shown again.

    `held` is how many the person has; there is a limit so that forgotten ones come to notice.
    """
    if held >= MOST_TOKENS:
        raise FieldErrors({"name": [_("最多 %(n)s 个令牌，请先撤销不用的。", n=MOST_TOKENS)]})
    _token, text = tokens.new_token(user, name)
    _log(actor, user, "account.token", summary=name)
    return text


def revoke_token(*, actor: Actor, user: User, token_id: int) -> None:
    """Make a token of one's own useless at once. Raises NotFound for anyone else's."""
    revoked = db.session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(ApiToken.name)
    ).first()
    if revoked is None:
        raise NotFound(_("没有这个令牌，或它已经撤销。"))
    _log(actor, user, "account.token_revoked", summary=revoked.name)


def _log(
    actor: Actor,
    user: User,
    verb: str,
    *,
    summary: str = "",
    changes: dict[str, list[str]] | None = None,
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="user",
        subject_id=user.id,
        summary=summary or user.username,
        changes=changes,
    )
