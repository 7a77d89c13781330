"""Why a document ranks where it does."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from search.document import Document, Link
from search.explaining import explained, fields_of
from search.query import Clause, Meaning, Query, Text
from search.ranking import score
from search.understanding import read
from tests.unit.search.known import KnownLexicon

NOTE = Document(
    type="interaction", id=1, title="示例厂", text="徐工的轴承，30GWh储能，等总部批复",
    updated_at=datetime(2026, 11, 1, tzinfo=UTC), access=frozenset({"zone"}),
    company=Link(9, "示例厂"), occurred_on=date(2026, 9, 1), kind="visit", status="active",
    stage="signed",
)  # fmt: skip


def query_of(text):
    return read(text, KnownLexicon(), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        ("等总部批复", {"phrase", "field", "active"}),
        ("轴承 储能", {"close", "field", "active"}),
        ("30GWh 轴承", {"phrase", "mark", "field", "active"}),
        ("拜访 徐工", {"all", "mark", "field", "active"}),
        ("9月 签约", {"preferred", "active"}),
        ("隔膜 徐工", {"some", "field", "active"}),
    ],
)
def test_rules(asked, rules):
    found = explained(query_of(asked), NOTE)
    assert {reason.rule for reason in found.reasons} <= rules
    assert rules - {"close", "phrase"} <= {reason.rule for reason in found.reasons}


texts = st.sampled_from(
    ["徐工", "储能", "30GWh", "-风电", "拜访", "9月", "签约", "“总部批复”", "隔膜", "xg"]
)


@given(st.lists(texts, max_size=5))
def test_the_parts_add_up_to_the_score(parts):
    query = query_of(" ".join(parts))
    found = explained(query, NOTE)
    assert found.score == pytest.approx(score(query, fields_of(NOTE)))
    assert all(reason.points for reason in found.reasons)


def test_what_is_lacking_and_what_is_forbidden():
    found = explained(query_of("隔膜 徐工 -储能"), NOTE)
    assert [clause.typed for clause in found.lacking] == ["隔膜"]
    assert [clause.typed for clause in found.forbidden] == ["储能"]


def test_a_full_hit_lacks_nothing():
    found = explained(query_of("上季度 签约 徐工 30吉瓦时"), NOTE)
    assert not found.lacking
    assert not found.forbidden


def test_the_name_of_the_firm_above_a_note_is_no_title_of_its_own():
    query = Query(clauses=(Clause(Meaning.WORD, (Text("示例厂"),), typed="示例厂"),))
    lead = Document(
        type="lead", id=1, title="示例厂扩建", updated_at=NOTE.updated_at, access=NOTE.access,
        company=Link(9, "示例厂"),
    )  # fmt: skip
    assert explained(query, lead).score > explained(query, NOTE).score


def test_a_name_inside_the_name_of_another_counts_less():
    def asked(*, rather):
        way = Text("天通", rather=rather)
        query = Query(clauses=(Clause(Meaning.FIRM, (way,), typed="天通"),))
        document = Document(
            type="company", id=1, title="示例天通苑物业", updated_at=NOTE.updated_at,
            access=NOTE.access,
        )  # fmt: skip
        return explained(query, document)

    other = asked(rather=("天通苑物业",))
    assert other.score < asked(rather=()).score * 0.7
    assert not other.lacking
