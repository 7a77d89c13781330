"""Which column of a file is which column of its kind, and the rows read accordingly. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.core.labels import N_
from crm.exchange.cells import TRUNCATED, plain
from crm.exchange.faults import CellFault, FileFault, RowFault
from crm.exchange.guard import unguard
from crm.exchange.reading import RawRow
from crm.exchange.sheets import Column, Sheet

# Columns that the error file adds; a corrected error file is imported as it is.
ERROR_COLUMNS = (
    ("error_row", N_("出错行号")),
    ("error_column", N_("出错列")),
    ("error_reason", N_("出错原因")),
)
_IGNORED = frozenset(plain(word) for words in ERROR_COLUMNS for word in words)
IGNORE = ""


@dataclass(frozen=True)
class Layout:
    """The columns of a file in its order; None where a column is left aside."""

    sheet: Sheet
    header: tuple[str, ...]
    columns: tuple[Column | None, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column)

    @property
    def is_chinese(self) -> bool:
        """Whether the file names its columns by the words of the screens."""
        found = [
            (plain(text), column)
            for text, column in zip(self.header, self.columns, strict=True)
            if column
        ]
        return sum(text != column.name for text, column in found) * 2 > len(found)

    def title(self, name: str) -> str:
        """What this file calls a column; the kind's own name for one that it lacks."""
        for text, column in zip(self.header, self.columns, strict=True):
            if column and column.name == name:
                return text.strip()
        return name


@dataclass
class Row:
    """One row with its values by column name; `faults` is empty when all of it could be read."""

    number: int
    raw: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)

    @property
    def key(self) -> str | None:
        value = self.values.get("ref")
        return value if isinstance(value, str) else None


def guess(sheet: Sheet, header: Sequence[str]) -> list[str]:
    """For each title the name of the column it means, or `IGNORE`; a column is given once."""
    known = {
        plain(word): column.name
        for column in sheet.columns
        for word in (column.name, column.label, *column.also)
    }
    taken: set[str] = set()
    names = []
    for title in header:
        name = known.get(plain(unguard(title)), IGNORE)
        names.append(IGNORE if name in taken else name)
        taken.add(name)
    return names


def layout(sheet: Sheet, header: Sequence[str]) -> Layout:
    """Read the titles of a file.

    Raises:
        FileFault: unknown or repeated titles, each by name, or a required column that is missing.
    """
    titles = list(header)
    while titles and not titles[-1].strip():
        titles.pop()
    names = guess(sheet, titles)
    words = [plain(unguard(title)) for title in titles]
    known = {plain(w) for c in sheet.columns for w in (c.name, c.label, *c.also)}
    unknown = [
        title.strip() or str(place)
        for place, (title, word) in enumerate(zip(titles, words, strict=True), start=1)
        if word not in known and word not in _IGNORED
    ]
    if unknown:
        raise FileFault(
            N_("不认识的列：%(unknown)s。可用的列：%(known)s。"),
            unknown="、".join(unknown),
            known="、".join(column.name for column in sheet.columns),
        )
    repeated = [
        title.strip()
        for title, name, word in zip(titles, names, words, strict=True)
        if name == IGNORE and word not in _IGNORED
    ]
    if repeated:
        raise FileFault(N_("列重复：%(names)s。"), names="、".join(repeated))
    return chosen_layout(sheet, titles, dict(enumerate(names)))


def chosen_layout(sheet: Sheet, header: Sequence[str], mapping: Mapping[int, str]) -> Layout:
    """The layout that a person chose: place in the header → column name or `IGNORE`.

    Raises:
        FileFault: a column chosen twice, unknown, or a required one left out.
    """
    columns = {column.name: column for column in sheet.columns}
    names = [mapping.get(place, IGNORE) for place in range(len(header))]
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        raise FileFault(
            N_("列重复：%(names)s。"), names="、".join(columns[name].label for name in twice)
        )
    strange = [name for name in names if name and name not in columns]
    if strange:
        raise FileFault(N_("不认识的列：%(names)s。"), names="、".join(strange))
    missing = [column for column in sheet.required if column.name not in names]
    missing += [
        columns[group[0]] for group in sheet.either if not any(name in names for name in group)
    ]
    if missing:
        raise FileFault(
            N_("缺少必需的列：%(names)s。"),
            names="、".join(f"{column.name}（{column.label}）" for column in missing),
        )
    found = tuple(columns[name] if name else None for name in names)
    return Layout(sheet, tuple(header), found)


def read_row(layout: Layout, raw: RawRow, today: date) -> Row:
    """The values of one row; all of its faults are collected, not only the first."""
    row = Row(raw.number, raw.cells)
    if raw.broken:
        row.faults.append(RowFault("", raw.broken))
        return row
    if any(cell.strip() for cell in raw.cells[len(layout.columns) :]):
        row.faults.append(RowFault("", TRUNCATED, count=len(raw.cells), most=len(layout.columns)))
        return row
    for place, column in enumerate(layout.columns):
        if column is not None:
            text = raw.cells[place] if place < len(raw.cells) else ""
            _read_cell(row, column, unguard(text), today)
    _check_groups(layout.sheet, row)
    return row


def _read_cell(row: Row, column: Column, text: str, today: date) -> None:
    if not text.strip():
        row.values[column.name] = column.cell.empty
        if column.required:
            row.faults.append(RowFault(column.name, N_("必填，不能空着。")))
        return
    try:
        row.values[column.name] = column.cell.read(text, today)
    except CellFault as fault:
        row.faults.append(RowFault(column.name, fault.text, **fault.values))


def _check_groups(sheet: Sheet, row: Row) -> None:
    at_fault = {fault.column for fault in row.faults}
    for group in sheet.either:
        if not any(row.values.get(name) for name in group) and not at_fault & set(group):
            labels = "、".join(sheet.column(name).label for name in group)
            row.faults.append(RowFault(group[0], N_("%(labels)s 至少填一项。"), labels=labels))
