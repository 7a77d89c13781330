"""Fixtures of the API."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from crm.accounts.models import User
from crm.core.permissions import Role
from tests.factories import UserFactory, team_named
from tests.integration.api.caller import Caller

TEAM = "装备制造招商科"


@pytest.fixture
def calls(app: Flask, today: date) -> Callable[..., Caller]:
    """`calls("team_lead", team="外资招商科")`: a program with the token of such a person."""

    def make(role: Role | str = Role.OFFICER, team: str | None = TEAM, **fields: Any) -> Caller:
        user: User = UserFactory(role=Role(role), team=team_named(team) if team else None, **fields)
        return Caller(app, user)

    return make


@pytest.fixture
def officer(calls: Callable[..., Caller]) -> Caller:
    """An officer's program."""
    return calls(username="zhou", name="周敏")
