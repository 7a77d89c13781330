"""The credit code's faults are named so that a person can find them."""

import pytest
from hypothesis import given, settings, strategies as st

from crm.companies import uscc

# How long an example takes says more about the machine than about the code.
UNTIMED = settings(deadline=None)

GOOD = "91110000600037341L"


def test_a_right_code_has_no_fault_however_written() -> None:
    assert uscc.find_fault(uscc.compact(" 9111 0000-6000 37341l ")) is None
    assert uscc.find_fault(uscc.compact("９１１１００００６０００３７３４１Ｌ")) is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("91110000600037341M", "第 18 位校验码不符：按前 17 位应为“L”，您填的是“M”"),
        ("9111000060003734", "应为 18 位，您填了 16 位"),
        ("9111OO00600037341L", "第 5 位“O”不会出现在信用代码里，可能是“0”"),
        ("91A10000600037341L", "第 3 位应为数字"),
        ("9111000060003734%L", "第 17 位“%”不会出现在信用代码里"),
        ("", "您填了 0 位"),
    ],
)
def test_faults_say_the_place(code: str, words: str) -> None:
    assert words in str(uscc.find_fault(code))


@UNTIMED
@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_slip_is_noticed(place: int, char: str) -> None:
    code = GOOD[:place] + char + GOOD[place + 1 :]
    assert (uscc.find_fault(code) is None) == (code == GOOD)


def test_inner_code_only_warns() -> None:
    assert not uscc.inner_check_fails(GOOD)
    assert uscc.inner_check_fails(GOOD[:16] + "0" + GOOD[17:])
    assert not uscc.inner_check_fails("9111")


@UNTIMED
@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    code = uscc.compact(text)
    fault = uscc.find_fault(code)
    assert fault is None or str(fault)
    if fault is None:
        uscc.inner_check_fails(code)
