"""A backup is restored: into either database, all of it or nothing."""

import errno
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.accounts.models import UserSession
from crm.backup import BackupError, restoring, save, tables
from crm.companies.models import Company
from crm.core import outbox
from crm.core.activity import Activity
from crm.core.notices import Notice
from crm.extensions import db
from crm.interactions import storage
from crm.interactions.models import Attachment
from tests.conftest import app_for
from tests.factories import CompanyFactory, InteractionFactory, LeadFactory, UserFactory
from tests.support.clients import Client, CliRunner

State = dict[str, list[Any]]
TOKEN = "A-token_that-nobody-guesses-0123456789abcde"


def state() -> State:
    """Every row of every table that a backup holds, as the database has it."""
    db.session.commit()
    with db.engine.connect() as connection:
        found = {
            table.name: list(tables.rows_of(connection, table))
            for table in tables.tables(connection)
        }
    found["files"] = [
        (path.name, path.read_bytes()) for path in sorted(storage.folder().glob("*/*"))
    ]
    return found


@pytest.fixture
def filled(app: Flask, db_session: Session) -> State:
    """Records that are hard to carry over, and an attachment; their state."""
    first = CompanyFactory(
        name="示例子公司，“引号”\t制表\n换行 \u2028 😀 \\ '", summary="x" * 10_000
    )
    first.parent = CompanyFactory(name="示例集团有限公司")
    lead = LeadFactory(
        company=first,
        owner=UserFactory(name="周敏"),
        investment_wan_cny=Decimal("123456789.123456"),
        typed={"investment_wan_cny": "3.5亿"},
        unavailable=["energy_tce"],
    )
    LeadFactory.create_batch(3)
    interaction = InteractionFactory(lead=lead, next_on=date(2026, 12, 1))
    content = b"%PDF-1.7 \x00\xff" * 1000
    db_session.add(
        Attachment(
            token=TOKEN, interaction_id=interaction.id, name="纪要.pdf", size=len(content),
            media_type="application/pdf", sha256="0" * 64,
        )
    )  # fmt: skip
    storage.write(TOKEN, content)
    outbox.enqueue("lead", [lead.id])
    db_session.add(Notice(user_id=lead.owner_id, text="请看"))
    db_session.add(
        UserSession(user_id=lead.owner_id, key_hash="k" * 64, expires_at=lead.created_at)
    )
    db_session.commit()
    return state()


@pytest.fixture
def archive(filled: State, cli: CliRunner, tmp_path: Path) -> Path:
    path = tmp_path / "crm.backup"
    result = cli.invoke(args=["backup", str(path)])
    assert result.exit_code == 0, result.output
    assert "企业 " in result.output
    assert path.stat().st_mode & 0o077 == 0
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A second, empty installation, on each database in turn."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with databases.fresh(folder) as url:
        other = app_for(url, folder)
        yield other
        with other.app_context():
            db.session.remove()
            db.engine.dispose()


def same(before: State, after: State, *, but: int = 1) -> None:
    """Equal in every table, and in the log but for the deeds of saving and restoring."""
    assert set(before) == set(after)
    log = after["activities"]
    for name, rows in before.items():
        found = log[: len(log) - but] if name == "activities" else after[name]
        assert found == rows, name


def test_a_backup_is_restored_into_either_database(
    filled: State, archive: Path, elsewhere: Flask
) -> None:
    result = elsewhere.test_cli_runner().invoke(args=["restore", str(archive)])
    assert result.exit_code == 0, result.output
    assert "已恢复到" in result.output
    with elsewhere.app_context():
        same(filled, state())
        assert db.session.scalars(select(UserSession)).all() == []
        assert db.session.scalars(select(outbox.OutboxRow)).all() == []
        # Numbers go on after the highest, and the closed logs are closed again.
        company = CompanyFactory()
        assert company.id > max(row[0] for row in filled["companies"])
        db.session.commit()
        with pytest.raises(Exception, match="never changed"):
            db.session.execute(text("UPDATE activities SET verb = 'x'"))
        db.session.rollback()
        found = elsewhere.extensions["search_index"].status().documents
        assert found["company"] == len(filled["companies"])
        child = db.session.scalar(select(Company).where(Company.parent_id.is_not(None)))
        assert child is not None
        assert child.parent is not None


