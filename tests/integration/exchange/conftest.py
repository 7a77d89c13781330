"""Writes files, runs `flask data`, and reads what it says."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from crm.chains.models import ChainNode
from crm.extensions import db
from tests.support.clients import CliRunner

Rows = Sequence[Sequence[Any]]


class Ran(NamedTuple):
    """What a command left."""

    counts: dict[str, Any]
    exit_code: int
    stderr: str


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """`write("a.csv", header, *rows)` makes a CSV file; a header is words parted by blanks."""

    def make(name: str, header: str, *rows: Sequence[Any], encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header.split())
            writer.writerows(rows)
        return path

    return make


@pytest.fixture
def data(cli: CliRunner) -> Callable[..., Ran]:
    """`data("import", kind, path, *options)` runs the command."""

    def run(*args: Any) -> Ran:
        result = cli.invoke(args=["data", *map(str, args)])
        last = result.stdout.strip().splitlines()[-1]
        return Ran(json.loads(last), result.exit_code, result.stderr)

    return run


@pytest.fixture
def errors(tmp_path: Path) -> Path:
    return tmp_path / "errors.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by their titles."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def node_ids() -> set[str]:
    return set(db.session.scalars(select(ChainNode.id)))
