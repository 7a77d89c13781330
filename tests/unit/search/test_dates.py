"""Spans of time as people name them, seen from Tuesday, 24 November 2026."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from search.analysis import fold
from search.marks import day_marks, days_between
from search.understanding import dates

TODAY = date(2026, 11, 24)


def spans(text):
    """First and last days named in a text."""
    return [(one.first, one.last) for one in dates.find(fold(text).text, TODAY)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今天", "2026-11-24", "2026-11-24"),
        ("昨天", "2026-11-23", "2026-11-23"),
        ("前天", "2026-11-22", "2026-11-22"),
        ("本周", "2026-11-23", "2026-11-29"),
        ("上周", "2026-11-16", "2026-11-22"),
        ("上个星期", "2026-11-16", "2026-11-22"),
        ("上上周", "2026-11-09", "2026-11-15"),
        ("上周三", "2026-11-18", "2026-11-18"),
        ("本周天", "2026-11-29", "2026-11-29"),
        ("上月", "2026-10-01", "2026-10-31"),
        ("上个月", "2026-10-01", "2026-10-31"),
        ("三季度", "2026-07-01", "2026-09-30"),
        ("第三季度", "2026-07-01", "2026-09-30"),
        ("Q3", "2026-07-01", "2026-09-30"),
        ("上季度", "2026-07-01", "2026-09-30"),
        ("去年四季度", "2025-10-01", "2025-12-31"),
        ("2025年四季度", "2025-10-01", "2025-12-31"),
        ("25年四季度", "2025-10-01", "2025-12-31"),
        ("上半年", "2026-01-01", "2026-06-30"),
        ("去年下半年", "2025-07-01", "2025-12-31"),
        ("9月", "2026-09-01", "2026-09-30"),
        ("十月份", "2026-10-01", "2026-10-31"),
        ("12月", "2025-12-01", "2025-12-31"),
        ("9月12日", "2026-09-12", "2026-09-12"),
        ("12月1日", "2025-12-01", "2025-12-01"),
        ("2026-09-12", "2026-09-12", "2026-09-12"),
        ("2026/9/12", "2026-09-12", "2026-09-12"),
        ("2026年9月12日", "2026-09-12", "2026-09-12"),
        ("2026年9月", "2026-09-01", "2026-09-30"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("近7天", "2026-11-18", "2026-11-24"),
        ("最近一个月", "2026-10-26", "2026-11-24"),
        ("2025年", "2025-01-01", "2025-12-31"),
        ("去年", "2025-01-01", "2025-12-31"),
        ("二〇二五年前年", "2024-01-01", "2024-12-31"),
    ],
)
def test_spans(text, first, last):
    assert spans(text) == [(date.fromisoformat(first), date.fromisoformat(last))]


@pytest.mark.parametrize("text", ["3个月", "2月31日", "周期", "月产", "三季", "2026", "本周期" * 0])
def test_what_names_no_span(text):
    assert spans(text) == []


def test_several_spans_in_one_text():
    assert len(spans("上周拜访，三季度签约")) == 2


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(day=days, one=days, other=days)
def test_a_span_matches_exactly_its_days(day, one, other):
    first, last = sorted((one, other))
    marks = set(days_between(first, last))
    assert bool(marks.intersection(day_marks(day))) is (first <= day <= last)
