"""Accounts and teams as administrators keep them."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import passwords, queries, tokens
from crm.accounts.models import ApiToken, Team, User
from crm.accounts.services import people
from crm.core.activity import Activity
from crm.core.errors import Conflict
from crm.core.notices import Notice
from crm.core.permissions import SYSTEM, Role
from crm.leads.stages import OPEN_STATUSES, Status
from tests.factories import InteractionFactory, LeadFactory, UserFactory, team_named
from tests.support.clients import Client

AsUser = Callable[..., Client]


@pytest.fixture
def admin(as_user: AsUser) -> Client:
    return as_user(Role.ADMIN, name="管理员", team=None)


def fields(user: User, **changed: str) -> dict[str, str]:
    typed = {"name": user.name, "role": user.role.value, "team": str(user.team_id or "")}
    return {**typed, **changed}


def deeds(db_session: Session) -> list[tuple[str, int | None]]:
    rows = db_session.execute(select(Activity.verb, Activity.subject_id).order_by(Activity.id))
    return [(verb, subject) for verb, subject in rows]


def test_a_new_user_gets_a_first_password_that_is_shown_once(
    admin: Client, client: Client, db_session: Session
) -> None:
    team = team_named("项目一科")
    typed = {"username": "zhoumin", "name": "周敏", "role": "officer", "team": str(team.id)}
    page = admin.post("/admin/users/new", data=typed).text
    (password,) = re.findall(r'id="first-password">([^<]+)<', page)
    user = queries.find_user("zhoumin")
    assert user is not None
    assert (user.name, user.role, user.team_id) == ("周敏", Role.OFFICER, team.id)
    assert (user.name_pinyin, user.name_initials) == ("zhoumin", "zm")
    assert user.must_change_password
    assert password not in admin.get(f"/admin/users/{user.id}").text
    assert deeds(db_session) == [("user.create", user.id), ("user.password", user.id)]
    response = client.post("/login", data={"username": "zhoumin", "password": password})
    assert response.status_code == 303
    assert client.get("/account").location == "/account/password"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": ""}, "请填写用户名"),
        ({"username": "zhou min"}, "用户名用字母"),
        ({"username": "<b>"}, "用户名用字母"),
        ({"username": "taken"}, "已有人使用"),
        ({"name": "  "}, "请填写姓名"),
        ({"role": "boss"}, ""),
        ({"team": "99999"}, ""),
        ({"password": "short"}, "至少 10 个字符"),
        ({"password": "zhouminzho"}, "不能是用户名"),
    ],
)
def test_a_bad_new_user_is_refused_and_leaves_nothing(
    admin: Client, db_session: Session, changed: dict[str, str], said: str
) -> None:
    UserFactory(username="taken", team=None)
    before = db_session.query(User).count()
    typed = {"username": "zhoumin", "name": "周敏", "role": "officer", "team": "", **changed}
    response = admin.post("/admin/users/new", data=typed)
    assert response.status_code == 422
    assert said in response.text
    assert db_session.query(User).count() == before
    assert deeds(db_session) == []


def test_a_chosen_first_password_is_kept(admin: Client) -> None:
    typed = {"username": "zhoumin", "name": "周敏", "role": "officer", "team": "",
             "password": "chosen by the admin"}  # fmt: skip
    assert "chosen by the admin" in admin.post("/admin/users/new", data=typed).text
    user = queries.find_user("zhoumin")
    assert user is not None
    assert passwords.matches(user.password_hash, "chosen by the admin")


def test_a_change_is_logged_with_before_and_after(admin: Client, db_session: Session) -> None:
    user = UserFactory(name="周敏", team=team_named("项目一科"))
    other = team_named("项目二科")
    typed = fields(user, role="team_lead", team=str(other.id), name="周敏敏", can_export="y")
    assert admin.post(f"/admin/users/{user.id}", data=typed).status_code == 303
    assert (user.role, user.team_id, user.name) == (Role.TEAM_LEAD, other.id, "周敏敏")
    assert (user.can_export, user.name_initials) == (True, "zmm")
    logged = db_session.scalars(select(Activity)).one()
    assert logged.changes == {
        "name": ["周敏", "周敏敏"],
        "role": ["招商专员", "科室负责人"],
        "team": ["项目一科", "项目二科"],
        "can_export": [False, True],
    }


def test_a_save_without_change_is_not_logged(admin: Client, db_session: Session) -> None:
    user = UserFactory()
    assert admin.post(f"/admin/users/{user.id}", data=fields(user)).status_code == 303
    assert deeds(db_session) == []


def test_past_interactions_keep_the_team_of_their_time(admin: Client, db_session: Session) -> None:
    old, new = team_named("项目一科"), team_named("项目二科")
    user = UserFactory(team=old)
    interaction = InteractionFactory(author=user)
    kept = [(row.user_id, row.team_id) for row in interaction.participants]
    admin.post(f"/admin/users/{user.id}", data=fields(user, team=str(new.id)))
    db_session.expire_all()
    assert user.team_id == new.id
    assert [(row.user_id, row.team_id) for row in interaction.participants] == kept


def test_disabling_ends_sessions_and_tokens_at_once(
    admin: Client, as_user: AsUser, db_session: Session
) -> None:
    leaver = as_user(name="周敏")
    token = ApiToken(user_id=leaver.user.id, token_hash=tokens.hash_key("zs_secret"), name="x")
    db_session.add(token)
    assert leaver.get("/session").status_code == 200
    assert admin.post(f"/admin/users/{leaver.user.id}/disable").status_code == 303
    assert leaver.get("/session").status_code == 401
    assert tokens.find_user("zs_secret") is None
    db_session.rollback()
    assert deeds(db_session) == [("user.disable", leaver.user.id)]
    # Opened again, the old session and token stay ended.
    admin.post(f"/admin/users/{leaver.user.id}/enable")
    assert leaver.get("/session").status_code == 401
    assert tokens.find_user("zs_secret") is None


def test_a_leavers_leads_are_told_to_those_who_hand_over(
    admin: Client, db_session: Session
) -> None:
    """The administrator sees the number; team lead and manager get a notice."""
    team = team_named("项目一科")
    leaver = UserFactory(name="周敏", team=team)
    chief = UserFactory(name="科长", role=Role.TEAM_LEAD, team=team)
    manager = UserFactory(name="主任", role=Role.MANAGER)
    UserFactory(role=Role.TEAM_LEAD, team=team_named("项目二科"))
    LeadFactory(owner=leaver, team=team, title="绝密电芯项目")
    LeadFactory(owner=leaver, team=team, status=Status.PAUSED)
    LeadFactory(owner=leaver, team=team, status=Status.LOST)
    assert "绝密电芯" not in admin.get(f"/admin/users/{leaver.id}").text
    admin.post(f"/admin/users/{leaver.id}/disable")
    page = admin.get(f"/admin/users/{leaver.id}").text
    assert "名下还有 2 条在谈线索没有移交" in page
    assert "科长" in page
    assert "绝密电芯" not in page
    notices = db_session.scalars(select(Notice)).all()
    assert {notice.user_id for notice in notices} == {chief.id, manager.id}
    assert {notice.url for notice in notices} == {f"/leads/hand-over?from={leaver.id}"}
    assert {notice.text for notice in notices} == {"周敏的账户已停用，名下 2 条在谈线索待移交。"}


def test_open_leads_are_counted_as_leads_count_them() -> None:
    assert set(queries.OPEN_STATUSES) == {status.value for status in OPEN_STATUSES}


def test_the_last_administrator_stays(admin: Client, db_session: Session) -> None:
    other = UserFactory(role=Role.ADMIN, team=None)
    with pytest.raises(Conflict, match="最后一位系统管理员"):
        people.disable_user(actor=SYSTEM, user=_alone(db_session, other))
    with pytest.raises(Conflict, match="最后一位系统管理员"):
        people.update_user(actor=SYSTEM, user=other, values={"role": Role.OFFICER})
    assert other.is_enabled


def _alone(db_session: Session, user: User) -> User:
    """Leave this administrator the only one."""
    for one in db_session.scalars(select(User).where(User.role == Role.ADMIN)):
        one.is_enabled = one is user
    db_session.commit()
    return user


def test_nobody_disables_or_promotes_themselves(admin: Client) -> None:
    UserFactory(role=Role.ADMIN, team=None)
    me = admin.user
    admin.post(f"/admin/users/{me.id}/disable")
    assert me.is_enabled
    assert "不能停用自己的账户" in admin.get("/admin/users").text
    response = admin.post(f"/admin/users/{me.id}", data=fields(me, role="manager"))
    assert response.status_code == 422
    assert "不能更改自己的角色" in response.text
    assert me.role is Role.ADMIN
    assert admin.post(f"/admin/users/{me.id}/password").status_code == 303
    assert not me.must_change_password


def test_a_reset_password_ends_sessions_and_lifts_a_lock(
    admin: Client, as_user: AsUser, client: Client
) -> None:
    locked = as_user(password_hash=passwords.hash_password("the old password"))
    name = locked.user.username
    for _turn in range(5):
        client.post("/login", data={"username": name, "password": "wrong"})
    page = admin.post(f"/admin/users/{locked.user.id}/password").text
    (password,) = re.findall(r'id="first-password">([^<]+)<', page)
    assert locked.get("/session").status_code == 401
    old = {"username": name, "password": "the old password"}
    assert client.post("/login", data=old).status_code == 422
    assert client.post("/login", data={**old, "password": password}).status_code == 303


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=周", {"周敏"}),
        ("q=zm", {"周敏"}),
        ("q=zhoum", {"周敏"}),
        ("q=LISI", {"李思"}),
        ("role=team_lead", {"李思"}),
        ("state=disabled", {"王五"}),
        ("state=no_password", {"李思", "管理员"}),
        ("state=enabled&role=officer", {"周敏"}),
        ("q=%25", set()),
        (
            "role=boss&state=odd&team=x&page=-3&sort=password_hash",
            {"周敏", "李思", "王五", "管理员"},
        ),
    ],
)
def test_the_list_is_narrowed(admin: Client, query: str, found: set[str]) -> None:
    made = {"name_pinyin": "zhoumin", "name_initials": "zm", "password_hash": "x"}
    UserFactory(username="zhou", name="周敏", team=None, **made)
    UserFactory(username="lisi", name="李思", role=Role.TEAM_LEAD, team=None)
    UserFactory(username="wangwu", name="王五", is_enabled=False, team=None)
    page = admin.get(f"/admin/users?{query}").text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert {name for name in ("周敏", "李思", "王五", "管理员") if name in table} == found


def test_the_list_takes_the_same_statements_for_many(
    admin: Client, count_statements: Callable[..., object]
) -> None:
    admin.get("/admin/users")
    with count_statements() as few:  # type: ignore[attr-defined]
        admin.get("/admin/users")
    UserFactory.create_batch(30)
    with count_statements() as many:  # type: ignore[attr-defined]
        admin.get("/admin/users")
    assert many.total == few.total <= 5


def test_teams_are_made_renamed_and_closed(admin: Client, db_session: Session) -> None:
    assert admin.post("/admin/teams", data={"name": "装备科"}).status_code == 303
    team = db_session.scalars(select(Team)).one()
    url = f"/admin/teams/{team.id}"
    admin.post(url, data={"name": "装备制造科", "do": "rename"})
    assert team.name == "装备制造科"
    member = UserFactory(team=team)
    admin.post(url, data={"do": "close"})
    assert team.active
    assert "还有 1 位在用账户" in admin.get("/admin/teams").text
    member.is_enabled = False
    admin.post(url, data={"do": "close", "name": "装备制造科"})
    assert not team.active
    assert "装备制造科" not in admin.get("/admin/users/new").text
    admin.post(url, data={"do": "open"})
    assert team.active
    assert [verb for verb, _ in deeds(db_session)] == [
        "team.create", "team.rename", "team.close", "team.open",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "   ", "项目一科", "科" * 81])
def test_a_bad_team_name_is_refused(admin: Client, db_session: Session, name: str) -> None:
    team_named("项目一科")
    team_named("项目二科")
    assert admin.post("/admin/teams", data={"name": name}).status_code == 422
    two = team_named("项目二科")
    admin.post(f"/admin/teams/{two.id}", data={"name": name})
    assert {team.name for team in db_session.scalars(select(Team))} == {"项目一科", "项目二科"}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/users"), ("GET", "/admin/users/new"), ("POST", "/admin/users/new"),
        ("GET", "/admin/users/{id}"), ("POST", "/admin/users/{id}"),
        ("POST", "/admin/users/{id}/disable"), ("POST", "/admin/users/{id}/enable"),
        ("POST", "/admin/users/{id}/password"), ("GET", "/admin/teams"),
        ("POST", "/admin/teams"), ("POST", "/admin/teams/1"),
    ],
)  # fmt: skip
def test_only_administrators_get_in(
    as_user: AsUser, db_session: Session, role: Role, method: str, path: str
) -> None:
    client = as_user(role)
    other = UserFactory()
    typed = {"username": "new", "name": "新人", "role": "admin", "team": "", "do": "close"}
    response = client.open(path.format(id=other.id), method=method, data=typed)
    assert response.status_code == 404
    assert other.is_enabled
    assert deeds(db_session) == []


def test_a_missing_user_or_team_is_404(admin: Client) -> None:
    for path in ("/admin/users/999999/disable", "/admin/users/999999", "/admin/teams/999999"):
        assert admin.post(path).status_code == 404
