"""The project's own files, read once per test process."""

import ast
from functools import cache
from pathlib import Path

from tooling.layout import ROOT

_FOLDERS = ("benchmarks", "crm", "migrations", "search", "tests", "tooling")
_SINGLE = ("config.py", "gunicorn.conf.py", "manage.py", "wsgi.py")


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Our Python files, all of them or those below the folders."""
    found = [path for folder in folders or _FOLDERS for path in (ROOT / folder).rglob("*.py")]
    single = [] if folders else [ROOT / name for name in _SINGLE]
    return tuple(sorted([*found, *single]))


@cache
def templates() -> tuple[Path, ...]:
    """Our templates."""
    return tuple(sorted((ROOT / "templates").rglob("*.*")))


@cache
def text_of(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(text_of(path), filename=str(path))


def short(path: Path) -> str:
    """The path as one says it: from the project's root, with slashes."""
    return path.relative_to(ROOT).as_posix()
