"""`flask accounts …`: people and tokens from the command line, acting as the system."""

import sys

import click
from flask.cli import AppGroup

from crm.accounts import passwords, queries
from crm.accounts.services import own, people, teams
from crm.accounts.services.people import UserValues
from crm.core.errors import DomainError
from crm.core.permissions import SYSTEM, Role
from crm.core.unit_of_work import unit_of_work

accounts = AppGroup("accounts", help="账户与 API 令牌。")


@accounts.command("create")
@click.argument("username")
@click.option("--name", required=True, help="姓名。")
@click.option("--role", required=True, help="、".join(role.value for role in Role))
@click.option("--team", default="", help="科室；没有则新建。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读取密码。")
def create(username: str, name: str, role: str, team: str, password_stdin: bool) -> None:
    """新建一个账户。"""
    found = Role.read(role)
    if found is None:
        raise click.UsageError(
            f"没有“{role}”这个角色，可用：{'、'.join(item.value for item in Role)}。"
        )
    password = _password_from_stdin() if password_stdin else None
    try:
        with unit_of_work():
            its_team = teams.ensure_team(actor=SYSTEM, name=team) if team.strip() else None
            values: UserValues = {"username": username, "name": name, "role": found}
            values["team_id"] = its_team.id if its_team else None
            people.create_user(actor=SYSTEM, values=values, password=password)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    for weakness in passwords.weaknesses(password, username) if password else []:
        click.echo(f"提示：{weakness}建议登录后更改。", err=True)
    if password is None:
        click.echo("提示：还没有密码，请由管理员在“用户与科室”页设置首次密码。", err=True)
    click.echo(f"已新建账户 {username.strip()}（{found.label}）。")


@accounts.command("token")
@click.argument("username")
@click.option("--name", default="命令行", help="用途，显示在个人设置中。")
def token(username: str, name: str) -> None:
    """新建一个 API 令牌，单独打印在最后一行。"""
    user = queries.find_user(username)
    if user is None:
        raise click.ClickException(f"没有用户名为“{username}”的账户。")
    if not user.is_enabled:
        raise click.ClickException(f"账户“{username}”已停用，不能新建令牌。")
    try:
        with unit_of_work():
            held = len(queries.own_tokens(user))
            text = own.create_token(actor=SYSTEM, user=user, name=name, held=held)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(text)


def _password_from_stdin() -> str:
    """The password as typed, without the line's end."""
    password = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not password:
        raise click.ClickException("标准输入里没有密码。")
    if "\n" in password or "\x00" in password:
        raise click.ClickException("密码只能是一行文字。")
    if len(password) > passwords.LONGEST:
        raise click.ClickException(f"密码最多 {passwords.LONGEST} 个字符。")
    return password
