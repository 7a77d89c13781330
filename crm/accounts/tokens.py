"""API tokens: a script acts with its owner's rights, until the token is revoked."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import ApiToken, User
from crm.accounts.sign_in import hash_key
from crm.core.clock import now
from crm.extensions import db

_USED_EVERY = timedelta(minutes=1)


def new_token(user: User, name: str) -> tuple[ApiToken, str]:
    """Add a token of this user; the text itself is kept nowhere."""
    text = f"zs_{secrets.token_urlsafe(32)}"
    token = ApiToken(user_id=user.id, token_hash=hash_key(text), name=name)
    db.session.add(token)
    db.session.flush()
    return token, text


def find_user(text: str) -> User | None:
    """Whose token this is; none for an unknown or revoked one and for a disabled account."""
    found = db.session.scalar(
        select(ApiToken)
        .options(joinedload(ApiToken.user).joinedload(User.team))
        .where(ApiToken.token_hash == hash_key(text))
    )
    if found is None or found.revoked_at is not None or not found.user.is_enabled:
        return None
    moment = now()
    if found.last_used_at is None or found.last_used_at <= moment - _USED_EVERY:
        with db.engine.begin() as connection:
            connection.execute(
                update(ApiToken).where(ApiToken.id == found.id).values(last_used_at=moment)
            )
    return found.user
