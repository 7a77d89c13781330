"""Adding and editing a company."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.kinds import NameKind
from crm.companies.models import Company
from crm.core.activity import Activity
from crm.core.outbox import OutboxRow
from crm.core.permissions import Visibility
from tests.factories import (
    CompanyFactory,
    LeadFactory,
    UserFactory,
    make_uscc,
    team_named,
)
from tests.integration.companies.pages import AsUser, form_of


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
