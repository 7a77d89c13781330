"""Rows of any table as plain JSON values and back, by what the database itself says of its columns.

Nothing here knows the models: an archive of an older version has the tables of its time.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
    update,
)

# Left out: sessions that ended must not come back, tries are forgotten, search is built anew.
PASSING = frozenset({"alembic_version", "outbox", "sign_in_attempts", "user_sessions"})
_BATCH = 1000


def tables(connection: Connection) -> list[Table]:
    """Every table that a backup holds, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in PASSING]


def rows_of(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """The rows of a table as JSON values, in the order of the key."""
    columns = [cast(c, Text) if isinstance(c.type, JSON) else c for c in table.columns]
    query = select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        yield [v.isoformat() if isinstance(v, date) else v for v in row]


def fill(connection: Connection, table: Table, columns: list[str], rows: Iterator[Any]) -> None:
    """Put rows into an empty table.

    A reference to the table itself (a company's parent) is set once all rows are there.
    """
    own = {key.parent.name for key in table.foreign_keys if key.column.table is table}
    readers = [_reader(table.columns[name]) for name in columns]
    key = next(iter(table.primary_key.columns)).name
    statement = _insert(connection, table, columns)
    later: list[dict[str, Any]] = []
    for batch in _batches(rows):
        values = [
            {name: read(v) for name, read, v in zip(columns, readers, row, strict=True)}
            for row in batch
        ]
        for row in values:
            later += [
                {"key": row[key], "column": name, "value": row[name]}
                for name in own
                if row[name] is not None
            ]
            row.update(dict.fromkeys(own))
        connection.execute(statement, values)
    for name in own:
        links = [{"k": one["key"], "v": one["value"]} for one in later if one["column"] == name]
        if links:
            connection.execute(
                update(table)
                .where(table.columns[key] == bindparam("k"))
                .values({name: bindparam("v")}),
                links,
            )


def move_sequences(connection: Connection) -> None:
    """Let PostgreSQL count on from the highest number of each table."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables(connection):
        for column in table.primary_key.columns:
            if not isinstance(column.type, Integer):
                continue
            sequence = connection.scalar(
                select(func.pg_get_serial_sequence(table.name, column.name))
            )
            highest = connection.scalar(select(func.max(column)))
            if sequence is not None and highest is not None:
                connection.execute(
                    text("SELECT setval(:name, :at)"), {"name": sequence, "at": highest}
                )


def _insert(connection: Connection, table: Table, columns: list[str]) -> Any:
    if connection.dialect.name == "postgresql":
        values = {
            name: cast(bindparam(name, type_=Text), table.columns[name].type)
            for name in columns
            if isinstance(table.columns[name].type, JSON)
        }
        return insert(table).values({name: values.get(name, bindparam(name)) for name in columns})
    plain = Table(
        table.name,
        MetaData(),
        *(
            Column(c.name, Text() if isinstance(c.type, JSON) else c.type)
            for c in table.columns
            if c.name in columns
        ),
    )
    return insert(plain)


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """How a JSON value becomes a value of this column."""
    if isinstance(column.type, DateTime):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    return lambda value: value


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
