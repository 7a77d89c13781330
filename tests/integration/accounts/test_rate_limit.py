"""Guessing passwords of many people from one address is slowed down."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from crm.extensions import limiter
from tests.support.clients import Client


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"RATELIMIT_ENABLED": True}


@pytest.fixture(autouse=True)
def fresh_counts(app: Flask) -> Iterator[None]:
    """The limiter is one for all applications of a process: it is left as it was found."""
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def test_many_tries_from_one_address_are_stopped(client: Client) -> None:
    def attempt(number: int, address: str) -> int:
        typed = {"username": f"user{number}", "password": "guess"}
        return client.post(
            "/login", data=typed, environ_overrides={"REMOTE_ADDR": address}
        ).status_code

    assert {attempt(number, "10.0.0.1") for number in range(30)} == {422}
    assert attempt(31, "10.0.0.1") == 429
    assert attempt(32, "10.0.0.2") == 422
    response = client.post("/login", environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
    assert "请稍等片刻" in response.text
    assert int(response.headers["Retry-After"]) <= 60
    # The page itself stays open, and so does the rest of the product.
    page = client.get("/login", environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
    assert page.status_code == 200
