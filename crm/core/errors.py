"""Errors of the business; the edges turn them into form errors, problem+json or file rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class DomainError(Exception):
    """Something the business refuses. `field` names the input at fault where there is one."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(DomainError):
    """The person may see the record but not do this to it."""

    status = 403


class NotFound(DomainError):
    """No such record, or none that the person may see: the two are never told apart."""

    status = 404


class Conflict(DomainError):
    """A unique value is taken, or the record is in a state that forbids the step."""

    status = 409


class StaleVersion(DomainError):
    """Someone else has changed the record since it was read."""

    status = 412


@dataclass(frozen=True)
class MissingItem:
    """One thing that a stage asks for and the lead lacks."""

    key: str
    label: str
    field: str


class GateClosed(Conflict):
    """A stage cannot be entered yet; `missing` lists what it still asks for."""

    def __init__(self, message: str, missing: Sequence[MissingItem]) -> None:
        super().__init__(message, field="stage")
        self.missing = list(missing)


class FieldErrors(DomainError):
    """Several fields at fault at once: field name → messages."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("；".join(text for texts in errors.values() for text in texts))
        self.errors = errors

    @property
    def items(self) -> Any:
        return self.errors.items()
