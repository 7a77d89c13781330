"""The collision guard: everyone is told, nobody is told more than team, since when and stage."""

from dataclasses import fields
from datetime import date

import pytest

from crm.companies.queries import find_matches
from crm.core.permissions import Role, Visibility, may_see_lead
from crm.leads.models import Lead
from crm.leads.queries import CollisionLine, collision_lines
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, ContactFactory, LeadFactory
from tests.integration.leads.conftest import People

SECRETS = ("履带底盘总成", "陈立", "35,000", "3.50", "保密概况")


@pytest.fixture
def lead(people: People) -> Lead:
    """A confidential lead of the other team."""
    company = CompanyFactory(
        name="示例恒履底盘科技有限公司", uscc="91320301MA1MK0WN0Y", aliases=["恒履智造"]
    )
    ContactFactory(company=company, phone="13812345678", phone_key="13812345678")
    made: Lead = LeadFactory(
        company=company, owner=people.stranger, stage=Stage.NEGOTIATING, title="履带底盘总成",
        visibility=Visibility.CONFIDENTIAL, summary="保密概况", received_on=date(2026, 9, 1),
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("asked", "matched_by"),
    [
        ({"name": "示例恒履底盘科技有限公司"}, "name"),
        ({"name": "示例恒履底盘科技股份"}, "name"),
        ({"name": "恒履智造"}, "alias"),
        ({"name": "henglv"}, "pinyin"),
        ({"uscc": "91320301MA1MK0WN0Y"}, "uscc"),
        ({"phone": "138 1234 5678"}, "phone"),
        ({"name": "示例恒旅底盘科技有限公司"}, "spelling"),
    ],
)
def test_however_the_firm_is_typed_it_is_told_and_masked(
    as_user, people: People, lead: Lead, asked: dict[str, str], matched_by: str
) -> None:
    lines = collision_lines(people.officer.as_actor(), find_matches(**asked))
    assert [(line.team, line.since, line.stage) for line in lines] == [
        ("外资招商科", date(2026, 9, 1), Stage.NEGOTIATING)
    ]
    if matched_by != "pinyin":
        assert lines[0].matched_by == matched_by
    assert lines[0].lead_id is None
    answer = as_user(user=people.officer).get("/leads/collisions", query_string=asked)
    assert answer.status_code == 200
    for words in ("外资招商科", "2026-09-01", "深度洽谈", "90 天"):
        assert words in answer.text
    for secret in (*SECRETS, f"/leads/{lead.id}"):
        assert secret not in answer.text


def test_the_line_holds_nothing_that_could_leak() -> None:
    assert {field.name for field in fields(CollisionLine)} == {
        "company_id", "company_name", "matched_by", "team", "since", "stage", "lead_id", "is_own",
    }  # fmt: skip


@pytest.mark.parametrize("role", [Role.OFFICER, Role.TEAM_LEAD, Role.MANAGER, Role.REVIEWER])
@pytest.mark.parametrize("visibility", list(Visibility))
def test_only_whoever_may_open_the_lead_gets_a_link(
    as_user, people: People, lead: Lead, role: Role, visibility: Visibility
) -> None:
    lead.visibility = visibility
    client = as_user(role=role, team=people.team.name)
    sees = may_see_lead(client.user.as_actor(), lead)
    text = client.get("/leads/collisions?name=恒履智造").text
    assert "外资招商科" in text
    assert (f"/leads/{lead.id}" in text) == sees
    assert not any(secret in text for secret in SECRETS)


def test_who_sees_no_business_gets_no_guard(as_user, people: People, lead: Lead) -> None:
    for person in (people.admin, people.auditor):
        assert as_user(user=person).get("/leads/collisions?name=恒履智造").status_code == 404


@pytest.mark.parametrize("status", list(Status))
def test_only_what_is_still_talked_about_collides(
    people: People, lead: Lead, status: Status
) -> None:
    lead.status = status
    lines = collision_lines(people.officer.as_actor(), find_matches(name="恒履智造"))
    over = status in (Status.LOST, Status.ENDED, Status.TRANSFERRED)
    assert bool(lines) != over


@pytest.mark.parametrize("text", ["", " ", "\x00", "%", "_", "'", "😀", "x" * 5000, "<b>"])
def test_what_matches_nothing_shows_nothing(as_user, people: People, lead: Lead, text: str) -> None:
    client = as_user(user=people.officer)
    answer = client.get("/leads/collisions", query_string={"name": text})
    assert (answer.status_code, answer.text.strip()) == (200, "")


def test_own_leads_are_known_as_own(people: People, lead: Lead) -> None:
    (line,) = collision_lines(people.stranger.as_actor(), find_matches(name="恒履智造"))
    assert line.is_own
    assert line.lead_id == lead.id
