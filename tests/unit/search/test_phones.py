"""Phone numbers, however they are grouped."""

import pytest

from search import phones


@pytest.mark.parametrize(
    "text", ["13952100018", "139 5210 0018", "139-5210-0018", "+86 139 5210 0018", "8613952100018"]
)
def test_one_number_in_many_forms(text):
    assert phones.digits_of(text) == "13952100018"
    assert list(phones.find(f"邹总，{text}，随时")) == ["13952100018"]


@pytest.mark.parametrize("text", ["30GWh", "123456", "徐工 13952100018", "1.2.3.4", "", "３" * 30])
def test_what_is_no_number_alone(text):
    assert phones.digits_of(text) == ""


def test_numbers_inside_longer_ones_or_words_are_none():
    assert not list(phones.find("编号A13952100018，版本1.3952100018"))
