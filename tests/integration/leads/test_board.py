"""The board: lanes within the viewer's access, and drops through the same gate as everywhere."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

from flask import Flask
from sqlalchemy.orm import Session

from crm.core.permissions import Visibility, may_see_lead
from crm.leads.models import Lead
from crm.leads.queries import LeadFilters, Standards
from crm.leads.queries.board import MOST, lanes
from crm.leads.stages import Stage
from tests.factories import LeadFactory
from tests.integration.leads.conftest import People
from tests.support.statements import Statements

HTMX = {"HX-Request": "true"}


def test_lanes_count_and_show_what_the_person_may_see(
    db_session: Session, people: People, today: date
) -> None:
    owners = (people.officer, people.colleague, people.stranger)
    leads = [
        LeadFactory(owner=owner, visibility=visibility, stage=stage)
        for owner in owners for visibility in Visibility for stage in Stage
    ]  # fmt: skip
    db_session.commit()
    for person in (people.officer, people.team_lead, people.manager, people.reviewer, people.admin):
        actor = person.as_actor()
        found = lanes(actor, LeadFilters(), Standards.of(today))
        assert [lane.stage for lane in found] == list(Stage)
        for lane in found:
            seen = [one for one in leads if one.stage is lane.stage and may_see_lead(actor, one)]
            assert lane.total == len(seen), (person.role, lane.stage)
            assert {card.id for card in lane.cards} == {one.id for one in seen}
            assert lane.amount == sum((one.investment_wan_cny or Decimal(0)) for one in seen)


def test_a_full_lane_shows_the_longest_waiting_and_asks_no_more(
    db_session: Session,
    people: People,
    today: date,
    count_statements: Callable[[], AbstractContextManager[Statements]],
) -> None:
    for _ in range(MOST + 3):
        LeadFactory(owner=people.officer)
    oldest = LeadFactory(owner=people.officer, received_on=date(2025, 1, 1))
    db_session.commit()
    standards = Standards.of(today)
    with count_statements() as ran:
        (lane, *others) = lanes(people.officer.as_actor(), LeadFilters(), standards)
    assert (lane.total, len(lane.cards)) == (MOST + 4, MOST)
    assert lane.cards[0].id == oldest.id
    assert not any(one.cards for one in others)
    assert ran.total <= 6


def test_the_page_and_its_part(as_user, people: People) -> None:
    lead = LeadFactory(owner=people.officer, title="示例<b>粗</b>项目")
    LeadFactory(owner=people.stranger, visibility=Visibility.CONFIDENTIAL, title="秘密项目")
    client = as_user(user=people.officer)
    page = client.get("/leads/board")
    assert page.status_code == 200
    assert "示例&lt;b&gt;粗&lt;/b&gt;项目" in page.text
    assert "秘密项目" not in page.text
    assert f"/leads/{lead.id}/advance" in page.text
    part = client.get("/leads/board?stage=signed", headers=HTMX)
    assert "<html" not in part.text
    assert "示例" not in part.text
    assert "data-lane" not in as_user(user=people.reviewer).get("/leads/board").text


def test_a_drop_through_an_open_gate_moves_the_lead(
    app: Flask, db_session: Session, as_user, people: People, today: date
) -> None:
    lead = LeadFactory(owner=people.officer, stage=Stage.CONTACTED)
    client = as_user(user=people.officer)
    refused = client.post("/leads/drop", data={"lead": lead.id, "to": "negotiating"}, headers=HTMX)
    assert refused.status_code == 409
    assert "还差" in refused.text
    assert "<html" not in refused.text
    assert f'hx-post="/leads/{lead.id}/advance"' in refused.text
    assert db_session.get_one(Lead, lead.id).stage is Stage.CONTACTED
    ready = LeadFactory(owner=people.officer, stage=Stage.NEGOTIATING)
    db_session.commit()
    back = client.post(
        f"/leads/{ready.id}/advance",
        data={"to": "contacted", "on": today.isoformat(), "override_reason": "示例原因"},
        headers=HTMX,
    )
    assert back.status_code == 204
    assert {"lead-moved", "dialog-close", "toast"} == set(json.loads(back.headers["HX-Trigger"]))
    again = client.post("/leads/drop", data={"lead": ready.id, "to": "negotiating"}, headers=HTMX)
    assert again.status_code == 204
    assert db_session.get_one(Lead, ready.id).stage is Stage.NEGOTIATING


def test_a_drop_that_makes_no_sense_or_is_not_theirs_changes_nothing(
    db_session: Session, as_user, people: People
) -> None:
    hidden = LeadFactory(owner=people.stranger, visibility=Visibility.CONFIDENTIAL)
    seen = LeadFactory(owner=people.stranger, visibility=Visibility.ZONE)
    own = LeadFactory(owner=people.officer)
    client = as_user(user=people.officer)
    for data, status in (
        ({"lead": hidden.id, "to": "contacted"}, 404), ({"lead": 10**8, "to": "contacted"}, 404),
        ({"lead": seen.id, "to": "contacted"}, 403), ({"lead": own.id, "to": "nowhere"}, 404),
        ({"lead": "x", "to": "contacted"}, 404), ({}, 404), ({"lead": own.id, "to": "identified"}, 409),
    ):  # fmt: skip
        assert client.post("/leads/drop", data=data, headers=HTMX).status_code == status, data
    for lead in (hidden, seen, own):
        assert db_session.get_one(Lead, lead.id).stage is Stage.IDENTIFIED
