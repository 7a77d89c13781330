"""What a query is read as by somebody who knows a few firms, people and words."""

from datetime import date

import pytest

from search.query import Marked, Meaning, Text
from search.understanding import loosened, read
from tests.unit.search.known import GROUP, HENG, KA, XU, KnownLexicon

TODAY = date(2026, 11, 24)


def understood(text):
    """The parts as kind and raw text."""
    return [(chip.kind.value, chip.raw) for chip in query_of(text).understood]


def query_of(text):
    return read(text, KnownLexicon(), TODAY)


def firm_of(text):
    """The id of the firm that a query names first."""
    return next(chip.value["id"] for chip in query_of(text).understood if chip.kind is Meaning.FIRM)


@pytest.mark.parametrize(
    ("text", "firm"),
    [
        ("徐工", XU), ("XCMG", XU), ("ＸＣＭＧ", XU), ("徐工集團", XU), ("xugong", XU), ("xg", XU),
        ("xu gong", XU), ("Xu Gong 轴承", XU), ("徐gong", XU), ("kate", KA), ("ka te bi le", KA),
        ("Caterpillar", KA), ("kate配套", KA), ("徐工轴承", XU), ("拜访恒履", HENG), ("恒履", HENG),
        ("139 5210 0018", HENG), ("91320301000006330D", HENG), ("9132030100000 6330D", HENG),
    ],
)  # fmt: skip
def test_firms(text, firm):
    assert firm_of(text) == firm.id


@pytest.mark.parametrize("text", ["徐工程师", "卡特尔", "皮卡特种车", "catering", "老徐工作"])
def test_what_only_contains_a_name_names_no_firm(text):
    assert Meaning.FIRM not in [chip.kind for chip in query_of(text).understood]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("上周 拜访", [("date", "上周"), ("kind", "拜访")]),
        ("上周拜访徐工", [("date", "上周"), ("kind", "拜访"), ("firm", "徐工")]),
        ("三季度签约", [("date", "三季度"), ("stage", "签约")]),
        ("去年四季度 签约", [("date", "去年四季度"), ("stage", "签约")]),
        ("流失", [("status", "流失")]),
        ("没谈成", [("word", "没谈成")]),
        ("流失风险", [("word", "流失"), ("word", "风险")]),
        ("签约仪式", [("word", "签约仪式")]),
        ("陆知行 上上周", [("person", "陆知行"), ("date", "上上周")]),
        ("lu zhixing", [("person", "lu zhixing")]),
        ("30 GWh 储能", [("amount", "30 GWh"), ("word", "储能")]),
        ("200 亩左右", [("range", "200 亩左右")]),
        ("50 - 80 亩 徐工", [("range", "50 - 80 亩"), ("firm", "徐工")]),
        ("徐工 -30GWh", [("firm", "徐工"), ("excluded", "-30GWh")]),
        ("不超过10亩", [("range", "不超过10亩")]),
        ("电机 -稀土 -风电", [("word", "电机"), ("excluded", "-稀土"), ("excluded", "-风电")]),
        ("电机不含稀土", [("word", "电机"), ("excluded", "不含稀土")]),
        ("不要光伏 储能", [("excluded", "不要光伏"), ("word", "储能")]),
        ("“热处理，外协” 徐工", [("phrase", "“热处理，外协”"), ("firm", "徐工")]),
        ("储能-光伏", [("word", "储能"), ("word", "光伏")]),
        ("2026-10-13", [("date", "2026-10-13")]),
    ],
)
def test_parts(text, parts):
    assert understood(text) == parts


def test_every_part_can_be_taken_away():
    query = query_of("上周 拜访 徐工 30 GWh -风电")
    assert [chip.without for chip in query.understood] == [
        "拜访 徐工 30 GWh -风电",
        "上周 徐工 30 GWh -风电",
        "上周 拜访 30 GWh -风电",
        "上周 拜访 徐工 -风电",
        "上周 拜访 徐工 30 GWh",
    ]


def test_a_firm_is_found_by_itself_its_group_and_its_other_names():
    (clause,) = query_of("昆峰").clauses
    marks = {mark for way in clause.marks for mark in way.marks}
    assert {"is:company:4", "is:company:5", "company:4", "company:5", "is:of:5"} <= marks
    assert {way.term for way in clause.texts} == {"昆峰", "示例昆峰"}
    assert next(way for way in clause.texts if way.term == "昆峰").rather == ("昆峰山庄",)
    assert GROUP.id == 4


def test_a_name_of_latin_letters_counts_only_as_a_word_of_its_own():
    (clause,) = query_of("卡特").clauses
    assert {way.term: way.whole for way in clause.texts}["cat"] is True
    assert {way.term: way.unless for way in clause.texts}["卡特"] == ("卡特尔", "皮卡特种")


def test_a_wider_term_finds_narrower_ones_and_not_the_reverse():
    assert [way.term for way in query_of("负极").clauses[0].texts] == ["负极", "负极材料", "硬碳"]
    assert [way.term for way in query_of("硬碳").clauses[0].texts] == ["硬碳"]


def test_an_exclusion_holds_for_all_names_of_a_firm_and_for_what_means_the_same():
    firm, term, label = query_of("电机 -徐工 -负极 -流失").excluded
    assert Marked(("is:company:1",), points=5.0) in firm.ways
    assert "xcmg" in {way.term for way in firm.texts}
    assert "负极材料" in {way.term for way in term.texts}
    assert ("status:lost",) in [way.marks for way in label.marks]


def test_what_happens_on_a_day_is_asked_by_that_day():
    (required,) = query_of("三季度签约").required
    assert {mark for way in required.marks for mark in way.marks} == {
        "stage:signed:202607", "stage:signed:202608", "stage:signed:202609",
    }  # fmt: skip


def test_a_stage_that_goes_on_is_a_filter_beside_the_date():
    stage, day = query_of("深度洽谈 2026年9月").required
    assert stage.ways == (Marked(("stage:negotiating",)),)
    assert day.ways == (Marked(("day:202609",)),)


def test_amounts_hold_even_where_a_search_takes_some_of_the_words():
    amount, word = query_of("30GWh 储能").clauses
    assert amount.must
    assert not word.must


def test_loosened_takes_filters_as_the_words_they_are():
    query = loosened(query_of("三季度签约"))
    assert query.terms == ("三季度", "签约")
    assert not query.required
    assert not query.preferred


def test_a_phone_number_is_looked_for_in_texts_as_well():
    (clause,) = query_of("+86 138-0000-0000").clauses
    assert ("phone:13800000000",) in [way.marks for way in clause.marks]


def test_a_range_says_land_in_square_metres():
    (chip,) = query_of("不少于300亩").understood
    assert chip.value == {"dimension": "sqm", "low": 200_000.0, "high": None}


@pytest.mark.parametrize("text", ["", "-", '"', "。。。", "  ", "“”", "----", "不要"])
def test_anything_can_be_read(text):
    query = query_of(text)
    assert all(isinstance(way, Text | Marked) for one in query.every_clause() for way in one.ways)
