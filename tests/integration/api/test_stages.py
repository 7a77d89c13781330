"""Moves of leads over the API: the gates, bad dates, losing."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.leads.models import Lead, StageEntry
from crm.leads.stages import Stage
from tests.factories import CompanyFactory, LeadFactory
from tests.integration.api.caller import Caller, Json, faults


def test_a_closed_gate_lists_what_is_missing(officer: Caller, calls: Callable[..., Caller]) -> None:
    lead = LeadFactory(owner=officer.user)
    path = f"/leads/{lead.id}/stage"
    body = {"stage": "contacted", "on": "2026-11-24"}
    closed = officer.post(path, body)
    assert closed.status_code == 409
    problem: Json = closed.json
    assert [item["key"] for item in problem["missing"]] == ["interaction", "next_step"]
    assert all(set(item) == {"key", "label", "field"} for item in problem["missing"])
    assert officer.post(path, {**body, "override_reason": "急"}).status_code == 409
    patched = officer.patch(f"/leads/{lead.id}", {"stage": "contacted"})
    early = officer.post(path, {**body, "on": "2020-01-01"})
    assert (early.status_code, len(early.json["missing"])) == (409, 2)  # type: ignore[index]
    assert (patched.status_code, len(patched.json["missing"])) == (409, 2)  # type: ignore[index]
    officer.made(
        "/interactions",
        {"kind": "visit", "occurred_on": "2026-11-23", "text": "去了", "lead_id": lead.id,
         "next_step": "回访", "next_on": "2026-11-30"},
    )  # fmt: skip
    moved = officer.post(path, body)
    assert moved.status_code == 200, moved.text
    assert (moved.json["stage"], moved.json["stage_since"]) == ("contacted", "2026-11-24")  # type: ignore[index]
    assert officer.post(path, body).status_code == 409
    override = {"stage": "signed", "on": "2026-11-24", "override_reason": "领导批示"}
    assert calls("team_lead").post(path, override).status_code == 200


def test_a_new_lead_passes_the_gates_too(officer: Caller, db_session: Session) -> None:
    company = CompanyFactory()
    db_session.commit()
    body = {"title": "示例", "company_id": company.id, "stage": "contacted"}
    assert officer.post("/leads", body).status_code == 409
    assert db_session.scalar(select(func.count(Lead.id))) == 0


def test_bad_moves_are_named(officer: Caller, db_session: Session) -> None:
    lead = LeadFactory(owner=officer.user, stage=Stage.CONTACTED)
    path = f"/leads/{lead.id}/stage"
    entries = db_session.scalar(select(func.count(StageEntry.id)))
    for body, fields in (
        ({"stage": "negotiating", "on": "2026-11-25"}, {"on"}),
        ({"stage": "identified", "on": "2020-01-01", "override_reason": "示例"}, {"on"}),
        ({"stage": "negotiating", "on": None}, {"on"}),
        ({"stage": "negotiating"}, {"on"}),
        ({"on": "2026-11-24"}, {"stage"}),
        ({"stage": "nowhere", "on": "2026-11-24"}, {"stage"}),
        ({"stage": "identified", "on": "2026-11-24"}, {"override_reason"}),
        ({"stage": "identified", "on": "2026-11-24", "by": "x"}, {"by"}),
    ):
        assert faults(officer.post(path, body)) == fields, body
    assert db_session.scalar(select(func.count(StageEntry.id))) == entries


def test_a_lost_lead_needs_a_reason_and_a_place(officer: Caller) -> None:
    lead = LeadFactory(owner=officer.user)
    path = f"/leads/{lead.id}/status"
    body = {"status": "lost", "on": "2026-11-24"}
    assert faults(officer.post(path, body)) == {"lost_reason", "lost_to"}
    lost: Json = officer.post(path, {**body, "lost_reason": "地价", "lost_to": "南通"}).json
    assert (lost["status"], lost["lost_reason"], lost["lost_to"]) == ("lost", "地价", "南通")
    again: Json = officer.post(path, {"status": "active", "on": "2026-11-24"}).json
    assert (again["status"], again["lost_reason"]) == ("active", None)
    both = {"status": "lost", "lost_reason": "用能", "lost_to": "盐城"}
    assert officer.patch(f"/leads/{lead.id}", both).json["lost_to"] == "盐城"  # type: ignore[index]
