"""Writes rows to .csv or .xlsx, one at a time, guarded against being run as formulas."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from crm.core.labels import N_
from crm.exchange.faults import FileFault
from crm.exchange.guard import guard

Value = str | int | Decimal | date
EXCEL_CELL_LIMIT = 32_767
EXCEL_ROW_LIMIT = 1_048_576


class Sink(Protocol):
    """Takes rows."""

    def write(self, cells: Iterable[Value]) -> None: ...


@contextmanager
def open_sink(path: Path, widths: Sequence[int] = ()) -> Iterator[Sink]:
    """A writer for the format that the file's name ends in; the file is complete afterwards.

    CSV is UTF-8 with BOM, which every spreadsheet recognises.

    Raises:
        FileFault: the name ends in neither .csv nor .xlsx, or the file cannot be written.
    """
    ending = path.suffix.lower()
    try:
        if ending == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as stream:
                yield _CsvSink(csv.writer(stream))
        elif ending == ".xlsx":
            # The library finds out only at the end, and then leaves its own files open.
            path.open("wb").close()
            with _ExcelSink(path, widths) as sink:
                yield sink
        else:
            raise FileFault(N_("只能写成 .csv 或 .xlsx 文件。"))
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileFault(N_("文件写不进去：%(reason)s"), reason=reason) from error


def as_text(value: Value) -> str:
    """A value as text: numbers without exponent, days as YYYY-MM-DD."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


class _CsvSink:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, cells: Iterable[Value]) -> None:
        self._writer.writerow([guard(as_text(value)) for value in cells])


class _ExcelSink:
    def __init__(self, path: Path, widths: Sequence[int]) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._sheet = self._book.add_worksheet()
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 0)
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._row = 0

    def __enter__(self) -> "_ExcelSink":
        return self

    def __exit__(self, *_error: object) -> None:
        self._book.close()

    def write(self, cells: Iterable[Value]) -> None:
        if self._row >= EXCEL_ROW_LIMIT:
            raise FileFault(N_("超过 Excel 一张表的行数上限，请改用 .csv。"))
        for column, value in enumerate(cells):
            self._write_cell(column, value)
        self._row += 1

    def _write_cell(self, column: int, value: Value) -> None:
        row = self._row
        if isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day, not a moment
            self._sheet.write_datetime(row, column, moment, self._day)
        elif isinstance(value, int | Decimal) and _survives_float(value):
            self._sheet.write_number(row, column, float(value))
        else:
            text = guard(as_text(value))
            if len(text) > EXCEL_CELL_LIMIT:
                raise FileFault(
                    N_("第 %(row)d 行有一格超过 Excel 的 32,767 字上限，请改用 .csv。"), row=row + 1
                )
            if text:
                self._sheet.write_string(row, column, text)


def _survives_float(value: int | Decimal) -> bool:
    """Whether Excel's fifteen digits hold the number exactly."""
    return Decimal(f"{float(value):.15g}") == value