def test_records_are_replaced_only_when_asked(
    filled: State, archive: Path, cli: CliRunner, db_session: Session
) -> None:
    CompanyFactory(name="示例后来有限公司")
    changed = db_session.scalars(select(Company).where(Company.parent_id.is_not(None))).one()
    changed.summary = "改过了"
    stray = storage.path_of("Bstray_file_0123456789")
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"later")
    later = state()
    refused = cli.invoke(args=["restore", str(archive)])
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert state() == later
    result = cli.invoke(args=["restore", "--replace", str(archive)])
    assert result.exit_code == 0, result.output
    same(filled, state())
    verbs = db_session.scalars(select(Activity.verb).order_by(Activity.id.desc()).limit(1)).all()
    assert verbs == ["backup.restore"]


def test_a_backup_is_logged(archive: Path, db_session: Session) -> None:
    logged = db_session.scalars(select(Activity).where(Activity.verb == "backup.save")).one()
    assert logged.summary == "crm.backup"


def test_everyone_signs_in_again_after_a_restore(
    archive: Path, cli: CliRunner, as_user: Callable[..., Client]
) -> None:
    client = as_user()
    assert client.get("/session").status_code == 200
    assert cli.invoke(args=["restore", "--replace", str(archive)]).exit_code == 0
    assert client.get("/session").status_code == 401


# --- broken archives ---------------------------------------------------------------------------


