"""Files: encodings, broken ones, the formula guard, and that both formats carry every text."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings, strategies as st

from crm.exchange.faults import FileFault
from crm.exchange.guard import guard, unguard
from crm.exchange.reading import open_table
from crm.exchange.writing import open_sink

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=40
) | st.from_regex(r"\A'{0,3}[=+\-@\t\r|].{0,5}\Z")


@given(texts)
def test_import_takes_off_exactly_the_guard_that_export_puts(text: str) -> None:
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(("=", "+", "-", "@", "\t", "\r", "|"))


def test_an_apostrophe_that_guards_nothing_stays() -> None:
    assert guard("'98 年建厂") == "'98 年建厂"
    assert unguard("'98 年建厂") == "'98 年建厂"
    assert unguard("'=1+1") == "=1+1"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(st.lists(texts, min_size=1, max_size=5))
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_both_formats_carry_every_text(tmp_path: Path, ending: str, cells: list[str]) -> None:
    path = tmp_path / f"t{ending}"
    with open_sink(path) as sink:
        sink.write(["x"] * (len(cells) + 1))
        sink.write(["key", *cells])
    (row,) = open_table(path).rows()
    read = [unguard(cell) for cell in row.cells[1:]]
    assert read + [""] * (len(cells) - len(read)) == cells


def test_excel_keeps_days_and_exact_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    exact = Decimal("123456789.123456")
    with open_sink(path, [10, 10]) as sink:
        sink.write(["日", "数", "数", "数"])
        sink.write([date(2026, 3, 1), 200, Decimal("0.1"), exact])
        sink.write([date(2026, 3, 2), Decimal("12345678901.123456"), 1, 0])
    first, second = open_table(path).rows()
    assert first.cells == ["2026-03-01", "200", "0.1", "123456789.123456"]
    assert second.cells == ["2026-03-02", "12345678901.123456", "1", "0"]


def test_cells_of_foreign_workbooks(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(2, 1, ["ref", "值"])
    sheet.write_row(4, 1, [13800000000, True])
    sheet.write_row(5, 1, [0.1 + 0.2, "1e99"])
    book.close()
    table = open_table(path)
    rows = list(table.rows())
    assert table.header_number == 3
    assert [cell for cell in table.header if cell] == ["ref", "值"]
    assert [row.number for row in rows] == [5, 6]
    assert [[cell for cell in row.cells if cell] for row in rows] == [
        ["13800000000", "1"],
        ["0.3", "1e99"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("编号,企业名称\r\nA,示例𠮷公司\r\n".encode(encoding))
    table = open_table(path)
    assert table.header == ["编号", "企业名称"]
    assert [row.cells for row in table.rows()] == [["A", "示例𠮷公司"]]
    assert (table.encoding == "gb18030") == (encoding == "gb18030")


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "空的"),
        ("a.csv", b"\n\n,,\n", "空的"),
        ("a.xlsx", b"ref,name\n", "不是有效的 Excel"),
        ("a.xlsx", b"PK\x03\x04 and nothing else", "已损坏"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0old", "旧版或加密"),
        ("a.csv", b"PK\x03\x04", "改为 .xlsx"),
        ("a.csv", "编号".encode("utf-16"), "UTF-16"),
        ("a.csv", b"ref\n\xff\xff\xff", "既不是 UTF-8 也不是 GB18030"),
        ("a.csv", "编号,企业名称\nA,示例公司\nB,示例".encode() + b"\xff\xfe\n", "第 3 行"),
        ("a.csv", b"\xef\xbb\xbfref\n\xc4\xe3", "第 2 行"),
        ("a.csv", b'"ref\n', "第 1 行"),
        ("a.txt", b"ref\n", "只接受"),
    ],
)
def test_files_that_are_none_say_why(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(FileFault, match=message):
        open_table(write(tmp_path / name, content))


def test_a_missing_file_is_a_clear_fault(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match="打不开"):
        open_table(tmp_path / "none.csv")


def test_a_row_with_unpaired_quotes_does_not_swallow_those_behind_it(tmp_path: Path) -> None:
    content = b'ref,name\nA,"x"y\nB,ok\nC,"open\n'
    rows = list(open_table(write(tmp_path / "a.csv", content)).rows())
    assert [(row.number, bool(row.broken)) for row in rows] == [(2, True), (3, False), (4, True)]
    assert rows[1].cells == ["B", "ok"]


def test_excel_output_refuses_what_it_would_cut_off(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match=r"改用 \.csv"), open_sink(tmp_path / "t.xlsx") as sink:
        sink.write(["长" * 40_000])


def test_csv_output_opens_in_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with open_sink(path) as sink:
        sink.write(["=1+1", Decimal("1E+3"), date(2026, 3, 1)])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.reader(stream)) == ["'=1+1", "1000", "2026-03-01"]


def test_files_that_cannot_be_written_are_a_clear_fault(tmp_path: Path) -> None:
    for name in ("no/t.csv", "no/t.xlsx"):
        with pytest.raises(FileFault, match="写不进去"), open_sink(tmp_path / name) as sink:
            sink.write(["x"])
    with pytest.raises(FileFault, match="只能写成"), open_sink(tmp_path / "t.txt"):
        pass
