"""The fixtures themselves: fresh databases, requests apart from the test, checks that bite."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm.accounts.models import Team
from crm.extensions import db
from tests.support.clients import Client
from tests.support.html import check_html


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_starts_from_the_same_state(db_session: Session, turn: int) -> None:
    assert db_session.query(Team).filter_by(name="项目一科").count() == 0
    db_session.add(Team(name="项目一科"))
    db_session.commit()


def test_a_request_sees_what_the_test_prepared_and_the_test_what_it_wrote(
    app: Flask, client: Client, db_session: Session
) -> None:
    seen: list[str] = []

    @app.route("/rename")
    def rename() -> str:
        assert db.session() is not db_session
        team = db.session.query(Team).one()
        seen.append(team.name)
        team.name = "项目二科"
        db.session.commit()
        return "ok"

    team = Team(name="项目一科")
    db_session.add(team)
    assert client.get("/rename").text == "ok"
    assert seen == ["项目一科"]
    assert team.name == "项目二科"


def test_statements_are_counted(db_session: Session, count_statements) -> None:
    with count_statements() as ran:
        db_session.execute(text("SELECT 1"))
        db_session.execute(text("SELECT 2"))
    assert ran.total == 2


@pytest.mark.parametrize(
    "markup",
    ["<p>a</div>", "<!doctype html><title>t</title><table><p>a</p></table>", "<p id=a id=b>a</p>"],
)
def test_malformed_pages_are_found(markup: str) -> None:
    with pytest.raises(AssertionError, match="malformed HTML"):
        check_html(markup, fragment=not markup.startswith("<!doctype"))


def test_a_well_formed_page_and_part_pass() -> None:
    check_html("<!doctype html><html lang=zh><title>t</title><p>企业</p></html>")
    check_html("<table><tbody><tr><td>企业</td></tr></tbody></table>", fragment=True)
