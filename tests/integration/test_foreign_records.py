"""Every address as every role, with the ids of a record that the person may not know of.

A confidential lead of another team carries words that appear nowhere else. Whatever address is
asked with its ids (and its note's, its file's), by whatever method, the words stay unseen, the
answer is that of a record that does not exist, and nothing in the database moves.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from crm import indexing
from crm.accounts import tokens
from crm.core.activity import Activity
from crm.core.base import Base
from crm.core.permissions import Visibility
from crm.interactions.models import Attachment, Interaction
from crm.leads.models import Lead
from crm.leads.stages import Stage
from tests.factories import ContactFactory, InteractionFactory, LeadFactory, UserFactory, team_named

# Asked for by its first half, recognised by the second: a page may repeat what was typed.
ASKED, SECRET = "绝密配", "绝密配方七号"
UNSEEN = SECRET.removeprefix(ASKED)
STRANGERS = [
    ("officer", "项目一科"),
    ("team_lead", "项目一科"),
    ("reviewer", None),
    ("admin", None),
    ("auditor", None),
]
# What is written when somebody merely looks, or for the caller's own account.
OWN_TABLES = {"user_sessions", "api_tokens", "users", "alembic_version"}


@pytest.fixture
def secret(db_session: Session) -> dict[str, int | str]:
    """The ids of a confidential lead of 项目二科 and of what hangs on it."""
    owner = UserFactory(team=team_named("项目二科"), name="示例守密人")
    lead = LeadFactory(
        title=f"{SECRET}项目", stage=Stage.NEGOTIATING, owner=owner,
        visibility=Visibility.CONFIDENTIAL, summary=SECRET, next_step=SECRET,
    )  # fmt: skip
    note = InteractionFactory(lead=lead, author=owner, text=f"{SECRET}的细节", next_step=SECRET)
    contact = ContactFactory(company=lead.company)
    file = Attachment(
        token="t" * 43, interaction_id=note.id, name=f"{SECRET}.pdf",
        media_type="application/pdf", size=3, sha256="0" * 64,
    )  # fmt: skip
    db_session.add(file)
    db_session.commit()
    indexing.index().rebuild()
    return {
        "lead_id": lead.id, "interaction_id": note.id, "company_id": lead.company_id,
        "contact_id": contact.id, "user_id": owner.id, "token": file.token,
        "attachment_id": file.id, "field": "land_mu", "kind": "leads", "key": str(lead.id),
    }  # fmt: skip


def rules(app: Flask, method: str) -> Iterator[Rule]:
    """Addresses that answer this method and belong to the product."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint != "static":
            yield rule


def address(app: Flask, rule: Rule, ids: dict[str, int | str]) -> str:
    """The rule's address with the record's ids in it; other parts get a plain 1."""
    values = {name: ids.get(name, ".csv" if name == "ending" else 1) for name in rule.arguments}
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values)
    return str(built)


QUERIES = ["", f"?q={ASKED}", "?per_page=200&sort=-investment&company={company_id}"]


@pytest.mark.parametrize(("role", "team"), STRANGERS)
def test_no_address_shows_it(
    app: Flask, as_user: Callable[..., Any], secret: dict[str, int | str], role: str,
    team: str | None,
) -> None:  # fmt: skip
    client = as_user(role=role, team=team, can_export=True)
    headers = {"Authorization": f"Bearer {_token(client)}"}
    for rule in list(rules(app, "GET")):
        for query in QUERIES:
            path = address(app, rule, secret) + query.format(**secret)
            answer = client.get(path, headers=headers)
            assert answer.status_code < 500, f"{path}: {answer.status_code}"
            shown = answer.get_data(as_text=True)
            assert UNSEEN not in shown, f"{role} is shown the secret at {path}"
            if "lead_id" in rule.arguments or "interaction_id" in rule.arguments:
                assert answer.status_code == 404, f"{path}: {answer.status_code}"


@pytest.mark.parametrize(("role", "team"), STRANGERS)
def test_no_address_changes_it(
    app: Flask, db_session: Session, as_user: Callable[..., Any], secret: dict[str, int | str],
    role: str, team: str | None,
) -> None:  # fmt: skip
    client = as_user(role=role, team=team)
    before = _state(db_session)
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        for rule in list(rules(app, method)):
            if not {"lead_id", "interaction_id"} & set(rule.arguments):
                continue
            answer = client.open(address(app, rule, secret), method=method, data={"title": "改"})
            assert answer.status_code in (403, 404), f"{method} {rule.rule}: {answer.status_code}"
    assert _state(db_session) == before


def _token(client: Any) -> str:
    _, text = tokens.new_token(client.user, "test")
    return text


def _state(session: Session) -> dict[str, Any]:
    """Row counts of all business tables, and the lead and note word for word."""
    counts: dict[str, Any] = {
        name: session.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
        if name not in OWN_TABLES and name != Activity.__tablename__
    }
    for model in (Lead, Interaction):
        table = model.__table__
        counts[f"rows of {table.name}"] = [
            tuple(row) for row in session.execute(select(table).order_by(table.c.id))
        ]
    return counts
