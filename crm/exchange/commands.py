"""`flask data …`: files in and out from the command line, acting as the system."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.permissions import SYSTEM
from crm.draining import index_what_waits
from crm.exchange.exporting.run import ExportFilter, export_file
from crm.exchange.faults import FileFault
from crm.exchange.headers import layout
from crm.exchange.importing.context import Context
from crm.exchange.importing.run import Counts, run_import
from crm.exchange.reading import Table, open_table
from crm.exchange.sheets import SHEETS, Sheet

data = AppGroup("data", help="导入与导出数据文件（.csv、.xlsx）。")
KIND = click.Choice(list(SHEETS))
_SHOWN = 20
_INDEXED_AT_ONCE = 1_000


@data.command("import")
@click.argument("kind", type=KIND)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option("--update", is_flag=True, help="编号已有的记录按文件更新。")
@click.option("--historical", is_flag=True, help="历史数据：允许过去的阶段和阶段记录，会留痕。")
@click.option("--errors", type=click.Path(path_type=Path), help="有误的行写入这个文件。")
@click.pass_context
def import_(
    context: click.Context,
    kind: str,
    file: Path,
    dry_run: bool,
    update: bool,
    historical: bool,
    errors: Path | None,
) -> None:
    """导入文件。有误的行不写入，其余照常写入；最后一行是 JSON 计数。"""
    counts = Counts()
    table: Table | None = None
    try:
        table = open_table(file)
        circumstances = Context(
            actor=SYSTEM,
            on=clock.today(),
            layout=layout(SHEETS[kind], table.header),
            file_name=file.name,
            update=update,
            historical=historical,
            dry_run=dry_run,
        )
        run_import(table, circumstances, errors=errors, counts=counts)
    except (FileFault, DomainError) as error:
        shown = error.shown() if isinstance(error, FileFault) else error.message
        click.echo(f"没有导入：{shown}" if not counts.total else f"中途停止：{shown}", err=True)
        counts.failed += max(1, _rows_of(table) - counts.total)
    _print_faults(counts, errors)
    if not dry_run:
        index_what_waits(at_most=_INDEXED_AT_ONCE)
    click.echo(json.dumps(counts.as_dict(kind), ensure_ascii=False))
    context.exit(1 if counts.failed else 0)


@data.command("export")
@click.argument("kind", type=KIND)
@click.argument("file", type=click.Path(path_type=Path))
def export(kind: str, file: Path) -> None:
    """导出全部记录，列与导入相同。"""
    try:
        rows = export_file(file, SHEETS[kind], ExportFilter(), actor=SYSTEM)
    except FileFault as fault:
        raise click.ClickException(fault.shown()) from fault
    click.echo(json.dumps({"kind": kind, "rows": rows}))


@data.command("columns")
@click.argument("kind", type=KIND)
def columns(kind: str) -> None:
    """列出一类文件的列名与中文名。"""
    sheet: Sheet = SHEETS[kind]
    for column in sheet.columns:
        mark = "（必填）" if column.required else ""
        click.echo(f"{column.name}\t{column.label}{mark}")


def _rows_of(table: Table | None) -> int:
    """How many rows a file has that could be opened; none of a file whose rest is unreadable."""
    if table is None:
        return 0
    try:
        return sum(1 for _ in table.rows())
    except FileFault:
        return 0


def _print_faults(counts: Counts, errors: Path | None) -> None:
    for number, column, reason in counts.faults[:_SHOWN]:
        click.echo(f"第 {number} 行 {column}：{reason}", err=True)
    if len(counts.faults) > _SHOWN and errors is None:
        click.echo("其余从略；加 --errors 文件名 可得到全部有误的行。", err=True)
