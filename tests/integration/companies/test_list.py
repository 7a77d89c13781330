"""The list of companies: filters, order, columns, access, a bounded cost."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.kinds import HonourKind, HonourLevel
from crm.companies.models import Company, CompanyNode
from crm.core.permissions import Visibility
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    HonourFactory,
    InteractionFactory,
    LeadFactory,
    UserFactory,
    make_uscc,
)
from tests.integration.companies.pages import AsUser, Counter, listed


def test_filters(as_user: AsUser, db_session: Session, today: date) -> None:
    client = as_user()
    valid = CompanyFactory(name="有效小巨人", region="江苏南京")
    HonourFactory(company=valid, kind=HonourKind.LITTLE_GIANT, year=today.year)
    past = CompanyFactory(name="过期小巨人", country="德国", region="")
    HonourFactory(
        company=past, kind=HonourKind.LITTLE_GIANT, level=HonourLevel.PROVINCIAL, year=2019
    )
    plain = CompanyFactory(name="区内链主", in_zone=True, is_anchor=True, aliases=["XCMG"])
    db_session.add(CompanyNode(company_id=plain.id, node_id="cm.hyd"))
    db_session.commit()
    assert set(listed(client)) == {"有效小巨人", "过期小巨人", "区内链主"}
    for args, names in (
        ({"honour": "little_giant"}, ["有效小巨人"]),
        ({"honour": "little_giant", "honour_state": "expired"}, ["过期小巨人"]),
        ({"honour": "little_giant", "honour_state": "any", "sort": "name"}, ["过期小巨人", "有效小巨人"]),
        ({"honour": "little_giant", "honour_state": "any", "honour_level": "provincial"}, ["过期小巨人"]),
        ({"honour": "listed"}, []),
        ({"region": "德国"}, ["过期小巨人"]),
        ({"region": "南京"}, ["有效小巨人"]),
        ({"in_zone": "1"}, ["区内链主"]),
        ({"in_zone": "0", "sort": "name"}, ["过期小巨人", "有效小巨人"]),
        ({"anchor": "1"}, ["区内链主"]),
        ({"node": "cm.hyd"}, ["区内链主"]),
        ({"q": "xcmg"}, ["区内链主"]),
        ({"q": "youxiao"}, ["有效小巨人"]),
        ({"q": "qnlz"}, ["区内链主"]),
        ({"q": "没有这家"}, []),
        ({"sort": "-name"}, ["有效小巨人", "区内链主", "过期小巨人"]),
    ):  # fmt: skip
        assert listed(client, **args) == names, args


def test_an_expired_honour_that_was_renewed_counts_as_valid(
    as_user: AsUser, db_session: Session, today: date
) -> None:
    client = as_user()
    firm = CompanyFactory(name="复评企业")
    HonourFactory(company=firm, year=2019)
    HonourFactory(company=firm, year=today.year)
    db_session.commit()
    assert listed(client, honour="little_giant") == ["复评企业"]
    assert listed(client, honour="little_giant", honour_state="expired") == []


def test_last_contact_tells_only_what_the_viewer_may_see(
    as_user: AsUser, db_session: Session, today: date
) -> None:
    insider, outsider = as_user(team="项目一科"), as_user(team="项目二科")
    open_firm, closed_firm, silent = (
        CompanyFactory(name=n) for n in ("公开谈", "保密谈", "没谈过")
    )
    InteractionFactory(company=open_firm, occurred_on=today - timedelta(days=3))
    lead = LeadFactory(
        company=closed_firm, owner=insider.user, team=insider.user.team,
        visibility=Visibility.CONFIDENTIAL,
    )  # fmt: skip
    InteractionFactory(lead=lead, company=closed_firm, occurred_on=today - timedelta(days=1))
    db_session.commit()
    since = {"contact_from": (today - timedelta(days=7)).isoformat()}
    assert set(listed(insider, **since)) == {"公开谈", "保密谈"}
    assert listed(outsider, **since) == ["公开谈"]
    assert set(listed(outsider, never="1")) == {"保密谈", "没谈过"}
    assert listed(insider, never="1") == ["没谈过"]
    assert listed(outsider, contact_to=(today - timedelta(days=2)).isoformat()) == ["公开谈"]
    assert listed(insider, sort="-contact")[:2] == ["保密谈", "公开谈"]
    assert listed(outsider, sort="-contact")[0] == "公开谈"
    assert silent.id
    page = outsider.get(f"/companies/{closed_firm.id}").text
    assert lead.title not in page
    assert "还没有往来记录" in page


def test_owner_is_inherited_in_list_and_filter(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    top = CompanyFactory(name="示例集团", account_owner=client.user)
    middle = CompanyFactory(name="示例中间层", parent_id=top.id)
    CompanyFactory(name="示例子公司", parent_id=middle.id)
    CompanyFactory(name="别人管的", parent_id=top.id, account_owner=UserFactory(name="示例乙员"))
    db_session.commit()
    assert set(listed(client, owner="me")) == {"示例集团", "示例中间层", "示例子公司"}
    assert "随 示例集团" in client.get("/companies/").text


def test_columns_are_kept_in_the_address_and_for_the_person(
    as_user: AsUser, db_session: Session
) -> None:
    client, other = as_user(), as_user()
    CompanyFactory(uscc=make_uscc(9))
    db_session.commit()
    answer = client.post("/companies/columns", data={"cols": ["uscc"], "query": "q=示例&cols=x"})
    assert answer.status_code == 303
    assert answer.location.endswith("cols=uscc")
    assert "cols=x" not in answer.location
    assert make_uscc(9) in client.get("/companies/").text
    assert make_uscc(9) not in other.get("/companies/").text
    assert make_uscc(9) in other.get("/companies/?cols=uscc").text


def test_statements_do_not_grow_with_the_rows(
    as_user: AsUser, db_session: Session, count_statements: Counter
) -> None:
    client = as_user()

    def add(count: int) -> None:
        for _n in range(count):
            firm = CompanyFactory(parent_id=CompanyFactory(account_owner=client.user).id)
            HonourFactory(company=firm)
            db_session.add(CompanyNode(company_id=firm.id, node_id="cm.hyd"))
            InteractionFactory(lead=LeadFactory(company=firm))
        db_session.commit()

    def cost(path: str) -> int:
        client.get(path)
        with count_statements() as ran:
            assert client.get(path).status_code == 200
        return ran.total

    add(2)
    path = "/companies/?sort=-contact&honour=little_giant&q=示例&node=cm.hyd&owner=me"
    before = cost(path)
    add(6)
    assert cost(path) == before
    assert before <= 20
    firm = db_session.scalars(select(Company).where(Company.parent_id.is_not(None))).first()
    assert firm is not None
    detail = cost(f"/companies/{firm.id}")
    for _n in range(5):
        ContactFactory(company=firm)
        InteractionFactory(lead=LeadFactory(company=firm))
        CompanyFactory(parent_id=firm.id)
    db_session.commit()
    assert cost(f"/companies/{firm.id}") <= detail + 1
    assert detail <= 30


def test_hostile_addresses(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    CompanyFactory(name="示例<script>alert(1)</script>厂")
    db_session.commit()
    for args in (
        {"q": "\x00"}, {"q": "%"}, {"q": "<script>"}, {"q": "a" * 9000}, {"sort": "password_hash"},
        {"page": "999999999"}, {"page": "-1"}, {"per_page": "100000"}, {"contact_from": "2026-02-30"},
        {"owner": "9" * 30}, {"node": "\x00"}, {"honour": "x", "honour_level": "y"}, {"cols": "<b>"},
        {"contact_from": "2026-02-01", "contact_to": "2026-01-01"}, {"region": "'; --"},
    ):  # fmt: skip
        page = client.get("/companies/", query_string=args)
        assert page.status_code == 200, args
        assert "<script>alert" not in page.text
    page = client.get("/companies/", query_string={"contact_from": "2026-02-30"})
    assert "“2026-02-30”不是日期" in page.text
    assert client.get("/companies/999999999999999").status_code == 404
