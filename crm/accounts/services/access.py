"""Signing in: tries are counted before the password is looked at, and alike for every name."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crm.accounts import passwords
from crm.accounts.models import SignInAttempts, User, UserSession
from crm.core import activity, settings
from crm.core.clock import now
from crm.core.permissions import Actor
from crm.extensions import db


@dataclass(frozen=True)
class Attempt:
    """One try at a name: how many are left after it, and until when the name is locked."""

    username: str
    moment: datetime
    count: int
    allowed: int
    lock_minutes: int
    last_at: datetime

    @property
    def may_try(self) -> bool:
        """Whether this try is still looked at."""
        return self.count <= self.allowed

    @property
    def tries_left(self) -> int:
        """How many more tries there are when this one fails."""
        return max(0, self.allowed - self.count)

    @property
    def locked_until(self) -> datetime:
        """The moment from which a locked name may be tried again."""
        return self.last_at + timedelta(minutes=self.lock_minutes)


def count_attempt(*, username: str) -> Attempt:
    """Count one try. To be committed before the password is checked, so that many tries at once
    are counted as many; `sign_in` forgets the count when the password is right."""
    moment = now()
    rules = settings.rules()
    allowed, minutes = rules["login_failures"], rules["login_lock_minutes"]
    over = moment - timedelta(minutes=minutes)
    db.session.execute(delete(SignInAttempts).where(SignInAttempts.last_at <= over))
    name_hash = _name_hash(username)
    # Tries at a locked name do not prolong the lock.
    last_at = case((SignInAttempts.count >= allowed, SignInAttempts.last_at), else_=moment)
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = db.session.execute(
        insert(SignInAttempts)
        .values(name_hash=name_hash, count=1, last_at=moment)
        .on_conflict_do_update(
            index_elements=[SignInAttempts.name_hash],
            set_={"count": SignInAttempts.count + 1, "last_at": last_at},
        )
        .returning(SignInAttempts.count.label("tries"), SignInAttempts.last_at)
    ).one()
    return Attempt(username, moment, row.tries, allowed, minutes, row.last_at)


def sign_in(*, attempt: Attempt, password: str) -> User | None:
    """The user, if the name is not locked, the password right and the account enabled.

    A disabled account and a wrong password are not told apart. The deed is logged; the session
    itself is started by the caller, who knows the browser.
    """
    if not attempt.may_try:
        return None
    user: User | None = db.session.scalar(select(User).where(User.username == attempt.username))
    if not passwords.matches(user.password_hash if user else None, password):
        if user is not None and attempt.tries_left == 0:
            _log_lock(user)
        return None
    if user is None or not user.is_enabled:
        return None
    if user.password_hash and passwords.needs_rehash(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    user.last_login_at = attempt.moment
    forget_attempts(username=user.username)
    activity.record(
        actor=user.as_actor(),
        verb="account.sign_in",
        subject_type="user",
        subject_id=user.id,
        summary=user.username,
    )
    return user


def forget_attempts(*, username: str) -> None:
    """Lift a lock and start counting anew."""
    db.session.execute(
        delete(SignInAttempts).where(SignInAttempts.name_hash == _name_hash(username))
    )


def end_sessions(*, user_id: int, keep: str | None = None, only: int | None = None) -> int:
    """Sign a person out everywhere, or at one place; returns how many sessions ended.

    `keep` is the key hash of a session to leave alone, `only` the id of the one to end.
    """
    query = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if keep is not None:
        query = query.where(UserSession.key_hash != keep)
    if only is not None:
        query = query.where(UserSession.id == only)
    ended = db.session.execute(query.values(revoked_at=now()).returning(UserSession.id))
    return len(ended.all())


def sign_out(*, actor: Actor, key_hash: str | None) -> None:
    """End the session of one browser."""
    if key_hash is None or actor.id is None:
        return
    db.session.execute(
        update(UserSession).where(UserSession.key_hash == key_hash).values(revoked_at=now())
    )
    activity.record(actor=actor, verb="account.sign_out", subject_type="user", subject_id=actor.id)


def _log_lock(user: User) -> None:
    activity.record(
        actor=user.as_actor(),
        verb="account.locked",
        subject_type="user",
        subject_id=user.id,
        summary=user.username,
    )


def _name_hash(username: str) -> str:
    return hashlib.sha256(username.strip().casefold().encode()).hexdigest()
