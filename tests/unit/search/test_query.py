"""What was typed, as it is read."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from search.errors import QueryTooLong
from search.query import MAX_LENGTH, Filters, Meaning
from search.understanding.reader import MAX_SINGLES, MAX_TERMS
from tests.search.support import parse


def said(query, meaning):
    """The typed texts of one meaning."""
    clauses = (*query.clauses, *query.excluded)
    return tuple(clause.typed for clause in clauses if clause.meaning is meaning)


@pytest.mark.parametrize(
    ("typed", "words", "phrases", "excluded"),
    [
        ("卡特 履带", ("卡特", "履带"), (), ()),
        ("卡特，履带、板；轮", ("卡特", "履带", "板", "轮"), (), ()),
        ("电机 -稀土", ("电机",), (), ("稀土",)),
        ("电机 －稀土", ("电机",), (), ("稀土",)),
        ("不要光伏", (), (), ("光伏",)),
        ("电机 不含 光伏 储能", ("电机", "储能"), (), ("光伏",)),
        ("不要求环评", ("不要求环评",), (), ()),
        ("A-3 地块", ("a 3", "地块"), (), ()),
        ('"热处理外协"', (), ("热处理外协",), ()),
        ("“热处理 外协” 厂", ("厂",), ("热处理 外协",), ()),
        ("「等總部批復」", (), ("等总部批复",), ()),
        ('-"a b" c', ("c",), (), ("a b",)),
        ('"没有 关上', ("没有", "关上"), (), ()),
        ('左"中"右', ("左", "右"), ("中",), ()),
        ("徐工 徐工 ＸＣＭＧ xcmg", ("徐工", "xcmg"), (), ()),
        ("- * “” 😀 \x00", (), (), ()),
        ("", (), (), ()),
    ],
)
def test_reading(typed, words, phrases, excluded):
    query = parse(typed)
    assert said(query, Meaning.WORD) == words
    assert said(query, Meaning.PHRASE) == phrases
    assert said(query, Meaning.EXCLUDED) == excluded
    assert bool(query) == bool(words or phrases or excluded)


def test_chips_can_be_taken_away():
    query = parse(' 卡特 "热处理外协"  -稀土 不要 光伏 ')
    assert [(chip.kind, chip.text) for chip in query.understood] == [
        (Meaning.WORD, "卡特"),
        (Meaning.PHRASE, "热处理外协"),
        (Meaning.EXCLUDED, "稀土"),
        (Meaning.EXCLUDED, "光伏"),
    ]
    for chip in query.understood:
        rest = parse(chip.without)
        assert [other.text for other in rest.understood] == [
            other.text for other in query.understood if other is not chip
        ]


def test_too_many_terms_are_shown_as_ignored():
    words = [f"词{number}" for number in range(MAX_TERMS + 4)]
    query = parse(" ".join(words))
    assert said(query, Meaning.WORD) == tuple(words[:MAX_TERMS])
    ignored = [chip.text for chip in query.understood if chip.kind is Meaning.IGNORED]
    assert ignored == words[MAX_TERMS:]


def test_single_characters_beside_longer_words_are_few():
    query = parse("的 了 在 徐工")
    assert said(query, Meaning.WORD) == ("的", "了", "徐工")
    assert len([word for word in said(query, Meaning.WORD) if len(word) == 1]) == MAX_SINGLES
    assert said(parse("的 了 在"), Meaning.WORD) == ("的", "了", "在")


def test_length_is_limited():
    assert parse("徐" * MAX_LENGTH)
    with pytest.raises(QueryTooLong) as error:
        parse("徐" * (MAX_LENGTH + 1))
    assert error.value.params == {"limit": MAX_LENGTH, "length": MAX_LENGTH + 1}


@given(st.text(max_size=MAX_LENGTH))
def test_anything_can_be_read(typed):
    query = parse(typed)
    # Queries are read with base characters and marks as one, compatibility forms as their own.
    composed = unicodedata.normalize("NFC", typed)
    for chip in query.understood:
        assert chip.raw in composed
        assert len(parse(chip.without).understood) <= len(query.understood)
    assert all(clause.ways for clause in query.every_clause())


def test_filters_know_whether_they_filter():
    assert not Filters()
    assert Filters(teams=("3",))
