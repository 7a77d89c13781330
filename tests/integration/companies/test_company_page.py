"""The page of one company, and merging a duplicate."""

import re
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.kinds import HonourKind
from crm.companies.models import Company
from crm.core.activity import Activity
from crm.interactions.models import interaction_companies
from crm.leads.models import FirstReport, Lead
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    HonourFactory,
    InteractionFactory,
    LeadFactory,
)
from tests.integration.companies.pages import AsUser, listed


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
