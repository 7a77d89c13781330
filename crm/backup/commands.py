"""`flask backup` and `flask restore`."""

from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from crm import backup as archives, indexing
from crm.backup.archive import Manifest
from crm.core import clock
from crm.reference import install_reference_data


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """把全部记录和附件存成一个文件；运行中也可以备份。"""
    try:
        manifest = archives.save(file)
    except archives.BackupError as error:
        raise click.ClickException(str(error)) from error
    size = file.stat().st_size / 1024 / 1024
    click.echo(f"已备份到 {file}（{size:,.1f} MB）：{_contents(manifest)}。")
    click.echo("备份含有全部业务数据和密码的哈希值，请妥善保管。", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="数据库里已有记录时，整个替换。")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """从备份文件恢复全部记录和附件，并重建搜索索引；请先停止服务。"""
    try:
        manifest = archives.restore(file, replace=replace)
    except archives.BackupError as error:
        raise click.ClickException(str(error)) from error
    install_reference_data()
    index = indexing.index()
    if index.available():
        index.rebuild()
    else:
        click.echo("搜索服务暂时不可用，恢复后请运行 flask search rebuild。", err=True)
    made = datetime.fromisoformat(manifest.created_at).astimezone(clock.ZONE)
    click.echo(
        f"已恢复到 {made:%Y-%m-%d %H:%M} 的备份：{_contents(manifest)}。所有人需要重新登录。"
    )


def _contents(manifest: Manifest) -> str:
    counts = {name: facts.rows for name, facts in manifest.tables.items()}
    return (
        f"企业 {counts.get('companies', 0):,}、线索 {counts.get('leads', 0):,}、"
        f"走访接洽 {counts.get('interactions', 0):,}、附件 {manifest.files:,}"
    )
