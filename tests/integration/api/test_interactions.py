"""Interactions over the API."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.api.records import interactions as records
from crm.core.permissions import Visibility
from crm.interactions.models import Interaction, InteractionRevision
from tests.factories import CompanyFactory, InteractionFactory, LeadFactory, UserFactory, team_named
from tests.integration.api.caller import Caller, Json, faults
from tests.integration.api.conftest import TEAM

NOTE: Json = {
    "ref": "N/1",
    "kind": "visit",
    "occurred_on": "2026-11-20",
    "outcome": "advanced",
    "text": "看了老厂，两条线，想要200亩左右。",
    "next_step": "寄样品",
    "next_on": "2026-11-30",
}


def test_what_was_sent_comes_back(officer: Caller) -> None:
    UserFactory(username="wang")
    lead = LeadFactory(owner=officer.user, ref="L-1")
    other = CompanyFactory(ref="C-2")
    body = {**NOTE, "lead_ref": "L-1", "company_refs": ["C-2"], "participants": ["wang"]}
    response = officer.post("/interactions", body)
    assert response.status_code == 201, response.text
    made: Json = response.json
    assert {name: made[name] for name in body} == body
    assert (made["lead_id"], made["lead_title"]) == (lead.id, lead.title)
    assert set(made["company_ids"]) == {other.id, lead.company.id}
    assert (made["author"], made["author_team"], made["next_owner"]) == ("zhou", TEAM, "zhou")
    assert officer.get(f"/interactions/{made['id']}").json == made
    assert officer.get("/interactions/ref:N/1").json == made
    assert officer.get("/interactions").json["items"] == [made]  # type: ignore[index]
    assert officer.patch(f"/interactions/{made['id']}", body, etag=made["etag"]).json == made


def test_the_author_may_be_another(officer: Caller) -> None:
    UserFactory(username="wang", team=team_named("外资招商科"))
    company = CompanyFactory()
    made = officer.made("/interactions", {**NOTE, "company_ids": [company.id], "author": "WANG"})
    assert (made["author"], made["author_team"]) == ("wang", "外资招商科")


BAD_VALUES: list[tuple[str, Any]] = [
    ("kind", "fax"), ("kind", None), ("occurred_on", "2026-11-25"), ("occurred_on", None),
    ("occurred_on", "1.1.2026"), ("occurred_on", "1900-01-01"), ("text", ""), ("text", "  "),
    ("text", "字" * 20_001), ("text", "a\x00b"), ("text", ["a"]), ("outcome", "great"),
    ("author", "nobody"), ("participants", ["nobody"]), ("participants", [1]),
    ("company_ids", [99999]), ("company_ids", []), ("company_ids", "1"),
    ("company_ids", [10**12]), ("company_refs", ["gone"]), ("lead_id", 99999),
    ("lead_ref", "gone"), ("next_on", "2026-11-01"), ("next_step", "字" * 201),
    ("next_owner", "nobody"), ("attachments", []), ("author_id", 1),
]  # fmt: skip


def test_bad_values_are_named_and_nothing_is_saved(officer: Caller, db_session: Session) -> None:
    company = CompanyFactory()
    db_session.commit()
    for field, value in BAD_VALUES:
        body = {**NOTE, "company_ids": [company.id], field: value}
        assert faults(officer.post("/interactions", body)) == {field}, value
    assert db_session.scalar(select(func.count(Interaction.id))) == 0


def test_a_hidden_lead_takes_no_notes_and_shows_none(calls: Callable[..., Caller]) -> None:
    owner, stranger = calls(), calls(team="外资招商科")
    lead = LeadFactory(owner=owner.user, visibility=Visibility.TEAM, ref="L-1")
    note = InteractionFactory(lead=lead, author=owner.user, ref="N-1", text="机密的话")
    for key in (note.id, "ref:N-1"):
        hidden, gone = stranger.get(f"/interactions/{key}"), stranger.get("/interactions/99999")
        assert (hidden.status_code, hidden.data) == (404, gone.data)
        changed = stranger.patch(f"/interactions/{key}", {"text": "x"})
        assert (changed.status_code, changed.data) == (404, gone.data)
    for link in ({"lead_id": lead.id}, {"lead_ref": "L-1"}):
        there = stranger.post("/interactions", {**NOTE, **link})
        field = next(iter(link))
        gone = stranger.post("/interactions", {**NOTE, field: 99999 if field == "lead_id" else "x"})
        assert there.status_code == 422
        assert there.data == gone.data
    for query in (
        "",
        f"?lead={lead.id}",
        "?lead=ref:L-1",
        "?q=机密",
        f"?company={lead.company.id}",
    ):
        assert stranger.get(f"/interactions{query}").json["total"] == 0, query  # type: ignore[index]
        assert owner.get(f"/interactions{query}").json["total"] == 1, query  # type: ignore[index]


def test_who_may_change_a_note(calls: Callable[..., Caller], db_session: Session) -> None:
    author, colleague, lead_of_team = calls(), calls(), calls("team_lead")
    note = InteractionFactory(author=author.user, author_team=author.user.team)  # type: ignore[union-attr]
    path = f"/interactions/{note.id}"
    assert colleague.patch(path, {"text": "改"}).status_code == 403
    etag = author.get(path).headers["ETag"]
    assert author.patch(path, {"text": "改"}, etag=None).status_code == 428
    assert author.patch(path, {"text": "改"}, etag=etag).json["text"] == "改"  # type: ignore[index]
    assert author.patch(path, {"text": "又改"}, etag=etag).status_code == 412
    assert lead_of_team.patch(path, {"outcome": "blocked", "next_on": None}).status_code == 200
    assert db_session.scalar(select(func.count(InteractionRevision.id))) == 2


def test_a_list_is_narrowed(officer: Caller) -> None:
    lead = LeadFactory(owner=officer.user, ref="L-1")
    first = officer.made("/interactions", {**NOTE, "lead_id": lead.id})
    other = {**NOTE, "ref": None, "kind": "call", "occurred_on": "2026-11-10", "text": "电话里说",
             "next_step": "", "next_on": None, "outcome": None}  # fmt: skip
    second = officer.made("/interactions", {**other, "company_ids": [CompanyFactory().id]})

    def ids(query: str) -> list[int]:
        response = officer.get(f"/interactions?{query}")
        assert response.status_code == 200, response.text
        return [item["id"] for item in response.json["items"]]  # type: ignore[index]

    assert ids("") == [first["id"], second["id"]]
    assert ids("sort=occurred_on") == [second["id"], first["id"]]
    assert ids("kind=call,email") == ids("to=2026-11-10") == ids("q=电话里") == [second["id"]]
    assert ids("lead=ref:L-1") == ids("from=2026-11-11") == ids("open=1") == [first["id"]]
    assert ids("outcome=advanced") == [first["id"]]
    assert ids(f"author=zhou&team={TEAM}&per_page=1&page=2") == [second["id"]]
    assert ids("author=nobody") == ids("lead=ref:none") == []
    for query, field in (("kind=fax", "kind"), ("from=x", "from"), ("contact=1", "contact")):
        assert faults(officer.get(f"/interactions?{query}")) == {field}


def test_many_rows_are_not_counted_to_the_end(officer: Caller, monkeypatch: Any) -> None:
    monkeypatch.setattr(records, "MOST_COUNTED", 3)
    company = CompanyFactory()
    InteractionFactory.create_batch(3, company=company)
    assert officer.get("/interactions").json["total"] == 3  # type: ignore[index]
    InteractionFactory(company=company)
    listed: Json = officer.get("/interactions?per_page=2").json
    assert (listed["total"], listed["total_at_least"]) == (None, 3)


def test_statements_do_not_grow_with_rows(
    officer: Caller, count_statements: Callable[[], Any], db_session: Session
) -> None:
    def read() -> Any:
        db_session.commit()
        with count_statements() as ran:
            assert officer.get("/interactions?per_page=200").status_code == 200
        return ran

    for _number in range(2):
        InteractionFactory(lead=LeadFactory(), occurred_on=date(2026, 11, 1))
    read()
    few = read()
    for _number in range(15):
        InteractionFactory(lead=LeadFactory(), occurred_on=date(2026, 11, 1))
    many = read()
    assert many.total == few.total, many
    assert many.total <= 9, many
