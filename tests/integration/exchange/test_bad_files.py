"""Files that are broken as a whole: nothing is half saved, and the message says what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.companies.models import Company
from crm.core.activity import Activity
from crm.exchange.importing.companies import CompanyImporter
from crm.extensions import db
from tests.integration.exchange.conftest import Ran, rows_of

Write = Callable[..., Path]
Data = Callable[..., Ran]


def companies() -> int:
    return db.session.scalar(select(func.count()).select_from(Company)) or 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"ref,name\nA,x\n", "不是有效的 Excel"),
        ("a.csv", "编号,企业名称\nA,示例公司\nB,示例".encode() + b"\xff\n", "第 3 行"),
        ("a.csv", "编号,企业名称,颜色,重量\nA,示例,,\n".encode(), "颜色、重量"),
        ("a.csv", "编号\nA\n".encode(), "企业名称"),
        ("a.csv", b"", "空的"),
        ("none.csv", None, "打不开"),
    ],
)
def test_nothing_of_a_broken_file_is_kept(
    data: Data, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ran = data("import", "companies", path)
    assert message in ran.stderr
    assert ran.exit_code == 1
    assert ran.counts["failed"] >= 1
    assert ran.counts["created"] == 0
    assert companies() == 0


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-8"])
def test_encodings(data: Data, write: Write, encoding: str) -> None:
    path = write("c.csv", "编号 企业名称 所在地区", ["A", "示例𠮷利", "江苏"], encoding=encoding)
    assert data("import", "companies", path).counts["created"] == 1
    assert db.session.scalars(select(Company.name)).one() == "示例𠮷利"


def test_rows_around_broken_ones_are_kept(data: Data, tmp_path: Path, errors: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text('ref,name\nA,"示例"一\nB,示例二\nC,' + "x," * 40 + '\nD,"没有收尾\n', "utf-8")
    ran = data("import", "companies", path, "--errors", errors)
    assert (ran.counts["created"], ran.counts["failed"]) == (1, 3)
    assert [row["error_row"] for row in rows_of(errors)] == ["2", "4", "5"]


def test_an_unwritable_error_file_stops_before_anything_is_written(
    data: Data, write: Write, tmp_path: Path
) -> None:
    path = write("c.csv", "ref name", ["A", "示例"])
    ran = data("import", "companies", path, "--errors", tmp_path / "no" / "e.csv")
    assert "写不进去" in ran.stderr
    assert companies() == 0


def test_a_batch_that_the_database_refuses_is_taken_row_by_row(
    data: Data, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = CompanyImporter.take

    def refuse(self: CompanyImporter, rows: list[object]) -> object:
        results = real(self, rows)  # type: ignore[arg-type]
        if any(getattr(row, "key", "") == "B" for row in rows):
            raise IntegrityError("insert", {}, Exception("taken"))
        return results

    monkeypatch.setattr(CompanyImporter, "take", refuse)
    path = write("c.csv", "ref name", ["A", "示例一"], ["B", "示例二"], ["C", "示例三"])
    ran = data("import", "companies", path)
    assert (ran.counts["created"], ran.counts["failed"]) == (2, 1)
    assert set(db.session.scalars(select(Company.ref))) == {"A", "C"}
    assert "第 3 行" in ran.stderr


def test_every_import_leaves_one_line_in_the_log(data: Data, write: Write) -> None:
    path = write("c.csv", "ref name", ["A", "示例一"], ["B", ""])
    data("import", "companies", path, "--update")
    deed = db.session.scalars(select(Activity).where(Activity.verb == "data.import")).one()
    assert "c.csv" in deed.summary
    assert deed.changes is not None
    assert deed.changes["flags"] == [[], ["update"]]
    assert (deed.changes["created"], deed.changes["failed"]) == ([None, 1], [None, 1])


def test_memory_does_not_grow_with_the_file(
    data: Data, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch leaves nothing behind in the session."""
    monkeypatch.setattr(CompanyImporter, "batch_size", 10)
    held: list[int] = []
    real = CompanyImporter.take

    def watch(self: CompanyImporter, rows: list[object]) -> object:
        held.append(len(db.session.identity_map))
        return real(self, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(CompanyImporter, "take", watch)
    path = write("c.csv", "ref name", *([f"R{n}", f"示例{n}"] for n in range(60)))
    assert data("import", "companies", path).counts["created"] == 60
    assert len(held) == 6
    assert max(held) == 0
