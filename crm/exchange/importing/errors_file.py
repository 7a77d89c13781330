"""The rows that were not taken over, in the columns of the file, ready to correct and import again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from crm.exchange.faults import RowFault
from crm.exchange.guard import unguard
from crm.exchange.headers import ERROR_COLUMNS, Layout, Row
from crm.exchange.writing import Sink, open_sink


class ErrorSink(Protocol):
    """Takes rows with what is wrong with them."""

    def write(self, row: Row, faults: list[RowFault]) -> None: ...


@contextmanager
def open_errors(path: Path | None, layout: Layout) -> Iterator[ErrorSink]:
    """A file of failed rows; without a path nothing is written."""
    with ExitStack() as stack:
        sink = stack.enter_context(open_sink(path)) if path is not None else None
        yield _Errors(sink, layout)


class _Errors:
    def __init__(self, sink: Sink | None, layout: Layout) -> None:
        self._sink = sink
        self._layout = layout
        if sink is not None:
            word = 1 if layout.is_chinese else 0
            # Columns that this import adds are left out where the file has them already.
            self._kept = [
                place
                for place, title in enumerate(layout.header)
                if title.strip() not in {name for names in ERROR_COLUMNS for name in names}
            ]
            titles = [unguard(layout.header[place]) for place in self._kept]
            sink.write([*titles, *(names[word] for names in ERROR_COLUMNS)])

    def write(self, row: Row, faults: list[RowFault]) -> None:
        if self._sink is None:
            return
        raw = [unguard(cell) for cell in row.raw] + [""] * len(self._layout.header)
        columns = dict.fromkeys(self._layout.title(f.column) for f in faults if f.column)
        reasons = dict.fromkeys(fault.shown() for fault in faults)
        self._sink.write(
            [
                *(raw[place] for place in self._kept),
                row.number,
                "；".join(columns),
                "；".join(reasons),
            ]
        )
