"""What the reader of queries knows of the database, as it is at this moment."""

import pytest
from flask import Flask

from crm import indexing
from crm.companies.kinds import NameKind
from crm.companies.models import NameExclusion
from crm.companies.services import update_company
from crm.core import clock
from crm.core.permissions import SYSTEM, Role
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.find import filters, queries
from crm.find.lexicon import DatabaseLexicon
from crm.find.models import SynonymGroup
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    InteractionFactory,
    UserFactory,
    make_uscc,
)


@pytest.fixture
def firm(db_session):
    return CompanyFactory(name="示例恒履底盘有限公司", short_name="恒履底盘", aliases=("Hanglv",))


def named(term: str) -> list[int]:
    return [one.id for one in DatabaseLexicon().firms_named([term]).get(term, ())]


def sounding(letters: str) -> list[int]:
    return [one.id for one in DatabaseLexicon().firms_sounding(letters)]


def test_a_firm_under_each_of_its_names_legal_suffixes_aside(firm):
    for term in ("示例恒履底盘", "示例恒履底盘有限公司", "恒履底盘", "hanglv"):
        assert named(term) == [firm.id], term
    assert named("恒履") == []


def test_an_alias_counts_at_once(app: Flask, firm):
    with unit_of_work():
        note = InteractionFactory(text="看了四轮一带的样件", company=firm)
        note_id = note.id
    indexing.index().rebuild()
    assert [hit.key.id for hit in ask("坚石履带").page.hits] == []
    with unit_of_work():
        update_company(
            actor=SYSTEM, on=clock.today(), company=db.session.merge(firm),
            values={"aliases": [{"name": "坚石履带", "kind": NameKind.BRAND}]},
            version=firm.version,
        )  # fmt: skip
    assert named("坚石履带") == [firm.id]
    found = [(hit.type, hit.id) for hit in ask("坚石履带").page.hits]
    assert found[0] == ("company", firm.id)
    assert ("interaction", note_id) in found


def ask(text: str) -> queries.Answer:
    return queries.run(SYSTEM, filters.Request(q=text))


def test_the_beginning_of_a_name_means_the_firms_of_one_group_alone(firm):
    lexicon = DatabaseLexicon()
    assert [one.id for one in lexicon.firms_beginning("恒履")] == [firm.id]
    CompanyFactory(name="恒履物业")
    assert DatabaseLexicon().firms_beginning("恒履") == ()


def test_a_group_with_daughters_and_their_daughters(db_session):
    group = CompanyFactory(name="示例昆峰集团")
    daughter = CompanyFactory(name="示例磐石液压", parent=group)
    other = CompanyFactory(name="示例砺行", parent=daughter)
    (found,) = DatabaseLexicon().firms_named(["示例昆峰"])["示例昆峰"]
    assert set(found.members) == {daughter.id, other.id}


@pytest.mark.parametrize(
    "letters", ["henglvdipan", "henglv", "hldp", "hld", "恒lv底pan", "heng履底盘"]
)
def test_pinyin_initials_and_mixtures(firm, letters):
    assert sounding(letters) == [firm.id]


def test_a_word_within_a_name_by_its_sound(db_session):
    firm = CompanyFactory(name="江苏示例青禾半导体有限公司")
    assert sounding("qinghe") == [firm.id]
    assert sounding("inghe") == []
    assert sounding("青he半导体") == [firm.id]
    assert sounding("红he半导体") == []


def test_exclusions_hold_for_any_firm_that_bears_the_name(db_session):
    CompanyFactory(name="示例甲", aliases=("示徐",))
    CompanyFactory(name="示例乙", aliases=("示徐",))
    db_session.add(NameExclusion(name="示徐", excluded="示徐师傅"))
    db_session.flush()
    assert DatabaseLexicon().other_meanings("示徐") == ("示徐师傅",)
    assert DatabaseLexicon().other_meanings("师傅") == ("示徐师傅",)
    assert DatabaseLexicon().other_meanings("示徐师傅") == ()


def test_an_exclusion_counts_at_once_in_the_search(app: Flask, firm):
    with unit_of_work():
        CompanyFactory(name="示例石徐重工", aliases=("石徐",))
        good = InteractionFactory(text="给石徐配套", company=firm)
        bad = InteractionFactory(text="石徐来师傅带队", company=firm)
        ids = good.id, bad.id
    indexing.index().rebuild()
    both = {hit.id for hit in ask("石徐").page.hits if hit.type == "interaction"}
    assert both == set(ids)
    with unit_of_work() as session:
        session.add(NameExclusion(name="石徐", excluded="石徐来师傅"))
    left = {hit.id for hit in ask("石徐").page.hits if hit.type == "interaction"}
    assert left == {ids[0]}


def test_longer_names_of_others_and_not_of_the_group(db_session):
    firm = CompanyFactory(name="示例天通股份", aliases=("天通",))
    CompanyFactory(name="天通新材料", parent=firm)
    CompanyFactory(name="示例天通股份徐州")
    CompanyFactory(name="天通苑物业有限公司")
    (known,) = DatabaseLexicon().firms_named(["天通"])["天通"]
    assert DatabaseLexicon().longer_names(["天通"], [known]) == ("天通苑物业",)
    assert DatabaseLexicon().longer_names([], [known]) == ()


def test_a_code_or_phone_number_names_a_firm(firm):
    ContactFactory(company=firm, phone="139 5210 0018", phone_key="13952100018")
    for text in (firm.uscc, f"{firm.uscc[:9]} {firm.uscc[9:]}", "13952100018", "+86 139-5210-0018"):
        assert [one.id for one in DatabaseLexicon().firms_coded(text)] == [firm.id], text
    assert DatabaseLexicon().firms_coded(make_uscc(987654)) == []


def test_people_by_name_account_pinyin_and_slip(db_session):
    person = UserFactory(name="陆知行", username="lzx")
    UserFactory(name="管理员", username="root", role=Role.ADMIN)
    known = DatabaseLexicon().people_named(["陆知行", "lzx", "luzhixing", "管理员"])
    assert {term: [one.id for one in found] for term, found in known.items()} == {
        term: [person.id] for term in ("陆知行", "lzx", "luzhixing")
    }
    for slip in ("卢知行", "陆之行", "路知行"):
        assert [one.id for one in DatabaseLexicon().people_like(slip)] == [person.id], slip
    for other in ("陆知行", "陆大为", "知行"):
        assert not DatabaseLexicon().people_like(other), other


def test_trade_terms_count_at_once_and_are_found_by_their_sound(db_session):
    db_session.add(SynonymGroup(terms=["示例碳布", "示例炭布"]))
    db_session.add(SynonymGroup(wider="示例布", terms=["示例碳布"]))
    db_session.flush()
    synonyms = DatabaseLexicon().synonyms
    assert synonyms.equal("示例碳布") == ("示例炭布",)
    assert synonyms.below("示例布") == ("示例碳布", "示例炭布")
    assert DatabaseLexicon().terms_like("市立碳布")[0] in ("示例碳布", "示例炭布")
