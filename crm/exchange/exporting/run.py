"""Writes all records of a kind that a person may see, a bounded number of them in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from crm.core import activity
from crm.core.permissions import Actor
from crm.core.unit_of_work import unit_of_work
from crm.exchange.exporting.rows import SOURCES, ExportFilter
from crm.exchange.sheets import Sheet
from crm.exchange.writing import Value, open_sink

__all__ = ["ExportFilter", "export_file", "export_rows"]
Row = list[Value]


@dataclass(frozen=True)
class Titles:
    """How an export names its columns."""

    chinese: bool = False

    def of(self, sheet: Sheet) -> list[Value]:
        if self.chinese:
            return [_(column.label) for column in sheet.columns]
        return [column.name for column in sheet.columns]


def export_rows(sheet: Sheet, wanted: ExportFilter, *, actor: Actor) -> Iterator[Row]:
    """The rows of an export, within the person's access, in the order of their ids."""
    source: Callable[..., Iterator[dict[str, Any]]] = SOURCES[sheet.name]
    for values in source(wanted, actor=actor):
        yield [column.cell.write(values[column.name]) for column in sheet.columns]


def export_file(
    path: Path,
    sheet: Sheet,
    wanted: ExportFilter,
    *,
    actor: Actor,
    titles: Titles | None = None,
    most: int | None = None,
) -> int:
    """Write an export and log it with its filter; returns the number of rows.

    `most` caps the rows. Raises FileFault where the file cannot be written.
    """
    count = 0
    widths = [max(10, len(column.label) * 2 + 2) for column in sheet.columns]
    with open_sink(path, widths) as sink:
        sink.write((titles or Titles()).of(sheet))
        for row in islice(export_rows(sheet, wanted, actor=actor), most):
            sink.write(row)
            count += 1
    with unit_of_work():
        activity.record(
            actor=actor,
            verb="data.export",
            subject_type=sheet.name,
            subject_id=None,
            summary=_("导出%(kind)s %(count)s 行", kind=_(sheet.label), count=count),
            changes={"filter": [None, wanted.as_dict()], "rows": [None, count]},
        )
    return count
