"""Cells: what is read, what is refused, and that reading what was written changes nothing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from crm.companies.kinds import HonourKind, HonourLevel
from crm.core.quantity import Money as Amount
from crm.exchange.cells import LONG, Choice, Day, Definite, Flag, Several, Text, Word
from crm.exchange.faults import CellFault
from crm.exchange.honours import HonourLine, Honours
from crm.exchange.sheets import AGREED, LEADS, MONEY
from crm.exchange.writing import as_text
from crm.leads.kinds import Currency
from crm.leads.stages import Stage

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026/3/1", date(2026, 3, 1)),
        ("2026年3月1日", date(2026, 3, 1)),
        ("２０２６-０３-０１", date(2026, 3, 1)),
        ("2026-03-01 00:00:00", date(2026, 3, 1)),
        ("", None),
    ],
)
def test_days_are_read_as_people_and_spreadsheets_write_them(
    text: str, wanted: date | None
) -> None:
    assert Day().read(text, TODAY) == wanted


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "昨天", "3/1/2026", "0026-01-01"])
def test_days_that_do_not_exist_are_quoted(text: str) -> None:
    with pytest.raises(CellFault, match=text):
        Day().read(text, TODAY)


def test_actual_days_cannot_lie_ahead() -> None:
    assert Day(actual=True).read("2026-11-24", TODAY) == TODAY
    assert Day().read("2026-11-25", TODAY) == date(2026, 11, 25)
    with pytest.raises(CellFault, match="晚于今天"):
        Day(actual=True).read("2026-11-25", TODAY)


@pytest.mark.parametrize("text", ["-3亿", "1e99", "NaN", "200亩", "很多", "3000万美元"])
def test_amounts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(CellFault):
        MONEY.read(text, TODAY)


def test_amounts_are_exact_and_may_be_unavailable() -> None:
    column = LEADS.column("investment_wan_cny").cell
    assert column.read("3.5亿", TODAY) == Decimal(35000)
    assert column.read("暂不能提供", TODAY) == "unavailable"
    assert column.read("unavailable", TODAY) == "unavailable"
    assert column.write(Decimal("35000.000001")) == Decimal("35000.000001")


def test_a_registration_number_cannot_be_unavailable() -> None:
    with pytest.raises(CellFault, match="暂不能提供"):
        Definite(Text()).read("unavailable", TODAY)


def test_an_agreed_amount_may_name_its_currency() -> None:
    assert AGREED.read("3000万美元", TODAY) == Amount(Decimal(3000), "USD")
    assert AGREED.read("3000", TODAY) == Decimal(3000)


def test_choices_take_value_or_label_and_name_the_others() -> None:
    assert Choice(Stage).read("negotiating", TODAY) is Stage.NEGOTIATING
    assert Choice(Stage).read(" 深度洽谈 ", TODAY) is Stage.NEGOTIATING
    assert LEADS.column("agreed_currency").cell.read("万美元", TODAY) is Currency.USD
    with pytest.raises(CellFault, match="identified 线索、contacted"):
        Choice(Stage).read("谈判", TODAY)


def test_flags() -> None:
    assert [Flag().read(text, TODAY) for text in ("1", "是", "0", "否", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    with pytest.raises(CellFault):
        Flag().read("2", TODAY)


@pytest.mark.parametrize("bad", ["\x00", "示例\x00公司", "\x1b[31m", "\x7f"])
def test_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(CellFault, match="控制字符"):
        LONG.read(f"甲{bad}乙", TODAY)


def test_long_text_names_its_length() -> None:
    with pytest.raises(CellFault, match="10000000 字，最多 20000 字"):
        LONG.read("长" * 10_000_000, TODAY)


def test_lists_are_split_at_semicolons_of_both_widths() -> None:
    assert Several().read(" 徐工; XCMG；徐工;;", TODAY) == ["徐工", "XCMG"]


def test_a_key_names_one_record() -> None:
    assert Word().read(" A-1 ", TODAY) == "A-1"
    with pytest.raises(CellFault, match="只填一个"):
        Word().read("A-1;A-2", TODAY)


def test_honours_fill_in_their_end_by_kind() -> None:
    read = Honours().read(
        "little_giant:国家:2025；世界500强::2026;unicorn;high_tech:省:2024:2026-06-30", TODAY
    )
    assert read == (
        HonourLine(HonourKind.LITTLE_GIANT, HonourLevel.NATIONAL, 2025, date(2028, 12, 31)),
        HonourLine(HonourKind.FORTUNE_GLOBAL_500, None, 2026, date(2027, 12, 31)),
        HonourLine(HonourKind.UNICORN),
        HonourLine(HonourKind.HIGH_TECH, HonourLevel.PROVINCIAL, 2024, date(2026, 6, 30)),
    )


@pytest.mark.parametrize(
    "text",
    ["best_firm", "high_tech:市", "high_tech:省:24", "high_tech:省:2024:2024-02-30", "a:b:c:d:e"],
)
def test_honours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(CellFault):
        Honours().read(text, TODAY)


@given(st.text(max_size=300))
def test_reading_written_text_changes_nothing(text: str) -> None:
    for cell in (LONG, Text()):
        try:
            value = cell.read(text, TODAY)
        except CellFault:
            continue
        assert cell.read(as_text(cell.write(value)), TODAY) == value


@given(st.lists(st.text(max_size=20), max_size=6))
def test_reading_a_written_list_changes_nothing(parts: list[str]) -> None:
    cell = Several()
    try:
        value = cell.read(as_text(cell.write(parts)), TODAY)
    except CellFault:
        return
    assert cell.read(as_text(cell.write(value)), TODAY) == value


honour_lines = st.builds(
    HonourLine,
    st.sampled_from(HonourKind),
    st.none() | st.sampled_from(HonourLevel),
    st.integers(1950, 2026),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
)


@given(st.lists(honour_lines, max_size=4, unique=True).map(tuple))
def test_reading_written_honours_changes_nothing(lines: tuple[HonourLine, ...]) -> None:
    assert Honours().read(Honours().write(lines), TODAY) == lines


@given(st.decimals(0, 10**7, places=6, allow_nan=False))
def test_reading_a_written_amount_changes_nothing(amount: Decimal) -> None:
    assert MONEY.read(as_text(MONEY.write(amount)), TODAY) == amount
