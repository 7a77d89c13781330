"""The form of the archive: a manifest, a file of JSON lines for each table, the attachments."""

import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Self

from flask_babel import gettext as _

FORMAT = 1
MANIFEST = "manifest.json"
# Read and written at a time, so that an attachment never has to fit into memory.
CHUNK = 1 << 20
_FILE_NAME = re.compile(r"files/[\w-]{2}/[\w-]{10,80}")


class BackupError(Exception):
    """Why a backup or a restore was not done, in words for the person at the terminal."""


@dataclass(frozen=True)
class TableFacts:
    """The columns of a table, in the order of its lines, and how many lines there are."""

    columns: list[str]
    rows: int


@dataclass
class Manifest:
    """What an archive holds; written last, so that a cut-off archive has none."""

    created_at: str
    revision: str
    format: int = FORMAT
    tables: dict[str, TableFacts] = field(default_factory=dict)
    files: int = 0

    def to_json(self) -> str:
        """The text of the manifest."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """The manifest of an archive. Raises BackupError for one of another form."""
        try:
            read = json.loads(text)
            tables = {name: TableFacts(**facts) for name, facts in read.pop("tables").items()}
            manifest = cls(**read, tables=tables)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise BackupError(_("这不是本系统的备份文件。")) from error
        if manifest.format != FORMAT:
            raise BackupError(_("备份文件的格式比当前程序新，请先升级程序再恢复。"))
        return manifest


@contextmanager
def new_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that appears under its name only once it is complete and on the disk."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            unfinished.chmod(0o600)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


class Archive:
    """An archive that has been read through and found whole."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        self._source = source
        try:
            self.manifest = Manifest.from_json(source.read(MANIFEST))
        except KeyError as error:
            raise BackupError(_("备份文件不完整，或不是本系统的备份文件。")) from error
        self.files = [name for name in source.namelist() if name.startswith("files/")]
        self._check()

    def lines(self, table: str) -> Iterator[list[Any]]:
        """The rows of a table."""
        with self._source.open(_member(table)) as raw:
            for line in TextIOWrapper(raw, encoding="utf-8", newline="\n"):
                yield json.loads(line)

    def extract_files(self, folder: Path) -> None:
        """Write the attachments below a folder, which is made."""
        folder.mkdir(mode=0o700)
        for name in self.files:
            target = folder.parent / name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            with self._source.open(name) as read, target.open("xb") as written:
                while chunk := read.read(CHUNK):
                    written.write(chunk)

    def _check(self) -> None:
        """Read everything once: checksums, numbers of lines, names of files."""
        broken = self._source.testzip()
        if broken is not None:
            raise BackupError(_("备份文件已损坏：%(name)s 校验不符。", name=broken))
        if not all(_FILE_NAME.fullmatch(name) for name in self.files):
            raise BackupError(_("备份文件里有不该有的文件名，没有恢复。"))
        if len(self.files) != self.manifest.files:
            raise BackupError(_("备份文件不完整：附件数量不符。"))
        for name, facts in self.manifest.tables.items():
            if sum(1 for _line in self.lines(name)) != facts.rows:
                raise BackupError(_("备份文件不完整：%(name)s 的行数不符。", name=name))


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """An archive, read through. Raises BackupError when it cannot be read or is damaged."""
    try:
        with zipfile.ZipFile(path) as source:
            yield Archive(source)
    except FileNotFoundError as error:
        raise BackupError(_("找不到文件：%(path)s", path=path)) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise BackupError(_("备份文件已损坏或不完整，没有恢复。")) from error


def write_lines(archive: zipfile.ZipFile, table: str, rows: Iterator[list[Any]]) -> int:
    """Write the rows of a table as lines; returns how many there were."""
    count = 0
    with archive.open(_member(table), "w", force_zip64=True) as raw:
        for row in rows:
            raw.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            count += 1
    return count


def write_file(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Write one attachment; it is kept as it is, most are compressed already."""
    info = zipfile.ZipInfo(name)
    with path.open("rb") as read, archive.open(info, "w", force_zip64=True) as written:
        while chunk := read.read(CHUNK):
            written.write(chunk)


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"
