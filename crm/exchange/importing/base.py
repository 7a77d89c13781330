"""What all kinds of import share: finding the records that are there, one row after another."""

from collections.abc import Sequence
from typing import Any

from crm.exchange.faults import RowFault
from crm.exchange.headers import Row
from crm.exchange.importing.context import Context, Results, each_row


class Importer:
    """Takes batches of readable rows over; one of these for each import.

    A subclass prepares what it needs for a batch in `prepare` and takes one row in `take_row`, or
    takes the batch as a whole in `take`.
    """

    batch_size = 500

    def __init__(self, context: Context) -> None:
        self.context = context

    def take(self, rows: Sequence[Row]) -> Results:
        """Take a batch over inside the caller's transaction."""
        results = Results()
        self.prepare(rows)
        for row in rows:
            with each_row(results, row):
                self.take_row(row, results)
        return results

    def prepare(self, rows: Sequence[Row]) -> None:
        """Read what the rows of a batch refer to."""

    def take_row(self, row: Row, results: Results) -> None:
        """Take one row over, noting in `results` what became of it."""
        raise RowFault("", "unknown kind")

    def finish(self) -> Results:
        """Take over what had to wait for later rows."""
        return Results()


def cells_of(rows: Sequence[Row], *names: str) -> set[str]:
    """All texts in these columns of a batch; cells of lists give each of their entries."""
    found: set[str] = set()
    for row in rows:
        for name in names:
            value: Any = row.values.get(name)
            if isinstance(value, str):
                found.add(value)
            elif isinstance(value, list):
                found.update(value)
    return found - {""}
