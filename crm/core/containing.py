"""Whether a text stands in another, or begins it, asked of the database."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class _Position(GenericFunction[int]):
    """Where a text first stands in another, 0 for nowhere: less work than LIKE on both engines."""

    type = Integer()
    inherit_cache = True
    name = "strpos"


@compiles(_Position, "sqlite")
def _position_in_sqlite(element: _Position, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


class _Begins(GenericFunction[bool]):
    """Whether a text begins with another; the third value is the end of the range of such texts."""

    type = Boolean()
    inherit_cache = True
    name = "starts_with"


@compiles(_Begins)
def _begins(element: _Begins, compiler: Any, **options: Any) -> str:
    text, start, _end = (compiler.process(part, **options) for part in element.clauses)
    return f"starts_with({text}, {start})"


@compiles(_Begins, "sqlite")
def _begins_in_sqlite(element: _Begins, compiler: Any, **options: Any) -> str:
    text, start, end = (compiler.process(part, **options) for part in element.clauses)
    return f"({text} >= {start} AND {text} < {end})"


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """Whether `column` begins with `text`, letter by letter: from an index, where SQLite has one.

    LIKE with an escape would walk the whole table.
    """
    return _Begins(column, text, text + "\U0010ffff")


def holds(column: Any, text: str) -> ColumnElement[bool]:
    """Whether `text` stands in `column`, letter by letter."""
    return _Position(column, text) > 0


def mentions(column: Any, text: str) -> ColumnElement[bool]:
    """Like `holds`, with Latin capitals and small letters taken for the same."""
    lowered = text.lower()
    return holds(func.lower(column) if lowered != text.upper() else column, lowered)
