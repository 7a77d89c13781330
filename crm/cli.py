"""The commands of the product that belong to no single domain, and what they are hung on."""

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext

from crm.extensions import db
from crm.reference import install_reference_data


def init_app(app: Flask) -> None:
    """Attach the commands to the application."""
    _extend_upgrade(app)


def is_migrated() -> bool:
    """Whether the database stands at the newest revision."""
    config = current_app.extensions["migrate"].migrate.get_config()
    newest = ScriptDirectory.from_config(config).get_current_head()
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _extend_upgrade(app: Flask) -> None:
    """Let `flask db upgrade` install the reference data once the tables are the newest."""
    group = app.cli.commands["db"]
    if not isinstance(group, click.Group):
        raise TypeError("flask db is no group of commands")
    migrating = group.commands["upgrade"]

    @click.command("upgrade", params=migrating.params, help=migrating.help)
    @click.pass_context
    @with_appcontext
    def upgrade(context: click.Context, /, **options: object) -> None:
        context.invoke(migrating, **options)
        if not options["sql"] and is_migrated():
            install_reference_data()

    commands = {**group.commands, "upgrade": upgrade}
    extended = click.Group("db", commands, params=group.params, callback=group.callback)
    extended.help = group.help
    app.cli.add_command(extended)
