"""Runs an import: batch after batch, good rows kept, bad ones named.

Each batch is a transaction of its own, so that a large file neither blocks others nor fills the
memory; a batch that the database refuses as a whole is taken row by row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from crm.core import activity
from crm.core.errors import DomainError
from crm.core.labels import N_
from crm.core.unit_of_work import unit_of_work
from crm.exchange.faults import RowFault
from crm.exchange.headers import Row, read_row
from crm.exchange.importing.base import Importer
from crm.exchange.importing.companies import CompanyImporter
from crm.exchange.importing.contacts import ContactImporter
from crm.exchange.importing.context import Context, Results, faults_of
from crm.exchange.importing.errors_file import ErrorSink, open_errors
from crm.exchange.importing.interactions import InteractionImporter
from crm.exchange.importing.leads import LeadImporter
from crm.exchange.importing.stage_log import StageLogImporter
from crm.exchange.importing.transactions import batch_of_work
from crm.exchange.importing.users import UserImporter
from crm.exchange.reading import Table

IMPORTERS: dict[str, type[Importer]] = {
    "users": UserImporter,
    "companies": CompanyImporter,
    "contacts": ContactImporter,
    "leads": LeadImporter,
    "stage_log": StageLogImporter,
    "interactions": InteractionImporter,
}
Progress = Callable[["Counts"], None]
_SAMPLE = 200


@dataclass
class Counts:
    """How many rows of a file became what; `faults` holds the first failed rows with reasons."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    faults: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged + self.failed

    def as_dict(self, kind: str) -> dict[str, Any]:
        """The line that the command ends with."""
        return {
            "kind": kind,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "failed": self.failed,
        }


def run_import(
    table: Table,
    context: Context,
    *,
    errors: Path | None = None,
    progress: Progress | None = None,
    counts: Counts | None = None,
) -> Counts:
    """Import a file and say what became of its rows. A trial (`dry_run`) changes nothing.

    `counts` is counted up while it runs, for callers that must know how far it came.

    Raises FileFault where the error file cannot be written or the rest of the file cannot be read,
    NotAllowed where the person may not import this kind; what was kept before stays.
    """
    importer = IMPORTERS[context.layout.sheet.name](context)
    counts = Counts() if counts is None else counts
    with open_errors(errors, context.layout) as sink:
        for batch in _batches(table, context, importer.batch_size):
            _count(_take(importer, batch, context), counts, context, sink)
            if progress is not None:
                progress(counts)
        _count(_finish(importer, context), counts, context, sink)
    if not context.dry_run:
        with unit_of_work():
            _record(context, counts)
    return counts


def _batches(table: Table, context: Context, size: int) -> Iterator[list[Row]]:
    seen = _Seen(context)
    rows = (seen.check(read_row(context.layout, raw, context.on)) for raw in table.rows())
    for first in rows:
        yield [first, *islice(rows, size - 1)]


class _Seen:
    """Values that no two rows of a file may share, with the row that had them first."""

    def __init__(self, context: Context) -> None:
        sheet = context.layout.sheet
        names = [name for name in (sheet.key, *sheet.unique) if name]
        self._rows: dict[str, dict[str, int]] = {name: {} for name in names}

    def check(self, row: Row) -> Row:
        for name, first in self._rows.items():
            value = row.values.get(name)
            if not isinstance(value, str) or not value:
                continue
            known = first.setdefault(value.lower() if name == "username" else value, row.number)
            if known != row.number:
                row.faults.append(
                    RowFault(name, N_("“%(value)s”与第 %(row)d 行重复。"), value=value, row=known)
                )
        return row


def _take(importer: Importer, batch: Sequence[Row], context: Context) -> Results:
    readable = [row for row in batch if not row.faults]
    results = _in_transaction(importer, readable, context) if readable else Results()
    for row in batch:
        if row.faults:
            results.fail(row, *row.faults)
    return results


def _in_transaction(importer: Importer, rows: Sequence[Row], context: Context) -> Results:
    try:
        with batch_of_work(dry_run=context.dry_run):
            return importer.take(rows)
    except (DomainError, DBAPIError) as error:
        if not _may_be_one_row(error):
            raise
        if len(rows) == 1:
            results = Results()
            results.fail(rows[0], *faults_of(error))
            return results
    parts = [_in_transaction(importer, [row], context) for row in rows]
    return _joined(parts)


def _may_be_one_row(error: Exception) -> bool:
    """Whether a refused batch may go row by row: not when the disk is full or the server gone."""
    return not isinstance(error, DBAPIError) or isinstance(error, DataError | IntegrityError)


def _finish(importer: Importer, context: Context) -> Results:
    with batch_of_work(dry_run=context.dry_run):
        return importer.finish()


def _joined(parts: Sequence[Results]) -> Results:
    joined = Results()
    for part in parts:
        joined.created |= part.created
        joined.updated |= part.updated
        joined.unchanged |= part.unchanged
        joined.failed |= part.failed
    return joined


def _count(results: Results, counts: Counts, context: Context, sink: ErrorSink) -> None:
    counts.created += len(results.created)
    counts.updated += len(results.updated)
    counts.unchanged += len(results.unchanged)
    counts.failed += len(results.failed)
    for number in sorted(results.failed):
        row, faults = results.failed[number]
        sink.write(row, faults)
        room = _SAMPLE - len(counts.faults)
        counts.faults += [
            (number, context.layout.title(fault.column) if fault.column else "", fault.shown())
            for fault in faults
        ][:room]


def _record(context: Context, counts: Counts) -> None:
    flags = [name for name in ("update", "historical") if getattr(context, name)]
    kind = context.layout.sheet.name
    activity.record(
        actor=context.actor,
        verb="data.import_historical" if context.historical else "data.import",
        subject_type=kind,
        subject_id=None,
        summary=_(
            "导入文件 %(file)s（%(kind)s）：新增 %(created)s，更新 %(updated)s，"
            "未变 %(unchanged)s，失败 %(failed)s",
            file=context.file_name,
            **counts.as_dict(kind),
        ),
        changes={"flags": [[], flags], **{
            name: [None, value] for name, value in counts.as_dict(kind).items() if name != "kind"
        }},
    )  # fmt: skip
