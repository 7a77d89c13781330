"""Passwords: how they are kept, and which ones are refused."""

from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.core.labels import N_

SHORTEST = 10
LONGEST = 200

# What is tried first on every system; shorter ones fall under the length rule anyway.
_COMMON = frozenset(
    (Path(__file__).parent / "reference" / "common_passwords.txt").read_text("utf-8").split()
)

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The Argon2id hash to keep instead of the password."""
    return _hasher.hash(password)


@cache
def _decoy() -> str:
    """Verified against when there is no such user, so that the answer takes the same time."""
    return hash_password("no one's password")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one behind the hash; takes equally long without a hash."""
    try:
        _hasher.verify(password_hash or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with parameters weaker than today's."""
    return _hasher.check_needs_rehash(password_hash)


def weaknesses(password: str, username: str) -> list[str]:
    """Why a new password is refused, in words for the form; empty when it is good."""
    lowered = password.lower()
    if len(password) < SHORTEST:
        return [N_("密码至少 10 个字符。")]
    if len(password) > LONGEST:
        return [N_("密码最多 200 个字符。")]
    if username and username.lower() in lowered and len(lowered) < len(username) + SHORTEST // 2:
        return [N_("密码不能是用户名，也不能只在用户名上加几个字符。")]
    if lowered in _COMMON or len(set(lowered)) <= 2:
        return [N_("这个密码太常见，很容易被猜到，请换一个。")]
    return []
