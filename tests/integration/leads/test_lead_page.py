"""What the page of one lead offers to whom: the way to an owner, refusals, changes in words."""

import json
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from crm.leads.kinds import Currency
from crm.leads.models import Lead
from crm.leads.stages import Stage, Status
from tests.factories import LeadFactory
from tests.integration.leads.conftest import People


def test_the_missing_owner_leads_each_person_to_what_they_may_do(
    as_user, db_session: Session, people: People
) -> None:
    lead = LeadFactory(owner=None, team=people.team, stage=Stage.IDENTIFIED)
    assign, claim = f'href="/leads/{lead.id}/assign"', f'action="/leads/{lead.id}/claim"'

    def gate(person) -> str:
        page = as_user(user=person).get(f"/leads/{lead.id}").text
        return page.partition('id="gate-list"')[2].partition("</ul>")[0]

    for boss in (people.team_lead, people.manager):
        assert assign in gate(boss)
        assert claim not in gate(boss)
    for officer in (people.officer, people.stranger, people.other_lead):
        assert claim in gate(officer)
        assert assign not in gate(officer)
    assert "由科室负责人分派" in gate(people.reviewer)
    assert claim not in gate(people.reviewer)
    assert assign not in gate(people.reviewer)
    lead.status = Status.LOST
    db_session.commit()
    assert "由科室负责人分派" in gate(people.officer)
    assert claim not in gate(people.officer)


def test_the_missing_appraisal_leads_only_those_to_its_page_who_may_note_it(
    as_user, people: People
) -> None:
    lead = LeadFactory(owner=people.officer, team=people.team, stage=Stage.APPRAISING)
    page = f'href="/leads/{lead.id}/appraisal"'

    def gate(person) -> str:
        text = as_user(user=person).get(f"/leads/{lead.id}").text
        return text.partition('id="gate-list"')[2].partition("</ul>")[0]

    assert page in gate(people.team_lead)
    assert page not in gate(people.officer)
    assert "由科室负责人登记" in gate(people.officer)


def test_a_refused_press_of_script_says_so_and_swaps_nothing(
    as_user, db_session: Session, people: People
) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.NEGOTIATING)
    client = as_user(user=people.officer)
    url = f"/leads/{lead.id}/unavailable/title"
    answer = client.post(url, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "暂不能提供" in json.loads(answer.headers["HX-Trigger"])["toast"]
    assert "HX-Refresh" not in answer.headers
    assert client.post(url).location == f"/leads/{lead.id}"
    db_session.refresh(lead)
    assert lead.unavailable == []


def test_changes_are_told_with_their_units(as_user, people: People, today: date) -> None:
    lead: Lead = LeadFactory(
        owner=people.officer, agreed_amount=Decimal(500), agreed_currency=Currency.CNY,
        investment_wan_cny=Decimal(12000), likelihood=30,
    )  # fmt: skip
    client = as_user(user=people.officer)
    typed = {
        "title": lead.title, "company_id": lead.company_id, "visibility": lead.visibility.value,
        "version": lead.version, "source": "自行接洽", "land_mu": "13公顷",
        "investment_wan_cny": "3.5亿", "foreign_capital_wan_usd": "3000万美元",
        "energy_tce": "1200.5", "jobs": "1500", "likelihood": "60",
        "agreed_amount": "900", "agreed_currency": "USD", "product": "1500",
    }  # fmt: skip
    assert client.post(f"/leads/{lead.id}/edit", data=typed).status_code == 303
    text = client.get(f"/leads/{lead.id}?show=changes").text
    for words in (
        '12,000 万元 → <b class="strong">35,000 万元</b>', "<b class=\"strong\">195 亩</b>",
        "<b class=\"strong\">3,000 万美元</b>", "<b class=\"strong\">1,200.5 吨标煤</b>",
        "<b class=\"strong\">1,500 人</b>", '30% → <b class="strong">60%</b>',
        '500 万元 → <b class="strong">900 万美元</b>', "<b class=\"strong\">1500</b>",
    ):  # fmt: skip
        assert words in text, words
