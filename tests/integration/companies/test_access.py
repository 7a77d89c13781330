"""Who may open and do what."""

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.models import CompanyName
from crm.core.activity import Activity
from crm.core.outbox import OutboxRow
from tests.factories import (
    CompanyFactory,
    ContactFactory,
)
from tests.integration.companies.pages import AsUser, form_of
from tests.support.clients import Client


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
