"""Amounts as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from crm.core.quantity import (
    MOST_WAN,
    Money,
    QuantityError,
    hectares,
    parse_area_mu,
    parse_count,
    parse_energy_tce,
    parse_money,
    parse_sqm,
    parse_wan,
    per_hectare,
    plain,
)

MONEY = [
    ("3.5亿", "35000", "CNY"),
    ("3000万美元", "3000", "USD"),
    ("1,200万", "1200", "CNY"),
    ("1200", "1200", "CNY"),
    ("１２００万", "1200", "CNY"),
    ("500元", "0.05", "CNY"),
    ("0.01元", "0.000001", "CNY"),
    ("三亿五千万", "35000", "CNY"),
    ("1亿5000万元", "15000", "CNY"),
    ("一亿零五万", "10005", "CNY"),
    ("一百零五万", "105", "CNY"),
    ("十五亿", "150000", "CNY"),
    ("三点五亿", "35000", "CNY"),
    ("1.5百万", "150", "CNY"),
    ("0.2万亿", "20000000", "CNY"),
    ("￥300万", "300", "CNY"),
    ("人民币2亿元", "20000", "CNY"),
    ("US$3000万", "3000", "USD"),
    (" 100 万 元 ", "100", "CNY"),
]


@pytest.mark.parametrize(("text", "amount", "currency"), MONEY)
def test_money_is_read_in_wan(text: str, amount: str, currency: str) -> None:
    assert parse_money(text) == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-3亿", "−3亿", "负三亿", "1e99", "1E5", "NaN", "inf", "0x10", "١٢", "1..2", "1,2,3",
     "3万3万", "亿", "万", "三亿五", "3亿5", "一百五万", "5百2千", "1.23456789", "1.2万亿",
     "9" * 30, "9" * 5000, "约3亿", "3亿左右", "\x00", "<b>3亿</b>", "3亿; DROP TABLE leads", "😀"],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_words(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_money(text)
    assert "“" in caught.value.message
    assert len(caught.value.message) < 80
    assert caught.value.template % caught.value.params == caught.value.message


@pytest.mark.parametrize(
    ("read", "text"),
    [(parse_money, "200亩"), (parse_money, "30人"), (parse_area_mu, "3亿元"),
     (parse_area_mu, "300吨标煤"), (parse_sqm, "3万元"), (parse_energy_tce, "200亩"),
     (parse_count, "3亿元"), (parse_count, "2.5"), (parse_count, "-1")],
)  # fmt: skip
def test_a_wrong_dimension_is_named(read, text: str) -> None:
    with pytest.raises(QuantityError):
        read(text)


def test_the_other_currency_is_refused() -> None:
    assert parse_wan("3000万美元", currency="USD") == 3000
    assert parse_wan("3000万", currency="USD") == 3000
    with pytest.raises(QuantityError, match="币种"):
        parse_wan("3000万美元")
    with pytest.raises(QuantityError, match="币种"):
        parse_wan("3000万元", currency="USD")


@pytest.mark.parametrize(
    ("text", "mu"),
    [("200亩", "200"), ("二百亩", "200"), ("13公顷", "195"), ("20000㎡", "30"), ("13.5", "13.5"),
     ("2万平方米", "30"), ("1平方公里", "1500"), ("两百三十亩", "230"), ("0.2公顷", "3")],
)  # fmt: skip
def test_land_is_read_in_mu(text: str, mu: str) -> None:
    assert parse_area_mu(text) == Decimal(mu)


def test_floor_space_energy_and_counts() -> None:
    assert parse_sqm("3万㎡") == 30000
    assert parse_sqm("30亩") == 20000
    assert parse_sqm("1亩") == Decimal("666.666667")
    assert parse_energy_tce("1.2万吨标煤") == 12000
    assert parse_count("260人") == 260


def test_intensity_per_mu_and_per_hectare() -> None:
    assert per_hectare(Decimal(300)) == 4500
    assert hectares(Decimal(205)) == Decimal("13.67")


AMOUNTS = st.decimals(min_value=0, max_value=MOST_WAN, places=6)


@given(AMOUNTS)
def test_what_is_shown_is_read_again_as_the_same(amount: Decimal) -> None:
    assert parse_money(plain(amount)).amount == amount
    assert parse_area_mu(plain(amount) + "亩") == amount
    assert parse_money(f"{amount:,f}").amount == amount


@given(st.decimals(min_value=0, max_value=9999, places=8))
def test_units_convert_exactly(yi: Decimal) -> None:
    digits = plain(yi)
    assert parse_money(f"{digits}亿").amount == yi * 10000
    assert parse_money(f"{digits}亿元").amount == parse_money(f"{plain(yi * 10000)}万").amount


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (parse_money, parse_area_mu, parse_sqm, parse_energy_tce, parse_count):
        try:
            value = read(text)
        except QuantityError:
            continue
        assert (value.amount if isinstance(value, Money) else value) >= 0
