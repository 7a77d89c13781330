"""What was probably meant."""

from datetime import date

import pytest

from search.understanding import mended, read
from tests.unit.search.known import KnownLexicon


def meant(text):
    lexicon = KnownLexicon()
    return mended(read(text, lexicon, date(2026, 11, 24)), lexicon)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("卡特比勒", "卡特彼勒"),
        ("卡特比勒 挖机", "卡特彼勒 挖机"),
        ("卡特比勒挖机", "卡特彼勒挖机"),
        ("挖机卡特比勒", "挖机卡特彼勒"),
        ("徐功", "徐工集团"),
        ("徐功 轴承 -风电", "徐工集团 轴承 -风电"),
        ("卢知行 上周", "陆知行 上周"),
        ("负级材料", "负极材料"),
    ],
)
def test_a_slip_is_set_right(typed, right):
    assert meant(typed).suggestion == right


@pytest.mark.parametrize(
    "typed", ["徐工", "卡特彼勒", "碳化硅", "上周", "“卡特比勒”", "-卡特比勒", ""]
)
def test_what_is_no_slip_stays(typed):
    query = meant(typed)
    assert query.suggestion is None


def test_what_was_typed_stands_before_what_was_meant():
    (clause,) = meant("卡特比勒").clauses
    typed, *others = clause.ways
    assert typed.term == "卡特比勒"
    assert typed.weight == 1.0
    assert all(way.weight < 0.7 for way in others)


def test_the_firm_itself_is_found_by_a_slip():
    (clause,) = meant("卡特比勒").clauses
    assert ("is:company:2",) in [way.marks for way in clause.marks]
