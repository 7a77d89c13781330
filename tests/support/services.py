"""Services that tests need: missing ones fail on the integration server, skip elsewhere."""

from typing import NoReturn

import pytest

from tooling.layout import in_ci


def missing(service: str, reason: str) -> NoReturn:
    """End the test: it cannot run without this service."""
    if in_ci():
        pytest.fail(f"{service} is needed: {reason}", pytrace=False)
    pytest.skip(f"{service} is not available: {reason}")
