"""When a record came in, as marks: a span asked for is met by exactly the records within it."""

from datetime import UTC, datetime, timedelta

import pytest

from search.marks import added_between, added_marks

BEGIN = datetime(2026, 2, 27, 22, 58, 57, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "span",
    [
        timedelta(0), timedelta(seconds=40), timedelta(minutes=3), timedelta(hours=1, minutes=2),
        timedelta(hours=30), timedelta(days=3, hours=5),
    ],
)  # fmt: skip
def test_a_span_is_met_from_its_first_second_to_the_end_of_its_last_minute(
    span: timedelta,
) -> None:
    last = BEGIN + span
    asked = added_between(BEGIN, last)
    assert len(asked) == len(set(asked)) < 250
    end = last.replace(second=59, microsecond=999_999)
    inside = [BEGIN, BEGIN.replace(microsecond=0), BEGIN + span / 2, last, end]
    outside = [BEGIN - timedelta(seconds=1), end + timedelta(microseconds=1)]
    assert all(len(set(asked) & set(added_marks(moment))) == 1 for moment in inside)
    assert not any(set(asked) & set(added_marks(moment)) for moment in outside)


def test_a_span_without_end_is_bounded_and_one_without_length_meets_nothing() -> None:
    asked = added_between(datetime(2001, 1, 1, tzinfo=UTC), BEGIN)
    assert len(asked) < 600
    assert not set(asked) & set(added_marks(BEGIN - timedelta(days=401)))
    assert set(asked) & set(added_marks(BEGIN - timedelta(days=399)))
    ahead = BEGIN + timedelta(days=9)
    assert added_between(ahead, BEGIN) == [list(added_marks(ahead))[-1]]
    assert list(added_marks(None)) == []
