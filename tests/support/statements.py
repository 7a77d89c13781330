"""Count the SQL statements of a block, so that a page cannot grow with its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

_NOT_COUNTED = ("PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Statements:
    """The statements in the order in which they ran."""

    texts: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many ran."""
        return len(self.texts)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {text}" for number, text in enumerate(self.texts, 1))


@contextmanager
def counted(engine: Engine) -> Iterator[Statements]:
    """Collect the statements that run on `engine` inside the block."""
    statements = Statements()

    def remember(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.lstrip().upper().startswith(_NOT_COUNTED):
            statements.texts.append(" ".join(text.split()))

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", remember)
