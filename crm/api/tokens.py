"""Who is calling: the owner of the token in the `Authorization` header, and no cookie ever."""

from typing import cast

from flask import g, request
from flask_limiter.util import get_remote_address

from crm.accounts import tokens
from crm.accounts.models import User
from crm.accounts.sign_in import hash_key
from crm.api.problems import Problem
from crm.core.permissions import Actor

RATE = "1200 per minute"
"""Per token; the contract promises at least 600. Callers without one share that of their address."""


def caller() -> Actor:
    """The token's owner with their rights. Raises Problem 401."""
    user = _user()
    if user is None:
        raise Problem(401)
    return user.as_actor()


def rate_key() -> str:
    """Whose requests are counted together; a token is counted by its hash."""
    return f"token:{hash_key(_sent())}" if _user() is not None else f"at:{get_remote_address()}"


def _sent() -> str:
    header = request.authorization
    if header is None or header.type != "bearer":
        return ""
    return header.token or ""


def _user() -> User | None:
    if "api_user" not in g:
        text = _sent()
        g.api_user = tokens.find_user(text) if text else None
    return cast("User | None", g.api_user)
