"""Requests without a session, and forms whose token belongs to a session that ended."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.models import Team
from crm.core.permissions import Role
from tests.support.clients import Client

AsUser = Callable[..., Client]
HERE = {"Origin": "http://localhost"}


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"WTF_CSRF_ENABLED": True}


def token_of(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def test_a_page_leads_to_the_sign_in_and_back(client: Client) -> None:
    response = client.get("/admin/users?role=admin&q=周")
    assert response.status_code == 303
    assert response.location.startswith("/login?next=/admin/users?role%3Dadmin")
    page = client.get(response.location).text
    assert 'value="/admin/users?role=admin&amp;q=' in page


def test_a_part_of_a_page_is_answered_with_401(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/leads/5"}
    response = client.get("/admin/users", headers=headers)
    assert response.status_code == 401
    assert "/login?next=/leads/5" in response.text
    assert client.get("/people.json?q=x").status_code == 401
    assert client.get("/admin/users", headers={"X-Requested-With": "fetch"}).status_code == 401


def test_the_script_is_never_led_to_another_site(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://example.org/leads/5"}
    assert "example.org" not in client.get("/admin/users", headers=headers).text


def post_team(client: Client, token: str = "", **headers: str) -> Any:
    return client.post(
        "/admin/teams",
        data={"name": "<b>装备科</b>", "password": "hunter2", "csrf_token": token},
        headers={"Referer": "http://localhost/admin/teams", **headers},
    )


def test_what_was_typed_survives_a_sign_out(
    as_user: AsUser, client: Client, app: Flask, db_session: Session
) -> None:
    """The stale tab answers with the text, and sends it again once the person is back."""
    response = post_team(client, **HERE)
    assert response.status_code == 401
    assert "您已退出登录，没有保存" in response.text
    assert "/login?next=/admin/teams" in response.text
    assert "&lt;b&gt;装备科&lt;/b&gt;" in response.text
    assert "hunter2" not in response.text
    assert "再次提交" in response.text
    assert db_session.scalars(select(Team).where(Team.name.contains("装备"))).all() == []

    # Signed in again in another tab; the old page is sent again with its old token.
    admin = as_user(Role.ADMIN)
    again = post_team(admin, "of a session that ended", **HERE)
    assert again.status_code == 400
    assert "页面已过期，没有保存" in again.text
    assert "&lt;b&gt;装备科&lt;/b&gt;" in again.text
    saved = post_team(admin, token_of(again.text), **HERE)
    assert saved.status_code == 303
    assert db_session.scalars(select(Team.name).where(Team.name.contains("装备"))).one()


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://localhost.example.org"])
def test_a_form_of_another_site_is_never_sent_again(as_user: AsUser, origin: str) -> None:
    page = post_team(as_user(Role.ADMIN), Origin=origin)
    assert page.status_code == 400
    assert "再次提交" not in page.text


def test_a_form_with_a_token_of_a_dead_session_is_told_about_the_sign_out(client: Client) -> None:
    response = post_team(client, "of a session that ended", **HERE)
    assert response.status_code == 401
    assert "您已退出登录" in response.text


def test_a_part_with_a_stale_token_says_so(as_user: AsUser) -> None:
    response = post_team(as_user(Role.ADMIN), **{"HX-Request": "true"})
    assert response.status_code == 400
    assert "页面已过期" in response.text
    assert "<html" not in response.text


def test_the_sign_in_itself_with_a_stale_token(client: Client) -> None:
    data = {"username": "zhoumin", "password": "secret words"}
    response = client.post("/login", data=data, headers=HERE)
    assert response.status_code == 400
    assert "登录页打开太久，已过期" in response.text
    assert 'value="zhoumin"' in response.text
    assert "secret words" not in response.text
    assert "再次提交" not in response.text


def test_a_huge_form_is_not_echoed(client: Client) -> None:
    response = client.post("/admin/teams", data={"name": "x" * 3_000_000}, headers=HERE)
    assert response.status_code == 401
    assert len(response.text) < 100_000


def test_what_is_missing_and_what_is_forbidden_look_alike(as_user: AsUser) -> None:
    officer = as_user(Role.OFFICER)
    forbidden, missing = officer.get("/admin/users"), officer.get("/admin/nothing")
    assert forbidden.status_code == missing.status_code == 404
    number = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
    assert number.sub("", forbidden.text) == number.sub("", missing.text)
