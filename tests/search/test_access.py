"""Contract of every engine: nobody learns of what he may not see."""

from dataclasses import replace

import pytest

from search.query import Filters
from tests.search.support import ids, note, parse

OPEN = frozenset({"zone"})
TEAM = frozenset({"team:3", "mgr"})
SECRET = frozenset({"lead:7", "user:9"})


@pytest.fixture(autouse=True)
def notes(put):
    put(
        note(1, "谈隔膜", access=OPEN, stage="contacted", team="3"),
        note(2, "谈隔膜", access=TEAM, stage="signed", team="3"),
        note(3, "密谈隔膜 湿法", access=SECRET, stage="negotiating", team="5"),
        note(4, "谈隔膜", access=frozenset()),
    )


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (frozenset(), set()),
        (frozenset({"nobody"}), set()),
        (OPEN, {1}),
        (frozenset({"zone", "team:3"}), {1, 2}),
        (frozenset({"mgr"}), {2}),
        (frozenset({"user:9"}), {3}),
        (frozenset({"zone", "team:3", "lead:7"}), {1, 2, 3}),
        (frozenset({"ZONE", "zone ", "team", "team:33", "zone OR mgr", '"', "*", ""}), set()),
    ],
)
def test_hits_counts_and_facets_stay_within_access(find, access, expected):
    for asked in ("隔膜", "", '"隔膜"', "-没有的词"):
        page = find(asked, access=access)
        assert ids(page.hits) == expected
        assert page.total == page.total_at_least == len(expected)
        assert sum(page.facets.get("type", {}).values()) == len(expected)
        assert ("5" in page.facets.get("team", {})) == (3 in expected)
        assert ("negotiating" in page.facets.get("stage", {})) == (3 in expected)


def test_facets_of_other_values_are_counted_within_access_too(find):
    page = find("隔膜", access=OPEN, filters=Filters(stages=("contacted",)))
    assert page.facets["stage"] == {"contacted": 1}
    page = find("隔膜", access=OPEN | TEAM, filters=Filters(stages=("contacted",)))
    assert page.facets["stage"] == {"contacted": 1, "signed": 1}
    assert page.facets["type"] == {"interaction": 1}


def test_looser_matching_reveals_nothing(find):
    page = find("隔膜 湿法 干法", access=OPEN)
    assert ids(page.hits) == {1}
    page = find("密谈隔湿法膜", access=OPEN)
    assert not page.hits


def test_access_taken_away_takes_effect_at_once(put, find):
    put(note(1, "谈隔膜", access=SECRET))
    assert not find("隔膜", access=OPEN).hits
    put(replace(note(1, "谈隔膜"), access=OPEN))
    assert ids(find("隔膜", access=OPEN).hits) == {1}


def test_access_must_be_given(engine):
    with pytest.raises(TypeError):
        engine.search(parse("隔膜"))


def test_tokens_are_compared_whole(put, find):
    put(note(5, "谈隔膜", access=frozenset({"user:12", "组:甲 乙", "Team:A"})))
    assert not find("隔膜", access=frozenset({"user:1"})).hits
    assert not find("隔膜", access=frozenset({"组:甲"})).hits
    assert not find("隔膜", access=frozenset({"team:a"})).hits
    assert ids(find("隔膜", access=frozenset({"组:甲 乙"})).hits) == {5}
    assert ids(find("隔膜", access=frozenset({"Team:A"})).hits) == {5}


def test_text_cannot_pass_for_a_token(put, find):
    put(note(6, "access:zone type:company access：mgr", access=SECRET))
    assert 6 not in ids(find("access", access=OPEN | TEAM).hits)


def test_many_tokens_are_answered(find):
    many = frozenset(f"lead:{number}" for number in range(3_000))
    assert ids(find("隔膜", access=many).hits) == {3}
