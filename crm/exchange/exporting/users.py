"""People as the columns of their file."""

from typing import Any

from crm.accounts.models import User


def user_values(user: User) -> dict[str, Any]:
    """The columns of a person."""
    return {
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "team": user.team.name if user.team else "",
    }
