"""One's own account: password, language, sessions, tokens; colleagues in the typeahead."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import passwords, tokens
from crm.accounts.models import ApiToken, UserSession
from crm.core.activity import Activity
from crm.core.permissions import Role
from tests.factories import UserFactory, team_named
from tests.support.clients import Client

AsUser = Callable[..., Client]
OLD, NEW = "the old password", "春江潮水连海平海上明月"


def verbs(db_session: Session) -> list[str]:
    return list(db_session.scalars(select(Activity.verb).order_by(Activity.id)))


@pytest.mark.parametrize("role", list(Role))
def test_everyone_has_an_account_page(as_user: AsUser, role: Role) -> None:
    client = as_user(role)
    page = client.get("/account").text
    assert client.user.username in page
    assert role.label in page


def change(client: Client, current: str = OLD, new: str = NEW, again: str | None = None) -> Any:
    data = {"current": current, "new": new, "again": new if again is None else again}
    return client.post("/account/password", data=data)


def test_a_new_password_ends_all_other_sessions(as_user: AsUser, db_session: Session) -> None:
    client = as_user(password_hash=passwords.hash_password(OLD))
    elsewhere = as_user(user=client.user)
    assert change(client).status_code == 303
    assert passwords.matches(client.user.password_hash, NEW)
    assert client.get("/session").status_code == 200
    assert elsewhere.get("/session").status_code == 401
    assert verbs(db_session) == ["account.password"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "wrong one"}, "现在的密码不对"),
        ({"new": "short"}, "至少 10 个字符"),
        ({"new": OLD}, "新密码要与现在的不同"),
        ({"again": "something else"}, "两次输入的新密码不一样"),
        ({"new": ""}, "请填写新密码"),
        ({"current": ""}, "请填写现在的密码"),
    ],
)
def test_a_bad_change_is_refused_with_the_reason(
    as_user: AsUser, db_session: Session, typed: dict[str, str], said: str
) -> None:
    client = as_user(password_hash=passwords.hash_password(OLD))
    response = change(client, **typed)
    assert response.status_code == 422
    assert said in response.text
    assert passwords.matches(client.user.password_hash, OLD)
    assert verbs(db_session) == []


def test_a_first_password_must_be_changed_before_anything_else(
    as_user: AsUser, db_session: Session
) -> None:
    client = as_user(must_change_password=True, password_hash=passwords.hash_password(OLD))
    assert client.get("/account").location == "/account/password"
    assert client.post("/account/tokens", data={"name": "x"}).location == "/account/password"
    assert db_session.scalars(select(ApiToken)).all() == []
    assert "请先设置自己的密码" in client.get("/account/password").text
    assert change(client).status_code == 303
    assert client.get("/account").status_code == 200


def test_the_language_is_a_personal_setting(as_user: AsUser) -> None:
    client = as_user()
    assert client.post("/account/language", data={"locale": "en"}).status_code == 303
    assert '<html lang="en"' in client.get("/account").text
    assert client.post("/account/language", data={"locale": "xx"}).status_code == 422
    assert client.user.locale == "en"


def test_own_sessions_are_listed_and_can_be_ended(as_user: AsUser, db_session: Session) -> None:
    here = as_user()
    there, third = as_user(user=here.user), as_user(user=here.user)
    stranger = as_user()
    page = here.get("/account").text
    assert page.count("最近使用") == 3
    assert page.count(">当前<") == 1
    rows = db_session.scalars(select(UserSession).order_by(UserSession.id)).all()
    assert here.post(f"/account/sessions/{rows[1].id}/end").status_code == 303
    assert there.get("/session").status_code == 401
    assert here.post("/account/sessions/end-others").status_code == 303
    assert third.get("/session").status_code == 401
    assert here.get("/session").status_code == 200
    assert here.post(f"/account/sessions/{rows[3].id}/end").status_code == 404
    assert stranger.get("/session").status_code == 200


def test_signing_out_everywhere_includes_here(as_user: AsUser) -> None:
    here = as_user()
    there = as_user(user=here.user)
    assert here.post("/account/sessions/end-all").location == "/login"
    assert here.get("/session").status_code == 401
    assert there.get("/session").status_code == 401


def test_a_token_is_shown_once_and_revoked_at_once(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    page = client.post("/account/tokens", data={"name": "数据中台"}).text
    (text,) = re.findall(r"zs_[\w-]{40,}", page)
    assert text not in client.get("/account").text
    stored = db_session.scalars(select(ApiToken)).one()
    assert text not in stored.token_hash
    found = tokens.find_user(text)
    assert found is not None
    assert found.id == client.user.id
    db_session.rollback()
    other = as_user()
    assert other.post(f"/account/tokens/{stored.id}/revoke").status_code == 404
    assert tokens.find_user(text) is not None
    db_session.rollback()
    assert client.post(f"/account/tokens/{stored.id}/revoke").status_code == 303
    assert tokens.find_user(text) is None
    assert tokens.find_user("zs_guess") is None
    assert verbs(db_session) == ["account.token", "account.token_revoked"]


def test_a_token_stops_with_its_owners_account(as_user: AsUser, db_session: Session) -> None:
    client = as_user()
    page = client.post("/account/tokens", data={"name": "数据中台"}).text
    (text,) = re.findall(r"zs_[\w-]{40,}", page)
    client.user.is_enabled = False
    db_session.commit()
    assert tokens.find_user(text) is None


def test_a_token_needs_a_purpose_and_there_are_not_too_many(as_user: AsUser) -> None:
    client = as_user()
    assert client.post("/account/tokens", data={"name": " "}).status_code == 422
    for number in range(20):
        assert client.post("/account/tokens", data={"name": f"{number}"}).status_code == 200
    response = client.post("/account/tokens", data={"name": "21"})
    assert response.status_code == 422
    assert "最多 20 个令牌" in response.text


@pytest.mark.parametrize("typed", ["王", "wangf", "wf", "芳芳", "WANGF", "wang.ff"])
def test_colleagues_are_found_as_people_type(as_user: AsUser, typed: str) -> None:
    fields = {"name": "王芳芳", "name_pinyin": "wangfangfang", "name_initials": "wff"}
    UserFactory(username="wang.ff", team=team_named("项目二科"), **fields)
    UserFactory(username="wang.gone", is_enabled=False, **fields)
    UserFactory(username="wang.admin", role=Role.ADMIN, **fields)
    client = as_user()
    items = client.get("/people.json", query_string={"q": typed}).json["items"]
    assert [(item["label"], item["sub"]) for item in items] == [("王芳芳", "项目二科")]


@pytest.mark.parametrize("typed", ["%", "_", "王%", "\\"])
def test_wildcards_are_ordinary_characters(as_user: AsUser, typed: str) -> None:
    client = as_user(name="王芳")
    assert client.get("/people.json", query_string={"q": typed}).json["items"] == []


def test_the_own_team_comes_first(as_user: AsUser) -> None:
    UserFactory(name="李一", team=team_named("项目二科"))
    UserFactory(name="李二", team=team_named("项目一科"))
    client = as_user(name="周敏", team="项目一科")
    items = client.get("/people.json?q=李").json["items"]
    assert [item["label"] for item in items] == ["李二", "李一"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_colleagues_are_business(as_user: AsUser, role: Role) -> None:
    assert as_user(role).get("/people.json?q=x").status_code == 404
