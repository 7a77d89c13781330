"""Signed-in browsers: rows that can be revoked (ADR 0010).

The signed cookie carries a random key, the table only its SHA-256. Every request looks the row up
together with its user and team, in one statement. Flask-Login is used in this module alone for
loading; the rest of the product asks `current_user` and `core.web.current_actor`.
"""

import hashlib
import secrets
from datetime import timedelta

from flask import Flask, Request, session
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User, UserSession
from crm.core.clock import now
from crm.extensions import db, login_manager

SESSION_KEY = "key"
# Signed out after this long without a request …
IDLE = timedelta(hours=12)
# … and after this long in any case.
ABSOLUTE = timedelta(days=7)
# The last visit is written at most this often: pages must not wait for a write each time.
SEEN_EVERY = timedelta(minutes=1)
# Put together once, for every request asks it.
_BY_KEY = (
    select(UserSession)
    .options(joinedload(UserSession.user).joinedload(User.team))
    .where(UserSession.key_hash == bindparam("key_hash"))
)


def hash_key(key: str) -> str:
    """The form in which keys and tokens are kept; they are random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def start_session(user: User, *, address: str = "", browser: str = "") -> str:
    """Add a session for this user and return its key, to be put into the cookie as `key`."""
    key = secrets.token_urlsafe(32)
    moment = now()
    db.session.add(
        UserSession(
            user_id=user.id,
            key_hash=hash_key(key),
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + ABSOLUTE,
            address=address[:60],
            browser=browser[:200],
        )
    )
    db.session.flush()
    return key


def remember(key: str) -> None:
    """Give this browser the key, and with it a new cookie: nothing of before stays in it."""
    session.clear()
    session.permanent = True
    session[SESSION_KEY] = key


def forget() -> None:
    """Take the key from this browser."""
    session.clear()


def current_key_hash() -> str | None:
    """The hash of this browser's key, to find its own row among its owner's sessions."""
    key = session.get(SESSION_KEY)
    return hash_key(key) if isinstance(key, str) else None


def init_app(app: Flask) -> None:
    """Load the person of each request from the table of sessions."""
    app.config["PERMANENT_SESSION_LIFETIME"] = ABSOLUTE
    login_manager.session_protection = None
    login_manager.request_loader(_load_user)


def _load_user(_request: Request) -> User | None:
    """The user behind the cookie's key, unless the session is over or the account disabled."""
    key_hash = current_key_hash()
    if key_hash is None:
        return None
    found = db.session.scalar(_BY_KEY, {"key_hash": key_hash})
    moment = now()
    if found is None or found.revoked_at is not None or not found.user.is_enabled:
        return None
    if found.expires_at <= moment or found.last_seen_at <= moment - IDLE:
        return None
    if found.last_seen_at <= moment - SEEN_EVERY:
        _write_last_seen(found.id)
    return found.user


def _write_last_seen(session_id: int) -> None:
    """Move the idle clock on, on a connection of its own: the request's work is not touched."""
    with db.engine.begin() as connection:
        connection.execute(
            update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now())
        )
