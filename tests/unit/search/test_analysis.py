"""How text becomes tokens."""

import pytest
from hypothesis import given, strategies as st

from search.analysis import normalise, normalise_mapped, phrase, tokens


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("徐工集团", "徐工集团"),
        ("協鑫顆粒矽", "协鑫颗粒硅"),
        ("瞭解，接著", "了解 接着"),
        ("ＳｉＣ", "sic"),
        ("３０ＧＷｈ", "30gwh"),
        ("100㎡", "100m2"),
        ("3.5亿元（含税）", "3 5亿元 含税"),
        ("  a \n\t b  ", "a b"),
        ("徐\u200b工\ufe0f", "徐工"),
        ("徐\x00工", "徐 工"),
        ("cafe\u0301 CAFÉ", "café café"),
        ("snake_case", "snake case"),
        ("😀…！", ""),
        ("", ""),
    ],
)
def test_normalised_text(written, expected):
    assert normalise(written) == expected


@pytest.mark.parametrize(
    ("normalised", "expected"),
    [
        ("徐工集团", ["徐工", "工集", "集团", "团"]),
        ("a3栋 30gwh", ["a3", "3栋", "栋", "30", "0g", "gw", "wh", "h"]),
        ("徐", ["徐"]),
        ("", []),
    ],
)
def test_tokens(normalised, expected):
    assert tokens(normalised) == expected


@pytest.mark.parametrize(
    ("term", "expected", "open_end"),
    [
        ("徐工", ("徐工",), False),
        ("gwh", ("gw", "wh"), False),
        ("徐", ("徐",), True),
        ("3 5亿", ("3", "5亿"), False),
        ("徐工 a", ("徐工", "工", "a"), True),
        ("", (), False),
    ],
)
def test_phrases(term, expected, open_end):
    assert phrase(term) == (expected, open_end)


@given(st.text())
def test_both_ways_to_normalise_agree_and_point_back(text):
    mapped = normalise_mapped(text)
    assert mapped.normalised == normalise(text)
    assert len(mapped.starts) == len(mapped.normalised)
    assert mapped.starts == sorted(mapped.starts)
    for place, char in enumerate(mapped.normalised):
        start, end = mapped.span(place, place + 1)
        if char != " ":
            assert char in normalise(mapped.original[start:end])


@given(st.text(st.sampled_from("徐工协鑫A3gW0h，。 \n１é"), min_size=1, max_size=30), st.data())
def test_a_part_of_a_text_is_a_phrase_of_its_tokens(text, data):
    whole = normalise(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    part = normalise(text[start:end])
    wanted = phrase(part)
    stored = tokens(whole)
    if not wanted.tokens:
        return
    size = len(wanted.tokens)
    windows = (stored[place : place + size] for place in range(len(stored) - size + 1))
    *exact, last = wanted.tokens
    assert any(
        window[:-1] == exact
        and (window[-1].startswith(last) if wanted.open_end else window[-1] == last)
        for window in windows
    )


@given(st.text())
def test_normalising_twice_changes_nothing_that_is_searched(text):
    once = normalise(text)
    assert once == " ".join(once.split())
    assert all(char == " " or char.isalnum() for char in once)
