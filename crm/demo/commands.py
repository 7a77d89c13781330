"""`flask demo …`: fill an empty database with demo data."""

import click
from flask.cli import AppGroup

from crm.core.errors import DomainError
from crm.demo.load import load, sign_ins
from crm.draining import index_what_waits

demo = AppGroup("demo", help="示例数据。")


@demo.command("load")
def load_() -> None:
    """把示例数据装入空库；已有数据时拒绝。"""
    try:
        load()
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    index_what_waits()
    for line in sign_ins():
        click.echo(line)
