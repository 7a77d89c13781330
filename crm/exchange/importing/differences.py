"""Which columns of a row differ from what is stored.

Both sides are compared as they are read from a file, so that what an export wrote is unchanged
when it comes back, whatever a cell cannot carry.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.exchange.faults import CellFault
from crm.exchange.headers import Layout, Row
from crm.exchange.sheets import Column
from crm.exchange.writing import as_text


def differing(layout: Layout, row: Row, stored: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The values of the row by column, without those that agree with the stored record."""
    return {
        column.name: row.values[column.name]
        for column in layout.columns
        if column is not None
        and column.name in stored
        and _as_read(column, stored[column.name], today) != row.values[column.name]
    }


def _as_read(column: Column, value: Any, today: date) -> Any:
    text = as_text(column.cell.write(value))
    if not text.strip():
        return column.cell.empty
    try:
        return column.cell.read(text, today)
    except CellFault:
        return value