def rewrite(archive: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Write the archive anew with some of its parts changed; the checksums fit again."""
    with zipfile.ZipFile(archive) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    with zipfile.ZipFile(archive, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)


def truncate(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-200])


def flip_a_byte(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)


def not_an_archive(archive: Path) -> None:
    archive.write_text("企业,线索\n")


def another_zip(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("xl/workbook.xml", "<x/>")


def without_a_table(archive: Path) -> None:
    rewrite(archive, lambda parts: parts.pop("tables/leads.jsonl") and None)


def lost_rows(archive: Path) -> None:
    rewrite(archive, lambda parts: parts.update({"tables/leads.jsonl": b""}))


def lost_file(archive: Path) -> None:
    rewrite(archive, lambda parts: parts.pop(f"files/{TOKEN[:2]}/{TOKEN}") and None)


def path_outside(archive: Path) -> None:
    rewrite(archive, lambda parts: parts.update({"files/../../evil": b"x"}))


def odd_row(archive: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        lines = parts["tables/companies.jsonl"].splitlines()
        parts["tables/companies.jsonl"] = b"\n".join([b'["one"]', *lines[1:]]) + b"\n"

    rewrite(archive, change)


def with_manifest(**changed: Any) -> Callable[[Path], None]:
    def change(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        parts["manifest.json"] = json.dumps({**manifest, **changed}).encode()

    return lambda archive: rewrite(archive, change)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (Path.unlink, "找不到文件"),
        (truncate, "损坏或不完整"),
        (flip_a_byte, "损坏"),
        (not_an_archive, "损坏或不完整"),
        (another_zip, "不是本系统的备份文件"),
        (without_a_table, "损坏或不完整"),
        (lost_rows, "leads 的行数不符"),
        (lost_file, "附件数量不符"),
        (path_outside, "不该有的文件名"),
        (odd_row, "损坏或不完整"),
        (with_manifest(format=2), "请先升级程序"),
        (with_manifest(revision="9999"), "请先升级程序"),
        (with_manifest(tables=5), "不是本系统的备份文件"),
    ],
)
def test_a_broken_archive_leaves_everything_as_it_was(
    archive: Path, cli: CliRunner, data_dir: Path, spoil: Callable[[Path], Any], said: str
) -> None:
    before = state()
    spoil(archive)
    result = cli.invoke(args=["restore", "--replace", str(archive)])
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
    assert state() == before
    assert not list(data_dir.glob("restoring-*"))


# --- a full disk -------------------------------------------------------------------------------


def test_a_full_disk_leaves_no_half_backup(filled: State, cli: CliRunner, tmp_path: Path) -> None:
    target = tmp_path / "crm.backup"
    target.write_bytes(b"yesterday's")
    (tmp_path / "crm.backup.part").symlink_to("/dev/full")
    result = cli.invoke(args=["backup", str(target)])
    assert result.exit_code == 1
    assert "请检查磁盘空间" in result.output
    assert target.read_bytes() == b"yesterday's"
    assert not (tmp_path / "crm.backup.part").exists()


@pytest.mark.parametrize("path", ["{folder}", "{folder}/missing/crm.backup"])
def test_a_place_that_cannot_be_written_is_told(
    filled: State, cli: CliRunner, tmp_path: Path, path: str
) -> None:
    result = cli.invoke(args=["backup", path.format(folder=tmp_path)])
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def full(*_args: Any, **_kwargs: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "where",
    ["crm.backup.archive.Archive.extract_files", "pathlib.Path.rename"],
)
def test_a_full_disk_while_restoring_changes_nothing(
    archive: Path, cli: CliRunner, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    before = state()
    with monkeypatch.context() as patch:
        patch.setattr(where, full)
        result = cli.invoke(args=["restore", "--replace", str(archive)])
    assert result.exit_code == 1
    assert "一切保持原样" in result.output
    assert state() == before


def test_a_failure_after_the_files_were_swapped_swaps_them_back(
    archive: Path, cli: CliRunner, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    """The last step fails: SQLite's copy, or PostgreSQL's commit."""
    storage.path_of(TOKEN).write_bytes(b"changed since")
    before = state()
    swapped = restoring._swapped

    @contextmanager
    def failing(scratch: Path) -> Iterator[None]:
        with swapped(scratch):
            assert storage.path_of(TOKEN).read_bytes() != b"changed since"
            full()
            yield

    monkeypatch.setattr(restoring, "_swapped", failing)
    result = cli.invoke(args=["restore", "--replace", str(archive)])
    assert result.exit_code == 1
    assert state() == before


def test_a_database_in_use_is_told(
    archive: Path, cli: CliRunner, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    monkeypatch.setattr(restoring, "LOCK_SECONDS", 1)
    before = state()
    with db.engine.connect() as busy:
        busy.execute(text("UPDATE companies SET summary = 'half done'"))
        result = cli.invoke(args=["restore", "--replace", str(archive)])
        busy.rollback()
    assert result.exit_code == 1
    assert "一切保持原样" in result.output
    assert state() == before


def test_work_goes_on_while_a_backup_is_made(
    filled: State, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that is saved half way through is not in the archive: it is one snapshot."""
    written = tables.rows_of

    def slow(connection: Any, table: Any) -> Iterator[list[Any]]:
        if table.name == "companies":
            with db.engine.begin() as other:
                other.execute(text("UPDATE companies SET summary = 'meanwhile'"))
                other.execute(text("UPDATE users SET name = 'meanwhile'"))
        yield from written(connection, table)

    monkeypatch.setattr("crm.backup.tables.rows_of", slow)
    save(tmp_path / "crm.backup")
    with zipfile.ZipFile(tmp_path / "crm.backup") as archive:
        for name in ("users", "companies"):
            assert b"meanwhile" not in archive.read(f"tables/{name}.jsonl")


def test_an_empty_database_has_nothing_to_save(tmp_path: Path) -> None:
    app = app_for(f"sqlite:///{tmp_path}/new.sqlite3", tmp_path)
    with app.app_context():
        with pytest.raises(BackupError, match="没有可以备份的内容"):
            save(tmp_path / "crm.backup")
        assert not (tmp_path / "crm.backup").exists()
        db.engine.dispose()


def test_a_backup_is_restored_where_there_are_no_tables_yet(
    filled: State, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    app = app_for(f"sqlite:///{folder}/crm.sqlite3", folder)
    result = app.test_cli_runner().invoke(args=["restore", str(archive)])
    assert result.exit_code == 0, result.output
    with app.app_context():
        same(filled, state())
        db.session.remove()
        db.engine.dispose()
