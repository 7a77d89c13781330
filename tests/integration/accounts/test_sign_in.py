"""Signing in, staying signed in, and being signed out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import passwords, sign_in
from crm.accounts.models import SignInAttempts, User, UserSession
from crm.core import clock, settings as rules
from crm.core.activity import Activity
from crm.core.permissions import Role
from tests.support.clients import Client

PASSWORD = "a long enough one"


@pytest.fixture
def user(db_session: Session) -> User:
    user = User(
        username="zhoumin",
        name="周敏",
        role=Role.OFFICER,
        password_hash=passwords.hash_password(PASSWORD),
        preferences={},
    )
    db_session.add(user)
    db_session.commit()
    return user


@pytest.fixture
def at(today: Any) -> Iterator[Any]:
    """Move the clock on: `with at(minutes=5): …`."""
    start = clock.now()
    return lambda **later: clock.frozen(start + timedelta(**later))


def try_in(client: Client, password: str = PASSWORD, username: str = "zhoumin", **more: str) -> Any:
    return client.post("/login", data={"username": username, "password": password, **more})


def is_in(client: Client) -> bool:
    response = client.get("/session")
    assert response.json["signed_in"] == (response.status_code == 200)
    return bool(response.json["signed_in"])


def test_the_start_page_ends_at_the_sign_in(client: Client) -> None:
    response = client.get("/login")
    assert response.status_code == 200
    assert "登录" in response.text


def test_a_right_password_signs_in_and_is_logged(
    client: Client, user: User, db_session: Session
) -> None:
    response = try_in(client)
    assert response.status_code == 303
    assert is_in(client)
    stored = db_session.scalars(select(UserSession)).one()
    with client.session_transaction() as cookie:
        assert stored.key_hash == sign_in.hash_key(cookie["key"])
        assert stored.key_hash != cookie["key"]
    assert db_session.scalars(select(Activity.verb)).all() == ["account.sign_in"]
    assert user.last_login_at is not None


@pytest.mark.parametrize("known", [True, False], ids=["known name", "unknown name"])
def test_tries_are_counted_alike_for_every_name(
    client: Client, user: User, at: Any, db_session: Session, known: bool
) -> None:
    name = "zhoumin" if known else "nobody"
    told = []
    with at():
        for _turn in range(6):
            response = try_in(client, "wrong password", name)
            assert response.status_code == 422
            told.append(response.text)
    for left, text in zip((4, 3, 2, 1), told, strict=False):
        assert f"用户名或密码不对。再错 {left} 次锁定 15 分钟。" in text
    assert "已连续输错 5 次，锁定到 10:15。" in told[4]
    assert "已锁定到 10:15" in told[5]
    with at(minutes=14):
        assert "已锁定到 10:15" in try_in(client, PASSWORD, name).text
    with at(minutes=15, seconds=1):
        assert try_in(client, PASSWORD, name).status_code == (303 if known else 422)
    locks = db_session.scalars(select(Activity).where(Activity.verb == "account.locked")).all()
    assert len(locks) == int(known)


def test_a_right_password_starts_the_count_anew(
    client: Client, user: User, db_session: Session
) -> None:
    for _turn in range(4):
        try_in(client, "wrong password")
    assert try_in(client).status_code == 303
    assert db_session.scalars(select(SignInAttempts)).all() == []


def test_the_rule_sets_how_many_tries(client: Client, user: User, db_session: Session) -> None:
    db_session.add(rules.Setting(key="login_failures", value=2))
    assert "再错 1 次" in try_in(client, "wrong password").text
    assert "已连续输错 2 次" in try_in(client, "wrong password").text


def test_a_disabled_account_is_told_what_a_wrong_password_is_told(
    client: Client, user: User
) -> None:
    user.is_enabled = False
    response = try_in(client)
    assert response.status_code == 422
    assert "用户名或密码不对。再错 4 次" in response.text


def test_a_user_without_password_cannot_sign_in(client: Client, user: User) -> None:
    user.password_hash = None
    assert try_in(client, "no one's password").status_code == 422


def test_a_session_ends_when_the_account_is_disabled(client: Client, user: User) -> None:
    try_in(client)
    user.is_enabled = False
    assert not is_in(client)


def test_a_session_ends_idle_and_in_any_case(client: Client, user: User, at: Any) -> None:
    with at():
        try_in(client)
    for hours in range(11, 7 * 24, 11):
        with at(hours=hours):
            assert is_in(client), hours
    with at(days=7, seconds=1):
        assert not is_in(client)
    with at():
        try_in(client)
    with at(hours=12, seconds=1):
        assert not is_in(client)


def test_the_last_visit_is_written_at_most_once_a_minute(
    client: Client, user: User, at: Any, db_session: Session, count_statements: Any
) -> None:
    with at():
        try_in(client)
    with at(seconds=59), count_statements() as ran:
        is_in(client)
    assert not [text for text in ran.texts if text.startswith("UPDATE")]
    with at(seconds=60), count_statements() as ran:
        is_in(client)
    assert [text for text in ran.texts if text.startswith("UPDATE user_sessions")]


def test_signing_out_ends_the_session_on_the_server(client: Client, user: User, app: Flask) -> None:
    try_in(client)
    with client.session_transaction() as cookie:
        key = cookie["key"]
    assert client.post("/logout").location == "/login"
    assert not is_in(client)
    with client.session_transaction() as cookie:
        cookie["key"] = key
    assert not is_in(client)


@pytest.mark.parametrize("key", ["", "guess", 5, None])
def test_a_wrong_key_is_nobody(client: Client, user: User, key: Any) -> None:
    with client.session_transaction() as cookie:
        cookie["key"] = key
    assert not is_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/", "//example.org", "/\\example.org", "/\t/example.org", "\\/x",
        "javascript:alert(1)", "http:/example.org", " /leads/", "/a\\b", "/\n/example.org", "leads",
    ],
)  # fmt: skip
def test_the_way_back_never_leads_elsewhere(client: Client, user: User, target: str) -> None:
    assert "example" not in (try_in(client, next=target).location or "")
    assert not try_in(client, next=target).location.startswith(("java", "//", "/\\"))


def test_the_way_back_leads_to_the_page_asked_for(client: Client, user: User) -> None:
    assert try_in(client, next="/leads/?stage=signed&q=硅").location.startswith("/leads/?stage")


@pytest.mark.parametrize("field", ["username", "password"])
def test_an_empty_field_is_named_and_is_no_try(
    client: Client, user: User, db_session: Session, field: str
) -> None:
    response = client.post("/login", data={"username": "zhoumin", "password": "x", field: ""})
    assert response.status_code == 422
    assert "请填写" in response.text
    assert db_session.scalars(select(SignInAttempts)).all() == []


def test_control_characters_and_length_are_refused(client: Client, user: User) -> None:
    assert try_in(client, username="zhou\x00min").status_code == 422
    assert try_in(client, username="z" * 5000).status_code == 422
    assert try_in(client, "x" * 100_000).status_code == 422
