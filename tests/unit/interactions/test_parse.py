"""Reading pasted texts into suggestions."""

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from crm.interactions.parse import read, read_chat
from crm.interactions.parse.days import find_days
from crm.interactions.parse.suggestion import LABELS

# A Tuesday.
ON = date(2026, 11, 24)
FIRMS = [("示例北辰液压", 1), ("北辰", 2), ("ABC", 3)]


def values(text: str, field: str) -> list[str]:
    return [one.value for one in read(text, on=ON, firms=FIRMS) if one.field == field]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-10-01", date(2026, 10, 1)),
        ("2026年10月1日", date(2026, 10, 1)),
        ("2026/1/5", date(2026, 1, 5)),
        ("9月26日", date(2026, 9, 26)),
        ("９月２６日", date(2026, 9, 26)),
        ("1月5号", date(2027, 1, 5)),
        ("26号", date(2026, 11, 26)),
        ("3号", date(2026, 12, 3)),
        ("今天", ON),
        ("明天", date(2026, 11, 25)),
        ("大后天", date(2026, 11, 27)),
        ("前天", date(2026, 11, 22)),
        ("周五下午", date(2026, 11, 27)),
        ("周一", date(2026, 11, 30)),
        ("本周一", date(2026, 11, 23)),
        ("下周三", date(2026, 12, 2)),
        ("下下周三", date(2026, 12, 9)),
        ("上周五", date(2026, 11, 20)),
        ("星期天", date(2026, 11, 29)),
        ("本月底", date(2026, 11, 30)),
        ("下个月初", date(2026, 12, 1)),
        ("下月中旬", date(2026, 12, 15)),
        ("年底", date(2026, 12, 31)),
        ("三天后", date(2026, 11, 27)),
        ("2周后", date(2026, 12, 8)),
        ("3个月后", date(2027, 2, 24)),
    ],
)
def test_days(words: str, day: date) -> None:
    text = f"约在{words}见面"
    (found,) = find_days(text, ON)
    assert found.day == day
    assert words.startswith(text[found.start : found.end])


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "13月1日", "2月30日", "第26号楼", "26号楼", "99号", "9.26", "周期", "0000-01-01", "9999-12-31"],
)  # fmt: skip
def test_no_days(text: str) -> None:
    assert find_days(text, ON) == []


def test_the_example_of_the_desk() -> None:
    text = (
        "对方说 11月26日 来看地，标厂不够用，想要200亩左右，一期投3.5亿，先上两条线，"
        "大概用工260人。还要等总部批复，能耗指标问得比较细。"
    )
    found = {(one.field, one.value) for one in read(text, on=ON)}
    assert found >= {
        ("next_on", "2026-11-26"),
        ("land_mu", "200亩"),
        ("investment_wan_cny", "3.5亿"),
        ("jobs", "260"),
    }


def test_a_day_that_is_gone_is_that_of_the_contact() -> None:
    assert values("昨天去了工厂，下周三再去", "occurred_on") == ["2026-11-23"]
    assert values("昨天去了工厂，下周三再去", "next_on") == ["2026-12-02"]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("总投资3000万美元", "foreign_capital_wan_usd", "3000万美元"),
        ("固投6.2亿元", "fixed_investment_wan_cny", "6.2亿元"),
        ("投资1,200万，分两期", "investment_wan_cny", "1,200万"),
        ("年产值二十亿左右", "output_wan_cny", "二十亿"),
        ("税收5000万元", "tax_wan_cny", "5000万元"),
        ("要13公顷", "land_mu", "13公顷"),
        ("厂房3万平方米", "floor_area_sqm", "3万平方米"),
        ("年能耗1.2万吨标煤", "energy_tce", "1.2万吨标煤"),
        ("就业约300人", "jobs", "300"),
    ],
)
def test_figures(text: str, field: str, value: str) -> None:
    assert values(text, field) == [value]


@pytest.mark.parametrize(
    "text", ["年产8万吨", "3亿只", "30GWh", "销量3000万台", "有260人参观", "-3亿"]
)
def test_what_is_counted_otherwise_is_no_amount(text: str) -> None:
    found = {one.field for one in read(text, on=ON)}
    assert not found & {"investment_wan_cny", "jobs", "land_mu"} - (
        {"investment_wan_cny"} if text == "-3亿" else set()
    )


def test_the_longest_name_wins_and_hides_what_is_inside() -> None:
    assert values("去了示例北辰液压，也问了 abc", "company") == ["1", "3"]
    assert values("北辰来电", "company") == ["2"]


def test_people() -> None:
    assert values("见了张总和李建国经理，王工程师不在", "contact_name") == ["张总", "李建国经理"]
    assert values("赵明说要再看看", "contact_name") == ["赵明"]
    assert values("总投资很大，施工单位说可以", "contact_name") == []


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("谈得好。下一步：寄样品，看地。完", "寄样品，看地"),
        ("约好周五来看厂房", "约好周五来看厂房"),
        ("请王总发送能耗测算表", "请王总发送能耗测算表"),
        ("待股东会批复", "待股东会批复"),
    ],
)
def test_next_steps(text: str, step: str) -> None:
    assert values(text, "next_step") == [step]


def test_a_chat_is_read_message_by_message() -> None:
    text = "张三 11/20 14:03\n王总明天来\n李四 2026-11-22 08:11:09\n好的\n第二行\n赵六 9:30\n收到"
    chat = read_chat(text, on=ON)
    assert [(m.speaker, m.day, m.text) for m in chat] == [
        ("张三", date(2026, 11, 20), "王总明天来"),
        ("李四", date(2026, 11, 22), "好的\n第二行"),
        ("赵六", date(2026, 11, 22), "收到"),
    ]
    found = read(text, on=ON)
    assert ("kind", "wechat") in [(one.field, one.value) for one in found]
    assert values(text, "occurred_on")[0] == "2026-11-22"
    # 明天 counts from the message's own day, and is over by now.
    assert "2026-11-21" in values(text, "occurred_on")


def test_a_plain_note_is_no_chat() -> None:
    assert read_chat("下午 14:30 到厂里，谈了两小时", on=ON) == []


PIECES = st.sampled_from(
    ["张三 9/12 14:03\n", "9月26日", "下周三", "二百亩", "3.5亿", "本月底", "下一步", "请", "发送", "。", "，",
     "王总", "说", "示例北辰液压", "2026-02-30", "１２号", "万美元", "\n", "用工", "99999999999人", "İ", "\x00",
     "30号", "12个月后", "年底", "\ud83d", "🙂", "投资", "-", "零"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)),
    st.dates(date(1980, 1, 1), date(2200, 12, 31)),
)
def test_any_text_is_read_without_fault(text: str, on: date) -> None:
    for one in read(text, on=on, firms=[*FIRMS, ("i̇", 4), ("", 5)]):
        assert one.source_text
        assert one.source_text in text
        assert one.label == LABELS[one.field]
        assert one.value
        if one.field in ("occurred_on", "next_on"):
            assert abs(date.fromisoformat(one.value) - on).days <= 366 * 5 + 366
        if one.field == "next_on":
            assert date.fromisoformat(one.value) >= on


@pytest.mark.parametrize(
    "text", ["亿" * 20_000, "1" * 20_000, "张" * 20_000, "请" * 20_000, "a " * 10_000]
)
def test_long_texts_are_read_in_good_time(text: str) -> None:
    import time

    begun = time.perf_counter()
    read(text, on=ON, firms=FIRMS)
    assert time.perf_counter() - begun < 2
