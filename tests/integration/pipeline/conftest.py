"""Fixtures of the desk."""

from datetime import date

import pytest
from flask import Flask

from tests.integration.interactions.world import World


@pytest.fixture
def world(app: Flask, today: date) -> World:
    """A small zone on the held day, Tuesday 24 November 2026."""
    return World()
