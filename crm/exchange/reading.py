"""Reads .csv and .xlsx files as rows of text, one at a time.

A file is told by its first bytes and not only by its name, CSV by its bytes as UTF-8 or GB18030;
a UTF-8 file with a broken place is refused and not read as GB18030, which would make nonsense of
it without a word.
"""

import codecs
import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, ZipError

from crm.core.labels import N_
from crm.exchange.faults import FileFault

CHUNK = 1 << 20
ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
UNPACKED_LIMIT = 400 * 1024 * 1024
# One cell may be as long as a whole upload; whether its text is too long is for the column to say.
csv.field_size_limit(64 * 1024 * 1024)


@dataclass(frozen=True)
class RawRow:
    """One row as the file has it; `number` counts from 1, the header included."""

    number: int
    cells: list[str] = field(default_factory=list)
    broken: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.broken and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """An opened file: `encoding` is empty for Excel."""

    path: Path
    encoding: str
    header: list[str]
    header_number: int

    def rows(self) -> Iterator[RawRow]:
        """The rows after the header, blank ones left out."""
        for row in _all_rows(self.path, self.encoding):
            if row.number > self.header_number and not row.is_blank:
                yield row


def open_table(path: Path, name: str = "") -> Table:
    """Open a file by the ending of its name (`name` where it is kept under another one).

    Raises:
        FileFault: not a .csv or .xlsx file, unreadable, empty, or in an unknown encoding.
    """
    ending = Path(name or path.name).suffix.lower()
    if ending not in {".csv", ".xlsx"}:
        raise FileFault(N_("只接受 .csv 和 .xlsx 文件。"))
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise FileFault(N_("文件打不开：%(reason)s"), reason=error.strerror or "") from error
    encoding = _check_excel(path, magic) if ending == ".xlsx" else _check_csv(path, magic)
    for row in _all_rows(path, encoding):
        if row.broken:
            raise FileFault(N_("第 1 行（列名）读不出来：%(reason)s"), reason=row.broken)
        if not row.is_blank:
            return Table(path, encoding, row.cells, row.number)
    raise FileFault(N_("文件是空的：第一行应是列名。"))


def _check_excel(path: Path, magic: bytes) -> str:
    if magic == OLD_EXCEL_MAGIC:
        raise FileFault(N_("这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx 后再导入。"))
    if magic != ZIP_MAGIC:
        raise FileFault(N_("这不是有效的 Excel 文件（.xlsx），请用表格软件打开后另存。"))
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileFault(N_("Excel 文件已损坏，请用表格软件打开后另存。")) from error
    if unpacked > UNPACKED_LIMIT:
        raise FileFault(N_("Excel 文件解开后过大，请拆成几个文件。"))
    return ""


def _check_csv(path: Path, magic: bytes) -> str:
    if magic == ZIP_MAGIC:
        raise FileFault(N_("这是 Excel 文件，请把文件名的结尾改为 .xlsx。"))
    if magic[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raise FileFault(N_("文件是 UTF-16 编码，请另存为“CSV UTF-8”或 .xlsx。"))
    broken = _first_fault(path, "utf-8")
    if broken is None:
        return "utf-8-sig"
    if magic.startswith(codecs.BOM_UTF8) or _mostly_utf8(path):
        raise FileFault(N_("第 %(line)d 行有损坏的 UTF-8 字符，请重新另存后再导入。"), line=broken)
    if _first_fault(path, "gb18030") is None:
        return "gb18030"
    raise FileFault(N_("文件编码既不是 UTF-8 也不是 GB18030，请另存为“CSV UTF-8”。"))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _first_fault(path: Path, encoding: str) -> int | None:
    """The line of the first byte that is wrong in this encoding, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk in (*_chunks(path), b""):
        try:
            line += decoder.decode(chunk, final=not chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
    return None


def _mostly_utf8(path: Path) -> bool:
    """Whether nearly all of the text is sound UTF-8: GB18030 text read so is mostly faults."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    wide = faults = 0
    for chunk in (*_chunks(path), b""):
        text = decoder.decode(chunk, final=not chunk)
        wide += sum(char > "\x7f" for char in text)
        faults += text.count("\ufffd")
    return faults * 3 < wide


def _all_rows(path: Path, encoding: str) -> Iterator[RawRow]:
    return _csv_rows(path, encoding) if encoding else _excel_rows(path)


def _csv_rows(path: Path, encoding: str) -> Iterator[RawRow]:
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, strict=True)
        number = 0
        while True:
            number += 1
            try:
                yield RawRow(number, next(reader))
            except StopIteration:
                return
            except csv.Error:
                yield RawRow(number, broken=N_("引号没有成对，这一行读不出来。"))


def _excel_rows(path: Path) -> Iterator[RawRow]:
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sheet = book.get_sheet_by_index(0)
            for number, values in enumerate(sheet.iter_rows(), start=1):
                yield RawRow(number, [_as_text(value) for value in values])
    except (CalamineError, ZipError, OSError, IndexError) as error:
        raise FileFault(N_("Excel 文件已损坏，请用表格软件打开后另存。")) from error


def _as_text(value: Any) -> str:
    """A cell of Excel as the text that a person would have typed into a CSV."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return _number_as_text(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _number_as_text(value: float) -> str:
    """Fifteen digits, as Excel keeps them, without an exponent where that can be avoided."""
    exact = Decimal(f"{value:.15g}")
    return f"{exact:f}" if exact.is_finite() and abs(exact) < 10**20 else str(value)
