"""Amounts: the same one however it is written, and no other."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from search.analysis import fold
from search.marks import amount_marks, between, exactly, marks_of_amount
from search.quantities import extract
from search.understanding import amounts

MU = Fraction(2000, 3)


def one(text):
    """The only amount of a text."""
    (found,) = extract(text)
    return found.dimension, found.value


@pytest.mark.parametrize(
    "texts",
    [
        ("30GWh", "30吉瓦时", "30 gwh", "３０ＧＷｈ", "三十吉瓦时", "30000MWh"),
        ("8万吨", "80000吨", "80,000吨", "八万吨", "8 万 吨", "80000t", "8万t"),
        ("3000万美元", "三千万美元", "3000万美金", "三千万美金", "0.3亿美元", "30000000USD"),
        ("3000万元", "0.3亿元", "三千万", "3000万人民币", "30,000,000元"),
        ("200亩", "二百亩", "两百亩", "200 亩", "２００亩"),
        ("75亩", "5公顷", "50000平方米", "5万㎡", "五万平米"),
        ("5000㎡", "五千平方米", "0.5万平米", "5000m2"),
        ("120吨", "一百二十吨", "120t", "120000公斤"),
        ("3.5亿元", "35000万元", "三点五亿"),
        ("8000千瓦", "8兆瓦", "八千千瓦", "8MW", "800万瓦"),
        ("8000千伏安", "8000kVA", "0.8万千伏安", "八千千伏安"),
        ("六万千伏安", "6万千伏安", "60000kVA"),
        ("一百二十亩", "120亩"),
        ("十二万平方米", "12万㎡"),
        ("一千零五十万元", "1050万元"),
        ("三千克", "3公斤", "3000克"),
        ("50亿", "五十亿", "500000万元"),
        ("9.6万吨标准煤", "96000tce", "9.6万吨标煤"),
    ],
)
def test_the_same_amount_is_equal_however_it_is_written(texts):
    assert len({one(text) for text in texts}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("30GWh", "3GWh"), ("30GWh", "300GWh"), ("30GWh", "30GW"), ("8万吨", "18万吨"),
        ("3000万元", "3000万美元"), ("3000万美元", "3000万欧元"), ("9.6万吨", "9.6万吨标准煤"),
        ("20台", "20套"), ("200亩", "2000亩"), ("1.2米", "12米"), ("110千伏", "110千伏安"),
    ],
)  # fmt: skip
def test_other_amounts_are_not_equal(left, right):
    assert one(left) != one(right)


@pytest.mark.parametrize("text", ["二期", "2026年", "三家单位的事", "A3", "万一", "一般", "半年"])
def test_what_is_no_amount(text):
    assert [found.dimension for found in extract(text)] in ([], ["jia"])


def test_every_amount_of_a_text_is_found_in_order():
    text = "投资3.5亿元，用地120亩，年产8万吨，用工300人，2026年10月开工"
    assert [found.dimension for found in extract(text)] == ["cny", "sqm", "kg", "people"]


def asked(text):
    """The amounts asked for: dimensions, low, high."""
    return [(found.dimensions, found.low, found.high) for found in amounts.find(fold(text))]


@pytest.mark.parametrize(
    ("texts", "low", "high"),
    [
        (["200亩以上", "不少于200亩", "不低于200亩", "超过200亩", "大于200亩", "至少200亩", ">=200亩",
          "200亩及以上", "二百亩以上", "200 亩 起"], 200, None),
        (["200亩以下", "不超过200亩", "低于200亩", "少于200亩", "200亩以内", "至多200亩", "不高于200亩",
          "小于 200亩"], None, 200),
        (["200亩左右", "约200亩", "大约二百亩", "200亩上下"], 180, 220),
        (["50-80亩", "50亩到80亩", "50~80亩", "50至80亩", "50 - 80 亩", "50亩-80亩", "五十亩到八十亩"],
         50, 80),
        (["200亩", "二百亩"], 200, 200),
    ],
)  # fmt: skip
def test_ranges_as_people_write_them(texts, low, high):
    for text in texts:
        assert asked(text) == [(("land",), low, high)], text


def test_money_without_a_unit_may_be_any_and_with_one_is_that():
    assert asked("50亿以上")[0][0] == ("cny", "usd", "eur")
    assert asked("1000万美元以上") == [(("usd",), 10**7, None)]
    assert asked("30-50亿")[0][1:] == (3 * 10**9, 5 * 10**9)


def test_a_number_in_a_name_is_no_amount():
    assert asked("A3栋") == []
    assert asked("Q3") == []


four_digits = st.builds(
    lambda digits, power: Fraction(digits) * Fraction(10) ** power,
    st.integers(1, 9999),
    st.integers(-4, 12),
)


@given(value=four_digits, low=st.none() | four_digits, high=st.none() | four_digits)
def test_a_range_matches_exactly_the_amounts_inside_it(value, low, high):
    near, far = between("kg", low, high)
    inside = (low is None or value >= low) and (high is None or value <= high)
    marks = set(amount_marks("kg", value))
    assert bool(marks.intersection(near) or marks.intersection(far)) is inside


@given(value=st.fractions(1, 10**9), high=four_digits)
def test_an_amount_over_the_upper_end_never_matches(value, high):
    near, far = between("kg", None, high)
    marks = set(amount_marks("kg", value))
    if value > high:
        assert not marks.intersection((*near, *far))


@given(value=four_digits, other=four_digits)
def test_exact_marks_are_equal_only_for_equal_amounts(value, other):
    assert (exactly("wh", value) == exactly("wh", other)) is (value == other)


def test_a_range_without_an_end_has_the_near_amounts_first():
    near, far = between("cny", Fraction(5 * 10**9), None)
    for value, expected in ((6 * 10**9, near), (9 * 10**10, near), (8 * 10**12, far)):
        assert set(amount_marks("cny", Fraction(value))).intersection(expected)


def test_land_is_measured_in_mu_as_well_and_floors_are_not():
    (land,) = extract("200亩")
    (floor,) = extract("133400平方米")
    near, far = between("land", Fraction(150), None)
    assert set(marks_of_amount(land)).intersection(near)
    assert not set(marks_of_amount(floor)).intersection((*near, *far))
    assert land.value == 200 * MU
