"""Fixtures of interactions."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.integration.interactions.world import World
from tests.support.clients import Client


@pytest.fixture
def world(app: Flask, today: date) -> World:
    """A small zone on the held day, Tuesday 24 November 2026."""
    return World()


@pytest.fixture
def browser(world: World, as_user: Callable[..., Client]) -> Client:
    """The officer's browser."""
    return as_user(user=world.officer)
