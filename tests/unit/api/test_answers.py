"""Amounts, moments and ETags as they are answered."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from crm.api import answers
from crm.api.problems import Problem
from crm.core.errors import StaleVersion


@pytest.mark.parametrize(
    ("amount", "text"),
    [("35000", "35000"), ("35000.5", "35000.5"), ("0.000001", "1e-06"), ("99999999.123456",) * 2],
)
def test_amounts_are_numbers(amount: str, text: str) -> None:
    assert repr(answers.number(Decimal(amount))) == text


def test_moments_carry_their_offset() -> None:
    assert answers.moment(datetime(2026, 11, 24, 2, tzinfo=UTC)) == "2026-11-24T10:00:00+08:00"


def test_the_etag_changes_with_everything_that_is_shown() -> None:
    tags = {
        answers.with_etag(record)["etag"]
        for record in ({"version": 1, "a": 1}, {"version": 1, "a": 2}, {"version": 2, "a": 1})
    }
    assert len(tags) == 3
    assert answers.with_etag({"version": 1, "a": 1}) == answers.with_etag({"a": 1, "version": 1})


@pytest.mark.parametrize(
    ("header", "stands"),
    [
        ('"5-abc"', True), ('"5-other"', True), ('W/"5-abc"', True), ("5-abc", True), ("*", True),
        ('"4-abc", "5-abc"', True), ('"4-abc"', False), ('"55-abc"', False), ('""', False),
        ("", False), ('"-5"', False),
    ],
)  # fmt: skip
def test_a_change_must_come_from_the_present_version(header: str, stands: bool) -> None:
    with Flask(__name__).test_request_context(headers={"If-Match": header}):
        answers.require_if_match()
        if stands:
            answers.check_if_match(5)
        else:
            with pytest.raises(StaleVersion):
                answers.check_if_match(5)


def test_a_change_without_a_state_is_refused() -> None:
    with Flask(__name__).test_request_context(), pytest.raises(Problem) as raised:
        answers.require_if_match()
    assert raised.value.status == 428
