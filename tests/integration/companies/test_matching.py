"""Whoever types half a name, a code, a phone number or pinyin finds the firm."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import queries
from crm.companies.models import Company
from tests.factories import CompanyFactory, ContactFactory
from tests.support.statements import Statements


@pytest.fixture
def firms(app: Flask, db_session: Session) -> dict[str, Company]:
    """Firms with names that are easily mistaken; their exclusions are reference data."""
    made = {
        "徐工": CompanyFactory(name="徐工集团", aliases=["徐工", "XCMG", "000425"]),
        "卡特": CompanyFactory(
            name="卡特彼勒（徐州）有限公司", aliases=["卡特", "Caterpillar", "CAT"]
        ),
        "中环": CompanyFactory(name="TCL中环", aliases=["中环领先"]),
        "比亚迪": CompanyFactory(
            name="比亚迪股份有限公司", short_name="比亚迪", aliases=["弗迪电池"]
        ),
        "协鑫": CompanyFactory(name="协鑫集团", aliases=["江苏中能"]),
        "工程师": CompanyFactory(name="徐工程师事务所"),
        "皮卡": CompanyFactory(name="江苏皮卡特种车有限公司"),
    }
    db_session.commit()
    return made


FINDS = (
    ("徐工", "徐工", "name"),
    ("徐工集", "徐工", "name"),
    ("徐工集团有限公司", "徐工", "name"),
    ("xcmg", "徐工", "alias"),
    ("xugong", "徐工", "pinyin"),
    ("xg", "徐工", "pinyin"),
    ("ＸＧ", "徐工", "pinyin"),
    ("卡特", "卡特", "alias"),
    ("cater", "卡特", "alias"),
    ("中环", "中环", "alias"),
    ("tclzh", "中环", "pinyin"),
    ("byd", "比亚迪", "pinyin"),
    ("弗迪", "比亚迪", "alias"),
    ("協鑫", "协鑫", "name"),
    ("协新", "协鑫", "spelling"),
    ("卡特比勒徐州", "卡特", "spelling"),
    ("比亚笛", "比亚迪", "spelling"),
    ("zhongneng", "协鑫", "pinyin"),
)


def test_typeahead_finds(firms: dict[str, Company]) -> None:
    for typed, wanted, by in FINDS:
        found = queries.typeahead(typed)
        assert found, typed
        assert (found[0].company_id, found[0].matched_by) == (firms[wanted].id, by), typed


EXCLUDED = (
    ("徐工", "工程师"),
    ("卡特", "皮卡"),
    ("徐工程师", "徐工"),
    ("皮卡特种车", "卡特"),
    ("卡特尔", "卡特"),
    ("catering ltd", "卡特"),
)


def test_exclusions_hold(firms: dict[str, Company]) -> None:
    for typed, unwanted in EXCLUDED:
        for found in (queries.typeahead(typed), queries.find_matches(name=typed)):
            assert firms[unwanted].id not in [match.company_id for match in found], typed


def test_exclusions_hold_in_the_list(firms: dict[str, Company], db_session: Session) -> None:
    for typed, unwanted in EXCLUDED:
        found = db_session.scalars(select(Company.id).where(queries.name_condition(typed))).all()
        assert firms[unwanted].id not in found, typed
    named = set(db_session.scalars(select(Company.id).where(queries.name_condition("卡特"))))
    assert named == {firms["卡特"].id}


def test_exclusions_hold_for_every_firm_that_bears_the_alias(
    firms: dict[str, Company], db_session: Session
) -> None:
    second = CompanyFactory(name="示例贸易有限公司", aliases=["徐工"])
    db_session.commit()
    assert second.id in [match.company_id for match in queries.typeahead("徐工")]
    found = queries.find_matches(name="徐工程师")
    assert second.id not in [match.company_id for match in found]


def test_a_typed_name_finds_the_firm_it_contains(firms: dict[str, Company]) -> None:
    found = queries.find_matches(name="徐州徐工物流有限公司")
    assert [match.company_id for match in found] == [firms["徐工"].id]
    assert found[0].matched_by == "name"


def test_code_and_phone(firms: dict[str, Company], db_session: Session) -> None:
    firm = firms["比亚迪"]
    ContactFactory(company=firm, phone="+86 138-1234-2075")
    db_session.commit()
    by_code = queries.find_matches(uscc=f" {str(firm.uscc).lower()} ")
    assert [(match.company_id, match.matched_by) for match in by_code] == [(firm.id, "uscc")]
    by_phone = queries.find_matches(phone="13812342075")
    assert [(match.company_id, match.matched_by) for match in by_phone] == [(firm.id, "phone")]
    assert queries.typeahead("138 1234 2075")[0].company_id == firm.id
    assert queries.typeahead(str(firm.uscc)[:12])[0].matched_by == "uscc"


def test_ranking(app: Flask, db_session: Session) -> None:
    spelling = CompanyFactory(name="宏达精蜜")
    inside = CompanyFactory(name="江苏宏达精密机械有限公司")
    prefix = CompanyFactory(name="宏达精密机械有限公司")
    exact = CompanyFactory(name="宏达精密有限公司")
    word = CompanyFactory(name="徐州（宏达精密）制造")
    db_session.commit()
    ids = [match.company_id for match in queries.find_matches(name="宏达精密")]
    assert ids == [company.id for company in (exact, prefix, word, inside, spelling)]


def test_merged_firms_are_not_found(firms: dict[str, Company], db_session: Session) -> None:
    firms["协鑫"].merged_into_id = firms["徐工"].id
    db_session.commit()
    assert not queries.typeahead("协鑫")
    assert not queries.find_matches(uscc=str(firms["协鑫"].uscc))


HOSTILE = (
    "", " ", "%", "_", "\\", "'; --", "🙂", "有限公司", "a" * 10_000, "徐" * 10_000, "\x00", "=1+1", "\ud800",
)  # fmt: skip


def test_any_text_gets_an_answer(firms: dict[str, Company], db_session: Session) -> None:
    for typed in HOSTILE:
        assert len(queries.typeahead(typed)) <= 10
        assert len(queries.find_matches(name=typed, uscc=typed, phone=typed)) <= 8
        db_session.scalars(select(Company.id).where(queries.name_condition(typed))).all()


def test_percent_is_no_wildcard(firms: dict[str, Company]) -> None:
    assert not queries.find_matches(name="%%")
    assert not queries.find_matches(name="徐_")


def test_statements_do_not_grow_with_the_firms(
    firms: dict[str, Company],
    db_session: Session,
    count_statements: Callable[[], AbstractContextManager[Statements]],
) -> None:
    CompanyFactory.create_batch(30)
    db_session.commit()
    with count_statements() as ran:
        queries.find_matches(name="示例第3机械有限公司", uscc="91320301", phone="13800000000")
    assert ran.total <= 8, ran
    with count_statements() as ran:
        queries.typeahead("示例")
    assert ran.total <= 4, ran
