"""Content stamps: a step whose inputs have not changed is not done again.

A stamp lies inside the thing it describes, so whoever deletes the thing deletes the stamp.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(*parts: str | Path) -> str:
    """A hash over texts and files; a folder stands for every file below it."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            total.update(b"text\0" + part.encode() + b"\0")
            continue
        for path in _files(part):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"file\0{path.relative_to(part.parent)}\0{content}\0".encode())
    return total.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return sorted(found for found in path.rglob("*") if found.is_file())
    return [path] if path.is_file() else []


def is_fresh(stamp: Path, value: str) -> bool:
    """Whether the stamp says that exactly this was done."""
    try:
        return stamp.read_text(encoding="utf-8") == value
    except OSError:
        return False


def write(stamp: Path, value: str) -> None:
    """Remember that this was done."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value, encoding="utf-8")
