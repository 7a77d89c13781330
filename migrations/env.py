"""Alembic's environment: runs on the application's own engine, inside its context."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine

from crm.core.base import Base, Exact, UtcDateTime

migrate = current_app.extensions["migrate"]
engine = migrate.db.engine


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write plain column types into migrations, so that they import nothing of the product."""
    if kind != "type" or not isinstance(item, TypeEngine):
        return False
    if isinstance(item, Exact):
        return "sa.BigInteger()"
    if isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if type(item).__name__ == "Enum":
        return f"sa.String(length={item.length})"  # type: ignore[attr-defined]
    return False


def compare_type(
    _context: Any, _column: Any, _metadata: Any, _inspected: Any, declared: Any
) -> bool | None:
    """Stored enumerations are strings; their members are checked in Python."""
    if type(declared).__name__ in {"Enum", "Exact", "UtcDateTime"}:
        return False
    return None


def run() -> None:
    """Apply the migrations, on a connection that the caller holds or on one of our own."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate_on(given)
        return
    with engine.connect() as connection:
        migrate_on(connection)


def migrate_on(connection: Connection) -> None:
    """Apply the migrations in one transaction each, or in the caller's."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
