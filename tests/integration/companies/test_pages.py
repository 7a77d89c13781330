"""The pages of companies, as people of each role meet them."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.kinds import HonourKind, HonourLevel, NameKind
from crm.companies.models import Company, CompanyName, CompanyNode, Contact
from crm.core.activity import Activity
from crm.core.outbox import OutboxRow
from crm.core.permissions import Visibility
from crm.interactions.models import interaction_companies
from crm.leads.models import FirstReport, Lead
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    HonourFactory,
    InteractionFactory,
    LeadFactory,
    UserFactory,
    make_uscc,
    team_named,
)
from tests.support.clients import Client
from tests.support.statements import Statements

AsUser = Callable[..., Client]
Counter = Callable[[], AbstractContextManager[Statements]]


def listed(client: Client, **args: Any) -> list[str]:
    """The names of the companies that the list shows, in order."""
    page = client.get("/companies/", query_string=args)
    assert page.status_code == 200, page.text
    return re.findall(r"data-row-link>([^<]+)</a>", page.text)


def form_of(**values: Any) -> dict[str, Any]:
    return {"name": "示例新厂有限公司", "submission_key": "k" * 20, **values}


# --- the list ---------------------------------------------------------------------------------


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


# --- who may do what --------------------------------------------------------------------------


def test_access(as_user: AsUser, db_session: Session) -> None:
    firm = CompanyFactory()
    contact = ContactFactory(company=firm, phone="13812342075")
    db_session.commit()
    seen = ["/companies/", f"/companies/{firm.id}", "/companies/typeahead.json?q=示例"]
    seen.append("/chains/nodes.json?q=液压")
    edits = [
        "/companies/new", f"/companies/{firm.id}/edit", f"/companies/{firm.id}/contacts/new",
        f"/companies/{firm.id}/contacts/{contact.id}/edit", "/companies/duplicates?name=示例",
        "/companies/rows/aliases",
    ]  # fmt: skip
    merges = [f"/companies/{firm.id}/merge"]
    reveal = f"/companies/{firm.id}/contacts/{contact.id}/phone"
    before = db_session.scalar(select(func.count()).select_from(Activity))
    for role, may in (
        ("officer", seen + edits), ("team_lead", seen + edits + merges),
        ("manager", seen + edits + merges), ("reviewer", seen), ("admin", []), ("auditor", []),
    ):  # fmt: skip
        client = as_user(role=role)
        for path in seen + edits + merges:
            assert client.get(path).status_code == (200 if path in may else 404), (role, path)
        for path in (*edits[:4], *merges, f"{edits[3]}/../archive"):
            if path not in may:
                assert client.post(path, data=form_of()).status_code == 404, (role, path)
        if not may:
            assert client.post(reveal).status_code == 404
            assert client.post("/companies/columns").status_code == 404
    assert db_session.scalar(select(func.count()).select_from(Activity)) == before
    assert not db_session.scalars(select(OutboxRow)).all()
    reviewer = as_user(role="reviewer").get(f"/companies/{firm.id}").text
    assert f"/companies/{firm.id}/edit" not in reviewer
    assert "/log/new" not in reviewer.split("<main")[1].split("</main>")[0]


def test_signed_out(client: Client, db_session: Session) -> None:
    firm = CompanyFactory()
    db_session.commit()
    for path in ("/companies/", f"/companies/{firm.id}", "/companies/new"):
        answer = client.get(path)
        assert answer.status_code in {302, 303}
        assert "/login" in answer.location


# --- adding and editing -----------------------------------------------------------------------


def test_a_company_is_added_once_however_often_it_is_sent(
    as_user: AsUser, db_session: Session
) -> None:
    client = as_user()
    parent = CompanyFactory(name="示例集团")
    db_session.commit()
    data = form_of(
        uscc=make_uscc(31), parent_id=str(parent.id), parent_id_text="示例集团",
        chain_nodes=["cm.hyd", "cm.seal"], chain_nodes_text="", investor_nature="private",
        **{
            "aliases-0-name": "示例新厂", "aliases-0-kind": "brand", "aliases-7-name": "SLXC",
            "honours-0-kind": "listed", "honours-0-year": "2025", "honours-1-kind": "",
        },
    )  # fmt: skip
    first = client.post("/companies/new", data=data)
    again = client.post("/companies/new", data=data)
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    company = db_session.scalar(select(Company).where(Company.name == "示例新厂有限公司"))
    assert company is not None
    assert company.parent_id == parent.id
    assert {row.node_id for row in company.nodes} == {"cm.hyd", "cm.seal"}
    assert {row.name: row.kind for row in company.names} == {
        "示例新厂有限公司": NameKind.FULL, "示例新厂": NameKind.BRAND, "SLXC": NameKind.ENGLISH,
    }  # fmt: skip
    assert company.honours[0].valid_until == date(2028, 12, 31)
    page = client.get(first.location)
    assert "液压系统" in page.text
    assert "上市公司 2025" in page.text


def test_without_script_names_stand_for_records(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    parent = CompanyFactory(name="示例集团")
    owner = UserFactory(name="示例独名")
    db_session.commit()
    data = form_of(
        parent_id_text="示例集团", account_owner_id_text="示例独名",
        chain_nodes_text="液压系统；橡胶密封件",
    )  # fmt: skip
    assert client.post("/companies/new", data=data).status_code == 303
    company = db_session.scalar(select(Company).where(Company.parent_id == parent.id))
    assert company is not None
    assert company.account_owner_id == owner.id
    assert {row.node_id for row in company.nodes} == {"cm.hyd", "cm.seal"}
    bad = form_of(
        parent_id_text="没有的", account_owner_id_text="没有", chain_nodes_text="没有环节"
    )
    page = client.post("/companies/new", data={**bad, "submission_key": "z", "name": "示例再一家"})
    assert page.status_code == 422
    for words in ("没有找到这家企业", "没有找到“没有”", "没有找到“没有环节”"):
        assert words in page.text


def test_duplicates_warn_and_a_taken_code_is_refused(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    known = CompanyFactory(name="示例重工有限公司", uscc=make_uscc(5))
    db_session.commit()
    page = client.post("/companies/new", data=form_of(name="示例重工"))
    assert page.status_code == 422
    assert f"/companies/{known.id}" in page.text
    assert "已有同名企业" in page.text
    page = client.post("/companies/new", data=form_of(uscc=make_uscc(5)))
    assert page.status_code == 409
    assert f'href="/companies/{known.id}"' in page.text
    confirmed = client.post("/companies/new", data=form_of(name="示例重工", is_another="y"))
    assert confirmed.status_code == 303
    notice = client.get("/companies/duplicates", query_string={"name": "示例重工"}).text
    assert "可能已经建档" in notice
    LeadFactory(company=known, team=team_named("项目二科"), visibility=Visibility.CONFIDENTIAL)
    db_session.commit()
    notice = client.get(f"/companies/duplicates?name=示例重工&except={known.id}").text
    assert f'href="/companies/{known.id}"' not in notice
    notice = client.get("/companies/duplicates?name=示例重工").text
    assert "项目二科" in notice


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "请填写企业名称"),
        ({"name": "示" * 300}, "最多 200 个字"),
        ({"name": "示\x00例"}, "控制字符"),
        ({"uscc": "91110000600037341M"}, "第 18 位校验码不符"),
        ({"summary": "长" * 3_000_000}, "最多 20000 个字"),
        ({"honours-0-kind": "listed", "honours-0-year": "1066"}, "资质年份"),
        ({"honours-0-kind": "listed", "honours-0-evidence_url": "javascript:x"}, "http://"),
    ],
)
def test_bad_input_keeps_what_was_typed(
    as_user: AsUser, db_session: Session, values: dict[str, str], words: str
) -> None:
    client = as_user()
    page = client.post("/companies/new", data=form_of(region="示例之地", **values))
    assert page.status_code == 422
    assert words in page.text
    assert "示例之地" in page.text
    assert db_session.scalar(select(func.count()).select_from(Company)) == 0
    assert not db_session.scalars(select(OutboxRow)).all()


def test_odd_names_are_text_everywhere(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    for number, name in enumerate(("🙂", "<img src=x onerror=alert(1)>", "=1+1|cmd", "“引号\"'厂")):
        answer = client.post(
            "/companies/new", data=form_of(name=name, summary=name, submission_key=f"key{number}")
        )
        assert answer.status_code == 303, name
        page = client.get(answer.location).text
        assert "<img src=x" not in page
    assert "<img src=x" not in client.get("/companies/").text
    found = client.get("/companies/typeahead.json", query_string={"q": "🙂"}).json
    assert [item["label"] for item in found["items"]] == ["🙂"]


def test_more_rows_without_saving(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    page = client.post("/companies/new", data=form_of(more="aliases", **{"aliases-0-name": "甲"}))
    assert page.status_code == 200
    assert page.text.count('name="aliases-') > 2 * 3
    assert 'value="甲"' in page.text
    assert db_session.scalar(select(func.count()).select_from(Company)) == 0
    fragment = client.get("/companies/rows/honours").text
    assert re.search(r'name="honours-\d{4,}-kind"', fragment)
    assert client.get("/companies/rows/other").status_code == 404


def test_two_people_edit_one_company(as_user: AsUser, db_session: Session) -> None:
    first, second = as_user(name="示例甲员"), as_user()
    firm = CompanyFactory(name="示例重工有限公司", region="江苏", country="中国", uscc=None)
    db_session.commit()
    path = f"/companies/{firm.id}/edit"
    version = str(firm.version)
    base = {"name": firm.name, "country": "中国", "version": version}
    assert first.post(path, data={**base, "region": "上海"}).status_code == 303
    page = second.post(path, data={**base, "region": "深圳", "products": "液压泵"})
    assert page.status_code == 412
    for words in ("上海", "深圳", "液压泵", "示例甲员", 'name="choose-region"'):
        assert words in page.text
    db_session.refresh(firm)
    assert (firm.region, firm.products) == ("上海", "")
    chosen = {
        **base, "region": "深圳", "products": "液压泵", "version": str(firm.version),
        "choose-region": "theirs", "choose-products": "mine",
    }  # fmt: skip
    assert second.post(path, data=chosen).status_code == 303
    db_session.refresh(firm)
    assert (firm.region, firm.products) == ("上海", "液压泵")


def test_edit_refuses_loops_and_keeps_names(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    firm = CompanyFactory(name="示例上层", aliases=["别名一"])
    child = CompanyFactory(name="示例下层", parent_id=firm.id)
    db_session.commit()
    page = client.get(f"/companies/{firm.id}/edit").text
    assert 'value="别名一"' in page
    data = {"name": firm.name, "uscc": firm.uscc, "region": firm.region,
            "version": str(firm.version), "aliases-0-name": "别名一", "aliases-0-kind": "brand"}  # fmt: skip
    bad = client.post(
        f"/companies/{firm.id}/edit",
        data={**data, "parent_id": str(child.id), "parent_id_text": child.name},
    )
    assert bad.status_code == 422
    assert "上级企业不能是这家企业自己或它的下级" in bad.text
    same = client.post(f"/companies/{firm.id}/edit", data=data, follow_redirects=True)
    assert "没有改动" in same.text
    assert db_session.scalars(select(Activity.verb)).all() == []


# --- contacts ---------------------------------------------------------------------------------


def test_contacts(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    firm = CompanyFactory()
    db_session.commit()
    path = f"/companies/{firm.id}/contacts"
    data = {"name": "示例王总", "phone": "138 1234 2075", "decision_role": "decides",
            "submission_key": "c" * 20}  # fmt: skip
    assert client.post(f"{path}/new", data=data).status_code == 303
    assert client.post(f"{path}/new", data=data).status_code == 303
    contact = db_session.scalars(select(Contact)).one()
    page = client.get(f"/companies/{firm.id}").text
    assert "138 **** 2075" in page
    assert "1234" not in page.split('id="contacts"')[1].split('id="group-h"')[0]
    for bad, words in (
        ({"name": ""}, "请填写姓名"), ({"phone": "1381234"}, "手机号应为 11 位"),
        ({"email": "nowhere"}, "邮箱地址不对"), ({"name": "x" * 90}, "最多 80 个字"),
    ):  # fmt: skip
        answer = client.post(
            f"{path}/new", data={**data, "submission_key": "other", "title": "示例职务", **bad}
        )
        assert answer.status_code == 422
        assert words in answer.text
        assert "示例职务" in answer.text
    shown = client.post(f"{path}/{contact.id}/phone", headers={"HX-Request": "true"})
    assert "138 1234 2075" in shown.text
    plain = client.post(f"{path}/{contact.id}/phone", follow_redirects=True)
    assert "138 1234 2075" in plain.text
    deeds = db_session.scalars(select(Activity).where(Activity.verb == "contact.reveal")).all()
    assert [(deed.actor_id, deed.subject_id) for deed in deeds] == [
        (client.user.id, contact.id)
    ] * 2
    stale = client.post(
        f"{path}/{contact.id}/edit",
        data={"name": "示例改名", "version": "99", "phone": "+49 201 844"},
    )
    assert stale.status_code == 412
    assert "示例王总" in stale.text
    edited = client.post(
        f"{path}/{contact.id}/edit",
        data={"name": "示例改名", "version": str(contact.version), "phone": "+49 201 844-0"},
    )
    assert edited.status_code == 303
    client.post(f"{path}/{contact.id}/archive")
    assert "已归档 1 人" in client.get(f"/companies/{firm.id}").text
    client.post(f"{path}/{contact.id}/archive", data={"back": "1"})
    assert "已归档" not in client.get(f"/companies/{firm.id}").text
    stranger = CompanyFactory()
    db_session.commit()
    wrong = f"/companies/{stranger.id}/contacts/{contact.id}"
    assert client.get(f"{wrong}/edit").status_code == 404
    assert client.post(f"{wrong}/phone").status_code == 404


# --- the page of one company, and merging -------------------------------------------------------


def test_detail_shows_group_honours_owner_and_timeline(
    as_user: AsUser, db_session: Session, today: date
) -> None:
    client = as_user(name="示例客户经理")
    top = CompanyFactory(name="示例集团", account_owner=client.user)
    HonourFactory(company=top, kind=HonourKind.CHINA_500, year=today.year)
    HonourFactory(company=top, kind=HonourKind.LISTED, year=2015)
    firm = CompanyFactory(name="示例子公司", parent_id=top.id)
    sister = CompanyFactory(name="示例姐妹公司", parent_id=top.id)
    child = CompanyFactory(name="示例孙公司", parent_id=firm.id)
    for number in range(40):
        InteractionFactory(
            company=firm, text=f"示例来往{number}。", occurred_on=today - timedelta(days=number)
        )
    InteractionFactory(company=sister, text="姐妹公司也谈过", occurred_on=today)
    db_session.commit()
    page = client.get(f"/companies/{firm.id}").text
    for words in (
        "集团（示例集团）", "中国500强", "已过期", "随上级 示例集团", "示例客户经理", child.name,
        "姐妹公司也谈过", "示例来往0。", "更早的记录",
    ):  # fmt: skip
        assert words in page, words
    assert "示例来往39。" not in page
    own = client.get(f"/companies/{firm.id}?only=own").text
    assert "姐妹公司也谈过" not in own
    address = re.search(r'hx-get="([^"]+before=[^"]+)"', page)
    assert address is not None
    older = client.get(address[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert "示例来往39。" in older
    assert "<html" not in older
    assert client.get(f"/companies/{firm.id}?before=x.y").status_code == 200


def test_merge(as_user: AsUser, db_session: Session, today: date) -> None:
    client = as_user(role="team_lead")
    keep, gone = (
        CompanyFactory(name="示例重工有限公司"),
        CompanyFactory(name="示例重型机械有限公司"),
    )
    ContactFactory(company=gone)
    lead = LeadFactory(company=gone)
    report = db_session.scalar(select(FirstReport).where(FirstReport.lead_id == lead.id))
    assert report is not None
    kept_report = (report.company_name, report.reported_at)
    both = InteractionFactory(company=gone, companies=[gone, keep])
    one = InteractionFactory(company=gone)
    db_session.commit()
    path = f"/companies/{keep.id}/merge"
    data = {"gone_id": str(gone.id), "gone_id_text": gone.name, "reason": "同一家企业"}
    preview = client.post(path, data=data)
    assert preview.status_code == 200
    assert "会移动什么" in preview.text
    assert db_session.get_one(Company, gone.id).merged_into_id is None
    assert client.post(path, data={**data, "reason": ""}).status_code == 422
    itself = client.post(path, data={**data, "gone_id": str(keep.id), "gone_id_text": keep.name})
    assert itself.status_code == 422
    done = client.post(path, data={**data, "confirmed": str(gone.id)})
    assert done.status_code == 303
    db_session.expire_all()
    assert db_session.get_one(Lead, lead.id).company_id == keep.id
    link = interaction_companies.c
    rows = db_session.execute(select(link.interaction_id, link.company_id)).all()
    assert {(both.id, keep.id), (one.id, keep.id)} <= set(rows)
    assert gone.id not in [company_id for _id, company_id in rows]
    report = db_session.get_one(FirstReport, report.id)
    assert (report.company_name, report.reported_at) == kept_report
    moved = client.get(f"/companies/{gone.id}")
    assert moved.status_code == 302
    assert moved.location.endswith(f"/companies/{keep.id}")
    assert "曾用名 示例重型机械有限公司" in client.get(moved.location).text
    assert listed(client) == [keep.name, *[n for n in listed(client) if n != keep.name]]
    assert gone.name not in listed(client)
    deed = db_session.scalar(select(Activity).where(Activity.verb == "company.merge"))
    assert deed is not None
    assert deed.changes is not None
    assert deed.changes["reason"] == ["", "同一家企业"]


def test_forged_requests_are_refused(app: Flask, as_user: AsUser, db_session: Session) -> None:
    firm = CompanyFactory()
    contact = ContactFactory(company=firm)
    db_session.commit()
    client = as_user(role="manager")
    app.config["WTF_CSRF_ENABLED"] = True
    for path in (
        "/companies/new", "/companies/columns", f"/companies/{firm.id}/edit",
        f"/companies/{firm.id}/merge", f"/companies/{firm.id}/contacts/{contact.id}/phone",
    ):  # fmt: skip
        assert client.post(path, data=form_of()).status_code == 400, path
    assert db_session.scalar(select(func.count()).select_from(CompanyName)) == 1
