"""Companies are added and changed with all that hangs on them, or not at all."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies import services
from crm.companies.kinds import HonourKind, HonourLevel, NameKind
from crm.companies.models import Company
from crm.core.activity import Activity
from crm.core.errors import Conflict, FieldErrors, NotAllowed, StaleVersion
from crm.core.outbox import OutboxRow
from crm.core.permissions import SYSTEM, Actor, Role
from tests.factories import CompanyFactory, ContactFactory, LeadFactory, UserFactory, make_uscc

ON = date(2026, 11, 24)


@pytest.fixture
def actor(app: Flask) -> Actor:
    actor: Actor = UserFactory(role=Role.TEAM_LEAD).as_actor()
    return actor


def queued(session: Session) -> set[tuple[str, int]]:
    return {(row.doc_type, row.doc_id) for row in session.scalars(select(OutboxRow))}


def names_of(company: Company) -> dict[str, NameKind]:
    return {row.name: row.kind for row in company.names}


def test_create(actor: Actor, db_session: Session) -> None:
    company = services.create_company(
        actor=actor,
        on=ON,
        values={
            "name": " 示例重工（徐州）有限公司 ",
            "short_name": "示例重工",
            "uscc": make_uscc(77).lower(),
            "industry_code": "3514",
            "aliases": [
                {"name": "SLZG", "kind": None},
                {"name": "600999", "kind": None},
                {"name": "示例重工", "kind": NameKind.BRAND},
                {"name": "示例机械厂", "kind": NameKind.FORMER},
            ],
            "honours": [
                {"kind": HonourKind.CHINA_500, "year": 2026},
                {"kind": HonourKind.LITTLE_GIANT, "level": HonourLevel.NATIONAL, "year": 2025},
            ],
        },
    )
    db_session.commit()
    assert company.name == "示例重工（徐州）有限公司"
    assert company.uscc == make_uscc(77)
    assert company.industry_version == "2017"
    assert names_of(company) == {
        "示例重工（徐州）有限公司": NameKind.FULL,
        "示例重工": NameKind.SHORT,
        "SLZG": NameKind.ENGLISH,
        "600999": NameKind.STOCK,
        "示例机械厂": NameKind.FORMER,
    }
    assert [honour.valid_until for honour in company.honours] == [
        date(2027, 12, 31),
        date(2028, 12, 31),
    ]
    assert ("company", company.id) in queued(db_session)
    deed = db_session.scalar(select(Activity).where(Activity.verb == "company.create"))
    assert deed is not None
    assert (deed.actor_id, deed.subject_id) == (actor.id, company.id)


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"name": "  "}, "name", "请填写企业名称"),
        ({}, "name", "请填写企业名称"),
        ({"name": "示" * 201}, "name", "最多 200 个字"),
        ({"name": "示例\x00厂"}, "name", "控制字符"),
        ({"name": "示例\ud800厂"}, "name", "控制字符"),
        ({"name": "示例", "summary": "长" * 20_001}, "summary", "最多 20000 个字"),
        ({"name": "示例", "uscc": "91110000600037341M"}, "uscc", "第 18 位校验码不符"),
        ({"name": "示例", "uscc": "9" * 40}, "uscc", "应为 18 位"),
        ({"name": "示例", "parent_id": 999_999}, "parent_id", "没有这家上级企业"),
        ({"name": "示例", "account_owner_id": 999_999}, "account_owner_id", "没有这位"),
        ({"name": "示例", "chain_nodes": ["no.such"]}, "chain_nodes", "no.such"),
        (
            {"name": "示例", "honours": [{"kind": HonourKind.LISTED, "year": 1066}]},
            "honours",
            "资质年份",
        ),
        (
            {
                "name": "示例",
                "honours": [{"kind": HonourKind.LISTED, "evidence_url": "javascript:alert(1)"}],
            },
            "honours",
            "http://",
        ),
        (
            {"name": "示例", "aliases": [{"name": "别" * 201, "kind": None}]},
            "aliases",
            "最多 200 个字",
        ),
    ],
)
def test_refusals_name_the_field_and_leave_nothing(
    actor: Actor, db_session: Session, values: services.CompanyValues, field: str, words: str
) -> None:
    before = db_session.scalar(select(func.count()).select_from(Company))
    with pytest.raises(FieldErrors) as refused:
        services.create_company(actor=actor, on=ON, values=values)
    assert words in refused.value.errors[field][0]
    assert db_session.scalar(select(func.count()).select_from(Company)) == before
    assert not queued(db_session)


def test_a_taken_code_names_its_company(actor: Actor, db_session: Session) -> None:
    first = CompanyFactory(name="示例甲厂")
    with pytest.raises(services.CodeTaken) as refused:
        services.create_company(
            actor=actor, on=ON, values={"name": "示例乙厂", "uscc": str(first.uscc)}
        )
    assert refused.value.company_id == first.id
    assert "示例甲厂" in refused.value.errors["uscc"][0]
    # Its own code is no conflict.
    assert not services.update_company(
        actor=actor, on=ON, company=first, values={"uscc": first.uscc}
    )


def test_the_same_values_change_nothing(actor: Actor, db_session: Session) -> None:
    values: services.CompanyValues = {
        "name": "示例重工",
        "aliases": [{"name": "旧名", "kind": NameKind.FORMER}],
        "honours": [
            {
                "kind": HonourKind.LISTED,
                "level": None,
                "year": 2024,
                "rank_or_code": "600999",
                "issuer": "示例交易所",
            }
        ],
    }
    company = services.create_company(actor=actor, on=ON, values=values)
    db_session.commit()
    version = company.version
    again: services.CompanyValues = {
        "name": "示例重工",
        "aliases": [{"name": "旧名", "kind": None}],
        "honours": [
            {
                "kind": HonourKind.LISTED,
                "level": None,
                "year": 2024,
                "valid_until": date(2027, 12, 31),
            }
        ],
    }
    assert not services.update_company(actor=actor, on=ON, company=company, values=again)
    db_session.commit()
    assert company.version == version
    assert company.honours[0].rank_or_code == "600999"
    assert names_of(company)["旧名"] is NameKind.FORMER
    verbs = list(db_session.scalars(select(Activity.verb)))
    assert verbs == ["company.create"]


def test_rename_keeps_keys_in_step_and_fans_out(actor: Actor, db_session: Session) -> None:
    lead = LeadFactory()
    company = lead.company
    child = CompanyFactory(parent_id=company.id)
    company.short_name = "旧简称"
    db_session.commit()
    assert services.update_company(
        actor=actor,
        on=ON,
        company=company,
        values={"name": "示例新名有限公司", "short_name": "新名"},
    )
    db_session.commit()
    assert names_of(company) == {"示例新名有限公司": NameKind.FULL, "新名": NameKind.SHORT}
    assert {("company", company.id), ("company", child.id), ("lead", lead.id)} <= queued(db_session)
    deed = db_session.scalar(select(Activity).where(Activity.verb == "company.update"))
    assert deed is not None
    assert deed.changes is not None
    assert deed.changes["short_name"] == ["旧简称", "新名"]


def test_a_change_of_names_alone_counts_the_version(actor: Actor, db_session: Session) -> None:
    company = CompanyFactory()
    db_session.commit()
    version = company.version
    services.update_company(
        actor=actor,
        on=ON,
        company=company,
        values={"aliases": [{"name": "示例别名", "kind": NameKind.BRAND}]},
        version=version,
    )
    db_session.commit()
    assert company.version == version + 1
    with pytest.raises(StaleVersion):
        services.update_company(
            actor=actor, on=ON, company=company, values={"region": "江苏"}, version=version
        )


def test_no_loop_in_the_group_tree(actor: Actor, db_session: Session) -> None:
    top = CompanyFactory()
    middle = CompanyFactory(parent_id=top.id)
    low = CompanyFactory(parent_id=middle.id)
    for parent in (top, middle, low):
        with pytest.raises(FieldErrors) as refused:
            services.update_company(
                actor=actor, on=ON, company=top, values={"parent_id": parent.id}
            )
        assert "parent_id" in refused.value.errors
    assert services.update_company(actor=actor, on=ON, company=low, values={"parent_id": top.id})


def test_bulk_keeps_good_rows_and_names_the_bad(actor: Actor, db_session: Session) -> None:
    known = CompanyFactory(ref="OLD")
    rows: list[services.CompanyValues] = [
        {"ref": "B", "name": "示例乙", "parent_ref": "A"},
        {"ref": "A", "name": "示例甲", "parent_ref": "OLD", "uscc": make_uscc(501)},
        {"ref": "A", "name": "示例又甲"},
        {"ref": "C", "name": ""},
        {"ref": "D", "name": "示例丁", "parent_ref": "C"},
        {"ref": "E", "name": "示例戊", "parent_ref": "D"},
        {"ref": "F", "name": "示例己", "parent_ref": "G"},
        {"ref": "G", "name": "示例庚", "parent_ref": "F"},
        {"ref": "H", "name": "示例辛", "parent_ref": "nowhere"},
        {"name": "示例壬", "uscc": make_uscc(501)},
        {"ref": "OLD", "name": "示例癸"},
        {"name": "示例子", "aliases": [{"name": "ZI", "kind": None}]},
    ]
    results = services.create_companies(actor=SYSTEM, on=ON, rows=rows)
    db_session.commit()
    good = [place for place, result in enumerate(results) if isinstance(result, int)]
    assert good == [0, 1, 11]
    faults = {
        place: next(iter(result.errors)) + ":" + next(iter(result.errors.values()))[0]
        for place, result in enumerate(results)
        if isinstance(result, FieldErrors)
    }
    for place, words in {
        2: "ref:编号“A”在这批数据里出现了两次", 3: "name:请填写", 4: "parent_ref:上级企业“C”那一行有误",
        5: "parent_ref:上级企业“D”那一行有误", 6: "parent_ref:上级企业不能是", 7: "parent_ref:上级企业不能是",
        8: "parent_ref:没有编号为“nowhere”", 9: "uscc:这个信用代码已属于“示例甲”", 10: "ref:已有企业使用编号",
    }.items():  # fmt: skip
        assert faults[place].startswith(words), faults[place]
    stored = {
        company.ref: company
        for company in db_session.scalars(select(Company).where(Company.ref.in_(["A", "B"])))
    }
    assert stored["B"].parent_id == stored["A"].id
    assert stored["A"].parent_id == known.id
    assert names_of(db_session.get_one(Company, results[11])) == {
        "示例子": NameKind.FULL,
        "ZI": NameKind.ENGLISH,
    }
    assert {("company", results[place]) for place in good} <= queued(db_session)


def test_contacts(actor: Actor, db_session: Session) -> None:
    company = CompanyFactory()
    contact = services.save_contact(
        actor=actor,
        company=company,
        values={"name": "示例王总", "phone": "+86 138 1234 2075", "email": "wang@example.com"},
    )
    db_session.commit()
    assert contact.phone_key == "13812342075"
    assert contact.owner_team_id == actor.team_id
    services.save_contact(
        actor=actor, company=company, contact=contact, values={"phone": "+49 201 844-0"}
    )
    assert contact.phone_key == "492018440"
    assert services.reveal_phone(actor=actor, contact=contact) == "+49 201 844-0"
    services.archive_contact(actor=actor, on=ON, contact=contact)
    services.archive_contact(actor=actor, on=ON, contact=contact)
    db_session.commit()
    deeds = list(db_session.scalars(select(Activity).order_by(Activity.id)))
    assert [deed.verb for deed in deeds] == [
        "contact.create", "contact.update", "contact.reveal", "contact.archive",
    ]  # fmt: skip
    assert "2075" not in str([deed.changes for deed in deeds])


@pytest.mark.parametrize(
    ("phone", "fine"),
    [
        ("138 1234 5678", True),
        ("0516-8765 4321", True),
        ("0516-87654321转8001", True),
        ("400-820-8820", True),
        ("+49 201 844-0", True),
        ("+1 (212) 555 0100 ext. 12", True),
        ("0081 3 1234 5678", True),
        ("13812345678 / 0516-87654321", True),
        ("1381234567", False),
        ("138123456789", False),
        ("打前台", False),
        ("123", False),
        ("=HYPERLINK(1)", False),
    ],
)
def test_phone_numbers(app: Flask, phone: str, fine: bool) -> None:
    assert (services.find_phone_fault(phone) == "") is fine


def test_merge(actor: Actor, db_session: Session) -> None:
    keep = CompanyFactory(name="示例重工有限公司", uscc=None, region="")
    gone = CompanyFactory(
        name="示例重型机械有限公司", short_name="示例重机", aliases=["SLZJ"], in_zone=True
    )
    contact = ContactFactory(company=gone)
    child = CompanyFactory(parent_id=gone.id)
    code = gone.uscc
    db_session.commit()
    services.merge_companies(actor=actor, keep=keep, gone=gone, reason="同一家企业")
    db_session.commit()
    db_session.expire_all()
    assert gone.merged_into_id == keep.id
    assert not gone.names
    assert names_of(keep)["示例重型机械有限公司"] is NameKind.FORMER
    assert names_of(keep)["示例重机"] is NameKind.SHORT
    assert (keep.uscc, gone.uscc) == (code, None)
    assert keep.region == "江苏徐州"
    assert keep.in_zone
    assert contact.company_id == keep.id
    assert child.parent_id == keep.id
    assert {("company", keep.id), ("company", gone.id)} <= queued(db_session)
    with pytest.raises(Conflict):
        services.merge_companies(actor=actor, keep=keep, gone=gone, reason="再来")
    with pytest.raises(Conflict):
        services.update_company(actor=actor, on=ON, company=gone, values={"region": "x"})


def test_merge_into_its_own_subsidiary_leaves_no_loop(actor: Actor, db_session: Session) -> None:
    top = CompanyFactory()
    gone = CompanyFactory(parent_id=top.id)
    keep = CompanyFactory(parent_id=gone.id)
    sister = CompanyFactory(parent_id=gone.id)
    db_session.commit()
    services.merge_companies(actor=actor, keep=keep, gone=gone, reason="重复")
    db_session.commit()
    db_session.expire_all()
    assert keep.parent_id == top.id
    assert sister.parent_id == keep.id


def test_a_merge_needs_the_right_and_a_reason(actor: Actor, db_session: Session) -> None:
    keep, gone = CompanyFactory(), CompanyFactory()
    officer = UserFactory(role=Role.OFFICER).as_actor()
    with pytest.raises(NotAllowed):
        services.merge_companies(actor=officer, keep=keep, gone=gone, reason="重复")
    with pytest.raises(FieldErrors):
        services.merge_companies(actor=actor, keep=keep, gone=gone, reason="  ")
    with pytest.raises(Conflict):
        services.merge_companies(actor=actor, keep=keep, gone=keep, reason="重复")
    assert gone.merged_into_id is None
