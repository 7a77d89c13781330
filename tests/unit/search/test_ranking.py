"""In which order hits stand."""

from search.query import Clause, Meaning, Query, Text
from search.ranking import Fields, score


def words(*terms):
    """A query for words without other meanings."""
    return Query(clauses=tuple(Clause(Meaning.WORD, (Text(term),), typed=term) for term in terms))


def fields(text="", *, type="interaction", title="", names="", about="", active=False):
    """A document's fields, empty unless given."""
    return Fields(type, title, names, about, text, active)


def order(query, **candidates):
    """The names of the candidates, best first."""
    return sorted(candidates, key=lambda name: -score(query, candidates[name]))


def test_phrase_close_all_some():
    query = words("总部", "批复")
    assert order(
        query,
        some=fields("总部总部总部", title="总部"),
        apart=fields("总部" + "甲" * 60 + "批复"),
        close=fields("总部还没有批复"),
        phrase=fields("等总部批复"),
        parted=fields("等总部 批复", active=True),
    ) == ["parted", "phrase", "close", "apart", "some"]


def test_fields_by_weight():
    query = words("隔膜")
    assert order(
        query,
        text=fields("隔膜" * 9),
        about=fields(about="隔膜"),
        title=fields(title="谈隔膜"),
    ) == ["title", "about", "text"]


def test_a_firm_before_what_is_said_about_it():
    query = words("徐工")
    assert order(
        query,
        note=fields("徐工", title="徐工"),
        firm=fields(type="company", title="徐工集团", names="徐工"),
        other=fields(type="company", title="示例徐工配套"),
        begins=fields(type="company", title="徐工汽车"),
    ) == ["firm", "begins", "note", "other"]


def test_a_part_of_a_number_or_word_comes_later():
    assert order(words("20亩"), part=fields("120亩"), whole=fields("要20亩")) == [
        "whole",
        "part",
    ]
    query = words("cat")
    assert order(
        query, inside=fields("education"), begins=fields("caterpillar"), whole=fields("找cat谈")
    ) == ["whole", "begins", "inside"]
    assert score(words("gwh"), fields("30gwh")) == score(words("gwh"), fields("gwh"))


def test_active_first_among_equals():
    query = words("隔膜")
    assert score(query, fields("隔膜", active=True)) > score(query, fields("隔膜"))
    assert score(Query(), fields(active=True)) > score(Query(), fields())
