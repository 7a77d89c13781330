"""`flask accounts …` as scripts rely on it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import passwords, queries, tokens
from crm.accounts.models import Team, User
from crm.core.activity import Activity
from crm.core.permissions import Role
from tests.factories import UserFactory
from tests.support.clients import Client, CliRunner


def create(cli: CliRunner, *more: str, typed: str = "春江潮水连海平海上\n") -> tuple[int, str]:
    words = ["accounts", "create", "zhoumin", "--name", "周敏", "--role", "officer", *more]
    result = cli.invoke(args=words, input=typed)
    return result.exit_code, result.output


def test_an_account_is_made_and_can_sign_in(
    cli: CliRunner, client: Client, db_session: Session
) -> None:
    code, output = create(cli, "--team", "项目一科", "--password-stdin")
    assert code == 0, output
    user = queries.find_user("zhoumin")
    assert user is not None
    assert user.team is not None
    assert (user.name, user.role, user.team.name) == ("周敏", Role.OFFICER, "项目一科")
    assert passwords.matches(user.password_hash, "春江潮水连海平海上")
    typed = {"username": "zhoumin", "password": "春江潮水连海平海上"}
    assert client.post("/login", data=typed).status_code == 303
    assert client.get("/account").status_code == 200
    log = db_session.scalars(select(Activity).order_by(Activity.id)).all()
    assert [(row.verb, row.actor_name) for row in log][:2] == [
        ("team.create", "系统"), ("user.create", "系统"),
    ]  # fmt: skip


def test_a_known_team_is_used_again(cli: CliRunner, db_session: Session) -> None:
    db_session.add(Team(name="项目一科"))
    assert create(cli, "--team", " 项目一科 ", "--password-stdin")[0] == 0
    assert db_session.query(Team).count() == 1


def test_a_weak_password_is_taken_with_a_hint(cli: CliRunner) -> None:
    code, output = create(cli, "--password-stdin", typed="short")
    assert code == 0
    assert "至少 10 个字符" in output


def test_without_a_password_nobody_can_sign_in(cli: CliRunner, db_session: Session) -> None:
    code, output = create(cli)
    assert code == 0
    assert "还没有密码" in output
    assert db_session.scalars(select(User.password_hash)).all() == [None]


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (["--role", "boss", "--password-stdin"], "x", "没有“boss”这个角色"),
        (["--password-stdin"], "", "没有密码"),
        (["--password-stdin"], "\n", "没有密码"),
        (["--password-stdin"], "a\nb", "一行文字"),
        (["--password-stdin"], "x" * 201, "最多 200 个字符"),
        (["--name", " ", "--password-stdin"], "x", "请填写姓名"),
        (["--name", "名" * 81, "--password-stdin"], "x", "最多 80 个字符"),
        (["--team", "科" * 81, "--password-stdin"], "x", "最多 80 个字符"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    cli: CliRunner, db_session: Session, words: list[str], password: str, said: str
) -> None:
    code, output = create(cli, *words, typed=password)
    assert code != 0
    assert said in output
    assert db_session.query(User).count() == db_session.query(Team).count() == 0


def test_a_taken_username_is_told(cli: CliRunner) -> None:
    UserFactory(username="zhoumin")
    code, output = create(cli, "--password-stdin")
    assert code == 1
    assert "已有人使用" in output


def test_a_token_stands_alone_on_the_last_line(cli: CliRunner, db_session: Session) -> None:
    user = UserFactory(username="zhoumin")
    result = cli.invoke(args=["accounts", "token", "zhoumin"])
    assert result.exit_code == 0
    found = tokens.find_user(result.stdout.splitlines()[-1])
    assert found is not None
    assert found.id == user.id


def test_no_token_for_strangers_and_closed_accounts(cli: CliRunner) -> None:
    UserFactory(username="gone", is_enabled=False)
    for name, said in (("nobody", "没有用户名"), ("gone", "已停用")):
        result = cli.invoke(args=["accounts", "token", name])
        assert result.exit_code == 1
        assert said in result.output
