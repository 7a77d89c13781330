"""The funnel over the API, to the letter of the contract."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from crm.core.permissions import SYSTEM, Visibility
from crm.leads import services
from crm.leads.services.history import PastStage, add_stage_histories
from crm.leads.stages import Stage, Status
from tests.factories import LeadFactory, UserFactory, team_named
from tests.integration.api.caller import Caller, Json, faults


def read(caller: Caller, query: str = "") -> Json:
    response = caller.get(f"/funnel?{query}")
    assert response.status_code == 200, response.text
    found: Json = response.json
    return found


def stage(found: Json, name: str) -> Json:
    return next(one for one in found["stages"] if one["stage"] == name)


@pytest.fixture
def leads(db_session: Session, officer: Caller, today: date) -> None:
    """One goes on in 20 days, one in 100, one waits, one was lost, one is hidden."""
    year = date(today.year, 1, 1)
    for days, visibility in (
        (20, Visibility.ZONE),
        (100, Visibility.ZONE),
        (None, Visibility.ZONE),
    ):
        lead = LeadFactory(
            owner=officer.user, received_on=year, visibility=visibility,
            investment_wan_cny=Decimal("10000.5"),
        )  # fmt: skip
        if days is not None:
            past = PastStage(lead, Stage.CONTACTED, year + timedelta(days=days))
            add_stage_histories(actor=SYSTEM, rows=[past])
    gone = LeadFactory(owner=officer.user, received_on=year, investment_wan_cny=None)
    services.set_status(
        actor=SYSTEM, lead=gone, to=Status.LOST, on=year + timedelta(days=30),
        lost_reason="土地指标", lost_to="示例市",
    )  # fmt: skip
    LeadFactory(
        owner=UserFactory(team=team_named("外资招商科")), received_on=year,
        visibility=Visibility.CONFIDENTIAL, investment_wan_cny=Decimal(7),
    )  # fmt: skip
    db_session.commit()


def test_the_answer_has_what_the_contract_says(officer: Caller, leads: None, today: date) -> None:
    year = today.year
    found = read(officer, f"from={year}-01-01&to={year}-12-31&within_days=90&as_of={year}-11-24")
    assert (found["from"], found["to"]) == (f"{year}-01-01", f"{year}-12-31")
    assert (found["within_days"], found["as_of"]) == (90, f"{year}-11-24")
    assert [one["stage"] for one in found["stages"]] == [one.value for one in Stage]
    first = stage(found, "identified")
    assert (first["entered"], first["converted"], first["conversion"]) == (4, 1, 0.25)
    assert first["amount_wan_cny"] == pytest.approx(30001.5)
    assert (first["median_days"], first["waiting"], first["current"]) == (20, 1, 1)
    assert first["median_days_km"] == 100
    last = stage(found, "signed")
    assert (last["converted"], last["conversion"], last["median_days"]) == (None, None, None)
    assert found["lost"] == [
        {"reason": "土地指标", "lost_to": "示例市", "count": 1, "amount_wan_cny": 0}
    ]


def test_ever_is_an_empty_span_and_as_of_hides_what_came_later(
    officer: Caller, leads: None, today: date
) -> None:
    assert stage(read(officer, "within_days="), "identified")["converted"] == 2
    assert read(officer, "within_days=")["within_days"] is None
    early = stage(read(officer, f"as_of={today.year}-01-15"), "identified")
    assert (early["entered"], early["converted"], early["waiting"], early["current"]) == (
        4,
        0,
        4,
        4,
    )
    assert stage(read(officer, f"from={today.year}-02-01"), "identified")["entered"] == 0
    assert stage(read(officer, f"from={today.year}-02-01"), "identified")["conversion"] is None


def test_who_may_not_see_a_lead_does_not_count_it(
    calls: Callable[..., Caller], officer: Caller, leads: None
) -> None:
    assert stage(read(officer), "identified")["entered"] == 4
    assert stage(read(calls("manager", team=None)), "identified")["entered"] == 5
    assert stage(read(calls("reviewer", team=None)), "identified")["entered"] == 4
    assert calls("admin", team=None).get("/funnel").status_code == 403


def test_it_is_narrowed(officer: Caller, leads: None) -> None:
    for query, count in (
        ("team=装备制造招商科", 4), ("team=没有这个科", 0), ("owner=zhou", 4), ("owner=nobody", 0),
        ("source=自行接洽", 4), ("source=展会活动", 0), ("sector=services", 0), ("sector=制造业", 4),
        ("investor_kind=foreign", 0), ("anchor=ref:none", 0), ("honour=listed", 0),
    ):  # fmt: skip
        assert stage(read(officer, query), "identified")["entered"] == count, query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-02-30", "from"),
        ("as_of=gestern", "as_of"),
        ("within_days=-1", "within_days"),
        ("within_days=viele", "within_days"),
        ("from=2026-05-01&to=2026-04-01", "from"),
        ("sector=mining", "sector"),
        ("nothing=1", "nothing"),
    ],
)
def test_what_makes_no_sense_is_said(officer: Caller, query: str, field: str) -> None:
    response = officer.get(f"/funnel?{query}")
    assert response.status_code == 422
    assert field in faults(response)
