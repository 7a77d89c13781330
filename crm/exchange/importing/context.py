"""What an import knows while it runs, and what became of its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.exc import DataError, IntegrityError

from crm.core.errors import DomainError, FieldErrors, GateClosed
from crm.core.labels import N_
from crm.core.permissions import Actor
from crm.exchange.faults import RowFault
from crm.exchange.headers import Layout, Row
from crm.extensions import db

# Fields of the services and the columns of files in which they are given.
COLUMN_OF_FIELD = {
    "company_id": "company_ref",
    "company_ids": "company_refs",
    "parent_id": "parent_ref",
    "owner_id": "owner",
    "team_id": "team",
    "anchor_ids": "anchor_refs",
    "lead_id": "lead_ref",
    "author_id": "author",
    "participant_ids": "participants",
    "appraisal_evidence": "appraisal_passed_on",
    "on": "stage",
    "override_reason": "stage",
}


@dataclass(frozen=True)
class Context:
    """The circumstances of one import; `on` is the zone's day."""

    actor: Actor
    on: date
    layout: Layout
    file_name: str = ""
    update: bool = False
    historical: bool = False
    dry_run: bool = False


@dataclass
class Results:
    """What became of the rows of a batch, by row number."""

    created: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    failed: dict[int, tuple[Row, list[RowFault]]] = field(default_factory=dict)

    def fail(self, row: Row, *faults: RowFault) -> None:
        """Note why a row was not taken over."""
        self.created.discard(row.number)
        self.updated.discard(row.number)
        self.failed[row.number] = (row, list(faults))

    def changed(self, row: Row, is_changed: bool) -> None:
        """Note a row whose record was there before."""
        (self.updated if is_changed else self.unchanged).add(row.number)


@contextmanager
def each_row(results: Results, row: Row) -> Iterator[None]:
    """Take one row over in a savepoint: what the business or the database refuses is undone."""
    try:
        with db.session.begin_nested():
            yield
    except (DomainError, RowFault, DataError, IntegrityError) as error:
        results.fail(row, *faults_of(error))


def faults_of(error: Exception) -> list[RowFault]:
    """A refusal as faults of columns."""
    if isinstance(error, RowFault):
        return [error]
    if isinstance(error, FieldErrors):
        return [
            RowFault(COLUMN_OF_FIELD.get(name, name), "%(reason)s", reason=text)
            for name, texts in error.errors.items()
            for text in texts
        ]
    if isinstance(error, GateClosed):
        missing = "、".join(item.label for item in error.missing)
        return [RowFault("stage", N_("阶段条件不足，还差：%(missing)s。"), missing=missing)]
    if isinstance(error, DomainError):
        name = error.field or ""
        return [RowFault(COLUMN_OF_FIELD.get(name, name), "%(reason)s", reason=error.message)]
    return [RowFault("", N_("数据库没有接受这一行：有一项内容与已有记录重复或过长。"))]
