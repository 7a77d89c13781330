"""The commands of the product that belong to no single domain, and what they are hung on."""

from typing import Any

import click
import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from crm import demo as example, indexing
from crm.accounts.commands import accounts
from crm.backup.commands import backup, restore
from crm.backup.restoring import is_empty
from crm.extensions import db
from crm.reference import install_reference_data
from search.errors import EngineUnavailable, RebuildRunning


def init_app(app: Flask) -> None:
    """Attach the commands to the application."""
    _extend_upgrade(app)
    for command in (accounts, prepare, backup, restore):
        app.cli.add_command(command)


@click.command("prepare")
@click.option("--demo", is_flag=True, help="数据库为空时填入示例数据。")
@with_appcontext
def prepare(demo: bool) -> None:
    """升级数据库、安装基础数据、补建搜索索引；已就绪时不做任何事。"""
    try:
        if not is_migrated():
            flask_migrate.upgrade()
    except OperationalError as error:
        raise click.ClickException(f"数据库没有打开：{error.orig}") from error
    install_reference_data()
    if demo and is_empty():
        example.load()
    _bring_index_up_to_date()
    for line in example.sign_ins():
        click.echo(line)


def is_migrated() -> bool:
    """Whether the database stands at the newest revision."""
    config = current_app.extensions["migrate"].migrate.get_config()
    newest = ScriptDirectory.from_config(config).get_current_head()
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _bring_index_up_to_date() -> None:
    """Build the index where it is missing or of an older form, else take over what waits.

    With an engine elsewhere that is away nothing is done: its worker catches up later.
    """
    index = indexing.index()
    status = index.status()
    if not status.available:
        return
    try:
        if status.needs_rebuild:
            index.rebuild()
        elif status.pending:
            index.drain()
    except (EngineUnavailable, RebuildRunning) as error:
        click.echo(f"搜索索引暂时没有更新，运行中的服务会补上：{error}", err=True)


def _extend_upgrade(app: Flask) -> None:
    """Let `flask db upgrade` install the reference data once the tables are the newest."""
    group = app.cli.commands["db"]
    if not isinstance(group, click.Group):
        raise TypeError("flask db is no group of commands")
    migrating = group.commands["upgrade"]

    @click.command("upgrade", params=migrating.params, help=migrating.help)
    @click.pass_context
    @with_appcontext
    def upgrade(context: click.Context, /, **options: Any) -> None:
        context.invoke(migrating, **options)
        if not options["sql"] and is_migrated():
            install_reference_data()

    commands = {**group.commands, "upgrade": upgrade}
    extended = click.Group("db", commands, params=group.params, callback=group.callback)
    extended.help = group.help
    app.cli.add_command(extended)
