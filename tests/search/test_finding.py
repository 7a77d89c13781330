"""Contract of every engine: what is found by what."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from search.document import Key
from search.query import Clause, Filters, Meaning, Query, Sort, Text
from tests.search.support import DAY, ZONE, company, ids, keys, note, of_firm, parse

TEXT = "今天陪同徐工程师看了A3栋厂房，规划30GWh电芯，等总部批复；総部ＯＫ，聯繫協鑫顆粒矽。"


@pytest.mark.parametrize(
    "asked",
    [
        "徐工", "程师", "厂房", "等总部批复", "看了A3栋厂房", "A3栋", "3栋", "a3", "GWh", "gwh电芯", "30GWh",
        "30g", "协鑫", "協鑫", "颗粒硅", "顆粒矽", "ok", "ＯＫ", "批复；总", "联系协鑫颗粒硅", "陪同 批复",
    ],
)  # fmt: skip
def test_any_part_of_two_or_more_characters_finds_the_note(put, find, asked):
    put(note(1, TEXT.replace("総", "总")), note(2, "别的内容"))
    assert ids(find(asked).hits) == {1}


@pytest.mark.parametrize("asked", ["徐师", "栋房", "3厂", "gh", "电池", "房30", "ok30", "总ok部"])
def test_characters_that_do_not_stand_together_do_not_match(put, find, asked):
    put(note(1, "徐州的老师，A3栋旧厂房有30间，Green Hydrogen，电解池，总部ok"))
    page = find(asked)
    assert not page.hits
    assert page.total == 0


@pytest.mark.parametrize("asked", ["氟", "矽", "S", "3"])
def test_a_single_character_finds_where_it_occurs(put, find, asked):
    put(note(1, "含氟废水，碳化硅 SiC，3期"), note(2, "没有"))
    assert ids(find(asked).hits) == {1}


def test_a_single_character_finds_no_filter_values(put, find):
    put(note(1, "正文", team="t7", stage="signed", owner="o", kind="k", occurred_on=DAY))
    for asked in "acdkmostz":
        assert not find(asked).hits


@pytest.mark.parametrize("field", ["title", "names", "people", "tags", "ref", "company", "others"])
def test_every_field_is_searched(put, find, field):
    values = {
        "title": {"title": "恒履底盘来访"},
        "names": {"names": ("别名", "恒履底盘")},
        "people": {"people": ("恒履底盘",)},
        "tags": {"tags": ("恒履底盘",)},
        "ref": {"ref": "恒履底盘-7"},
        "company": {"company": of_firm(1, "示例恒履底盘有限公司")},
        "others": {"other_companies": (of_firm(2, "示例恒履底盘有限公司"),)},
    }[field]
    put(note(1, "正文", **values), note(2, "恒履 底盘"))
    assert ids(find("恒履底盘").hits) == {1}


def test_a_term_does_not_reach_from_one_name_into_the_next(put, find):
    put(company(1, "示例一", names=("徐州卡特", "彼勒重工")))
    assert not find("“卡特彼勒”").hits
    assert find("卡特彼勒").relaxed


def test_words_are_all_asked_for(put, find):
    put(note(1, "液压油缸，今天拜访"), note(2, "液压油缸"), note(3, "今天拜访"))
    page = find("液压 拜访")
    assert ids(page.hits) == {1}
    assert not page.relaxed


def test_where_nothing_has_all_words_those_with_some_come_and_say_so(put, find):
    put(note(1, "液压油缸"), note(2, "今天拜访"), note(3, "别的"))
    page = find("液压 拜访 隔膜")
    assert page.relaxed
    assert ids(page.hits) == {1, 2}


def test_a_long_word_that_is_nowhere_finds_its_separated_pieces(put, find):
    put(note(1, "等集团总部研究后再批复"), note(2, "总部很远"), note(3, "等总"))
    page = find("等总部批复")
    assert page.relaxed
    assert ids(page.hits) == {1}
    put(note(4, "等总部批复"))
    page = find("等总部批复")
    assert not page.relaxed
    assert ids(page.hits) == {4}


def test_a_phrase_in_quotation_marks_must_be_there(put, find):
    put(note(1, "热处理外协找本地厂"), note(2, "热处理要外协"))
    assert ids(find("“热处理外协”").hits) == {1}
    assert ids(find('外协 "热处理要"').hits) == {2}
    assert not find('"热处理全外协"').hits


@pytest.mark.parametrize(
    "asked", ["电机 -稀土", "电机 不要稀土", "电机 不含稀土", "-稀土 电机", "电机 －稀土"]
)
def test_an_exclusion_holds(put, find, asked):
    put(
        note(1, "电机项目"),
        note(2, "电机用稀土"),
        note(3, "电机", title="稀土来访"),
        note(4, "电机", company=of_firm(1, "示例稀土公司")),
    )
    page = find(asked)
    assert ids(page.hits) == {1}
    assert page.total == 1


def test_the_firm_stands_before_what_is_said_about_it(put, find):
    put(
        note(1, "徐工程师来了，徐工徐工", title="徐工程师来访", occurred_on=DAY),
        note(2, "谈合作", company=of_firm(1, "徐工集团"), occurred_on=DAY),
        company(1, "徐工集团", names=("徐工", "XCMG"), updated_at=note(1, "").updated_at),
        company(2, "示例徐工配套厂"),
    )
    found = keys(find("徐工").hits)
    assert found[:2] == [("company", 1), ("company", 2)]
    assert found[-1] == ("interaction", 2)


def test_exact_phrase_before_close_before_all(put, find):
    filler = "这里说的是别的事情" * 8
    put(
        note(1, f"总部在外地，{filler}，等批复", occurred_on=DAY),
        note(2, "总部还没有批复", occurred_on=DAY - timedelta(days=1)),
        note(3, "等总部批复", occurred_on=DAY - timedelta(days=2)),
    )
    assert [key[1] for key in keys(find("总部 批复").hits)] == [3, 2, 1]


def test_title_and_names_weigh_more_than_text(put, find):
    put(note(1, "隔膜" * 20, occurred_on=DAY), note(2, "谈", title="隔膜项目来访"))
    assert [key[1] for key in keys(find("隔膜").hits)] == [2, 1]


def test_another_amount_is_not_found_by_a_part_of_its_number(put, find):
    put(
        note(1, "要地120亩", occurred_on=DAY),
        note(2, "要地20亩", occurred_on=DAY - timedelta(days=9)),
    )
    assert ids(find("20亩").hits) == {2}


def test_newer_first_among_equals_and_active_before_that(put, find):
    put(
        note(1, "隔膜", occurred_on=DAY),
        note(2, "隔膜", occurred_on=DAY + timedelta(days=1)),
        note(3, "隔膜", occurred_on=DAY - timedelta(days=9), status="active"),
    )
    assert [key[1] for key in keys(find("隔膜").hits)] == [3, 2, 1]


def test_newest_first_on_request(put, find):
    days = [5, 1, 9, 3]
    put(*(note(n, "隔膜", occurred_on=DAY + timedelta(days=n), status="active") for n in days))
    page = find("隔膜", sort=Sort.DATE)
    assert [key[1] for key in keys(page.hits)] == [9, 5, 3, 1]


def test_pages_follow_one_another_without_gap_or_repetition(put, find):
    put(*(note(n, f"隔膜{n}", occurred_on=DAY + timedelta(days=n % 7)) for n in range(57)))
    for sort in Sort:
        seen = [key for p in range(1, 5) for key in keys(find("隔膜", page=p, sort=sort).hits)]
        assert len(seen) == len(set(seen)) == 57
        assert find("隔膜", page=9, sort=sort).hits == ()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(types=("company",)), {9}),
        (Filters(types=("interaction",)), {1, 2, 3}),
        (Filters(stages=("contacted",)), {1}),
        (Filters(stages=("contacted", "signed")), {1, 2}),
        (Filters(statuses=("lost",)), {2}),
        (Filters(teams=("3",)), {1, 3}),
        (Filters(teams=("3",), stages=("signed",)), set()),
        (Filters(owners=("周敏",)), {2}),
        (Filters(kinds=("visit",)), {3}),
        (Filters(companies=(77,)), {1, 3}),
        (Filters(since=date(2026, 9, 2)), {2, 3}),
        (Filters(until=date(2026, 9, 2)), {1, 2}),
        (Filters(since=date(2026, 9, 2), until=date(2026, 9, 2)), {2}),
        (Filters(since=date(2026, 9, 3), until=date(2026, 9, 2)), set()),
        (Filters(since=date.min, until=date.max), {1, 2, 3}),
    ],
)
def test_filters_narrow(put, find, filters, expected):
    firm, other = of_firm(77, "示例甲"), of_firm(78, "示例乙")
    put(
        note(1, "隔膜", stage="contacted", team="3", company=firm, occurred_on=date(2026, 9, 1)),
        note(2, "隔膜", stage="signed", status="lost", owner="周敏", occurred_on=date(2026, 9, 2)),
        note(
            3, "隔膜", kind="visit", team="3", company=other, other_companies=(firm,),
            occurred_on=date(2026, 9, 3),
        ),
        company(9, "示例隔膜厂"),
    )  # fmt: skip
    page = find("隔膜", filters=filters)
    assert ids(page.hits) == expected
    assert page.total == len(expected)
    without_words = find("", filters=filters)
    assert ids(without_words.hits) == expected


def test_changes_and_deletions_take_effect(engine, put, find):
    first = note(1, "原来谈隔膜", team="3", occurred_on=DAY)
    put(first, note(2, "隔膜"))
    put(replace(first, text="现在谈电解液", team="4", occurred_on=DAY + timedelta(days=3)))
    assert ids(find("隔膜").hits) == {2}
    assert ids(find("电解液").hits) == {1}
    assert find("谈", filters=Filters(teams=("3",))).total == 0
    with engine.write() as batch:
        batch.delete([Key("interaction", 1), Key("interaction", 4711), Key("project", 1)])
    engine.refresh()
    assert not find("电解液").hits
    assert engine.documents() == {"interaction": 1}


def test_a_batch_that_fails_leaves_everything_as_it_was(engine, put, find):
    put(note(1, "隔膜"))

    def write() -> None:
        with engine.write() as batch:
            batch.index([note(1, "电解液"), note(2, "电解液")])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write()
    engine.refresh()
    assert ids(find("隔膜").hits) == {1}
    assert not find("电解液").hits


def test_what_one_has_written_the_other_finds(engine, open_engine, put):
    other = open_engine()
    assert other.documents() == {}
    put(note(1, "隔膜"))
    assert ids(other.search(parse("隔膜"), access=ZONE).hits) == {1}


def test_counts_beyond_the_limit_are_lower_bounds(put, find):
    put(*(note(n, "隔膜", occurred_on=DAY + timedelta(days=n % 50)) for n in range(10_050)))
    put(company(1, "示例隔膜厂", names=("隔膜",), occurred_on=date(2001, 1, 1)))
    page = find("隔膜")
    assert page.total is None
    assert page.total_at_least == 10_000
    assert keys(page.hits)[0] == ("company", 1)
    assert len(find("隔膜", page=50, per_page=200).hits) == 200
    assert find("隔膜 厂").total == 1


def test_a_term_inside_strings_of_another_meaning_does_not_count(put, engine):
    put(
        note(1, "皮卡特种车项目"),
        note(2, "卡特来访"),
        note(3, "皮卡特种车，也谈到卡特"),
        note(4, "卡特尔协议"),
    )
    for others in (
        ("皮卡特种车",), ("皮卡特种车", "卡特尔"), ("卡特尔", "皮卡特种车", "卡特琳"),
        ("卡特琳", "皮卡特种车", "卡特尔", "卡特莱"), (*(f"卡特{n}" for n in range(30)), "皮卡特", "卡特尔"),
    ):  # fmt: skip
        expected = {2, 3, 4} if len(others) == 1 else {2, 3}
        way = Text("卡特", unless=others)
        query = Query(clauses=(Clause(Meaning.WORD, (way,), typed="卡特"),))
        page = engine.search(query, access=ZONE)
        assert ids(page.hits) == expected, others
        assert page.total == len(expected)
        query = Query(excluded=(Clause(Meaning.WORD, (way,), typed="卡特"),))
        assert ids(engine.search(query, access=ZONE).hits) == {1, 2, 3, 4} - expected
