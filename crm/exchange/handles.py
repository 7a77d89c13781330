"""Refs in files for records that have none of their own, because they were typed in by hand.

An export must name every record so that its rows find the same records again. Such a name holds
the record's id and a check made of when it was created: read in another database it meets no
record and becomes the ref of a new one, instead of overwriting a stranger with the same id. Pure.
"""

import re
import zlib
from datetime import UTC, datetime

_HANDLE = re.compile(r"crm-([a-z]+)-([1-9]\d{0,9})-([0-9a-f]{8})")


def handle(kind: str, record_id: int, created_at: datetime) -> str:
    """The stand-in ref of a record, such as `crm-lead-12-0f3a9c21`."""
    return f"crm-{kind}-{record_id}-{_check(kind, record_id, created_at)}"


def read_handle(kind: str, text: str) -> int | None:
    """The id in a stand-in ref of this kind, to be confirmed with `is_handle_of`; None if none."""
    match = _HANDLE.fullmatch(text)
    return int(match[2]) if match and match[1] == kind else None


def is_handle_of(text: str, kind: str, record_id: int, created_at: datetime) -> bool:
    """Whether the stand-in ref was made for this very record."""
    return text == handle(kind, record_id, created_at)


def _check(kind: str, record_id: int, created_at: datetime) -> str:
    moment = created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{zlib.crc32(f'{kind}:{record_id}:{moment}'.encode()):08x}"
