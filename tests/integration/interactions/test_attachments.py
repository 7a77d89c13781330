"""Attachments: what is refused, where files lie, who gets them and how."""

import errno
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.core import clock
from crm.core.errors import FieldErrors
from crm.core.permissions import Visibility
from crm.core.settings import Setting
from crm.core.unit_of_work import unit_of_work
from crm.interactions import services, storage
from crm.interactions.filetypes import EXTENSIONS
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Attachment, Interaction
from crm.interactions.services import Upload
from crm.leads.contacts import log_contact, revise_contact
from tests.integration.interactions.world import World
from tests.support.clients import Client

SignIn = Callable[..., Client]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PDF = b"%PDF-1.7\n" + b"0" * 40


def office(main_part: str, *more: str) -> bytes:
    """A package as Office writes it, as far as it is looked at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name in ("[Content_Types].xml", main_part, *more):
            package.writestr(name, "<x/>")
    return packed.getvalue()


def files_in(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "files").rglob("*") if path.is_file()]


def save(world: World, *files: tuple[str, bytes], **values: Any) -> Interaction:
    uploads = [Upload(name, io.BytesIO(content)) for name, content in files]
    with unit_of_work():
        return log_contact(
            actor=world.officer.as_actor(),
            on=clock.today(),
            values={
                "kind": InteractionKind.NOTE, "occurred_on": clock.today(), "text": "附件",
                "company_ids": [world.company.id], **values,
            },
            files=uploads,
        )  # fmt: skip


GOOD = {
    "pdf": PDF,
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0" + b"0" * 20,
    "jpeg": b"\xff\xd8\xff\xe0" + b"0" * 20,
    "gif": b"GIF89a" + b"0" * 20,
    "webp": b"RIFF0000WEBP" + b"0" * 20,
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 20,
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 20,
    "ppt": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 20,
    "txt": "示例文本\n".encode(),
    "csv": "企业,投资\n示例,1\n".encode("gb18030"),
}


def test_every_allowed_kind_is_taken(world: World, data_dir: Path) -> None:
    assert set(GOOD) == set(EXTENSIONS)
    for extension, content in GOOD.items():
        note = save(world, (f"示例.{extension.upper()}", content))
        (file,) = note.attachments
        assert (data_dir / "files" / file.token[:2] / file.token).read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.html", b"<html></html>"),
        ("a.htm", b"<html></html>"),
        ("a.zip", office("a")),
        ("a.exe", b"MZ"),
        ("a.docm", office("word/document.xml")),
        ("a", PDF),
        ("pdf", PDF),
        ("a.pdf.html", PDF),
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.png", PDF),
        ("a.jpg", PNG),
        ("a.docx", office("xl/workbook.xml")),
        ("a.docx", b"PK\x03\x04broken"),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("a.xlsx", GOOD["doc"]),
        ("a.txt", b"a\x00b"),
        ("a.txt", PNG),
        ("a.csv", b"\xff\xfe\xfa\xff"),
        ("a.pdf", b""),
    ],
)
def test_what_is_refused(world: World, data_dir: Path, name: str, content: bytes) -> None:
    with pytest.raises(FieldErrors) as raised:
        save(world, ("good.pdf", PDF), (name, content))
    assert set(raised.value.errors) == {"files"}
    assert world.session.scalar(select(func.count(Interaction.id))) == 0
    assert files_in(data_dir) == []


def test_too_large_and_too_many(world: World, data_dir: Path) -> None:
    world.session.add(Setting(key="attachment_mb", value=1))
    world.session.commit()
    save(world, ("a.pdf", PDF + b"0" * (1024 * 1024 - len(PDF))))
    with pytest.raises(FieldErrors, match="1 MB"):
        save(world, ("a.pdf", PDF + b"0" * (1024 * 1024 - len(PDF) + 1)))
    with pytest.raises(FieldErrors, match="最多 10 个"):
        save(world, *[(f"{n}.pdf", PDF) for n in range(11)])
    assert len(files_in(data_dir)) == 1


def test_a_full_disk_leaves_nothing_half_saved(
    world: World, as_user: SignIn, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = storage.write

    def second_fails(token: str, content: bytes) -> None:
        if files_in(data_dir):
            raise OSError(errno.ENOSPC, "No space left on device")
        written(token, content)

    monkeypatch.setattr(storage, "write", second_fails)
    answer = as_user(user=world.officer).post(
        "/log/new",
        data={
            "company": world.company.id,
            "company_text": "",
            "text": "写了很久的话",
            "files": [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")],
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == 507
    assert "磁盘已满" in answer.text
    assert "写了很久的话" in answer.text
    assert world.session.scalar(select(func.count(Interaction.id))) == 0
    assert files_in(data_dir) == []


def test_a_disk_that_fills_while_writing_leaves_no_part(
    world: World, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("crm.interactions.storage.os.fsync", full)
    with pytest.raises(Exception, match="磁盘已满"):
        save(world, ("a.pdf", PDF))
    assert files_in(data_dir) == []


def test_a_file_goes_with_its_rolled_back_row(world: World, data_dir: Path) -> None:
    note = world.log()

    def attach_and_fail() -> None:
        with unit_of_work():
            services.attach(
                actor=world.officer.as_actor(),
                interaction=note,
                uploads=[Upload("a.pdf", io.BytesIO(PDF))],
            )
            assert len(files_in(data_dir)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attach_and_fail()
    assert files_in(data_dir) == []


def test_a_removed_file_leaves_the_disk_after_the_commit(world: World, data_dir: Path) -> None:
    note = save(world, ("a.pdf", PDF), ("b.pdf", PDF))
    gone = note.attachments[0]
    with unit_of_work():
        revise_contact(
            actor=world.officer.as_actor(),
            on=note.occurred_on,
            interaction=note,
            values={},
            remove_files=[gone.id],
        )
        assert len(files_in(data_dir)) == 2
    assert [path.name for path in files_in(data_dir)] == [note.attachments[0].token]
    assert world.session.scalars(select(Attachment.name)).all() == ["b.pdf"]


def test_files_are_served_so_that_nothing_runs(world: World, as_user: SignIn) -> None:
    note = save(world, ('示例 "材料"\r\n.pdf', PDF), ("照片.png", PNG))
    pdf, png = note.attachments
    browser = as_user(user=world.officer)
    answer = browser.get(f"/files/{pdf.token}")
    assert answer.data == PDF
    headers = answer.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert (
        "filename*=UTF-8''%E7%A4%BA%E4%BE%8B%20%22%E6%9D%90%E6%96%99%22.pdf"
        in (headers["Content-Disposition"])
    )
    picture = browser.get(f"/files/{png.token}")
    assert picture.headers["Content-Disposition"].startswith("inline;")
    assert "sandbox" in picture.headers["Content-Security-Policy"]


def test_a_file_is_seen_as_its_note(world: World, as_user: SignIn) -> None:
    secret = world.lead(visibility=Visibility.CONFIDENTIAL)
    note = save(world, ("绝密.pdf", PDF), lead_id=secret.id)
    token = note.attachments[0].token
    for person, status in {
        world.officer: 200,
        world.team_lead: 200,
        world.manager: 200,
        world.colleague: 404,
        world.stranger: 404,
        world.reviewer: 404,
        world.admin: 404,
        world.auditor: 404,
    }.items():
        assert as_user(user=person).get(f"/files/{token}").status_code == status, person.name
    assert as_user(user=world.officer).get(f"/files/{'x' * 43}").status_code == 404
    assert len(token) == 43


def test_a_name_is_text_on_the_page(world: World, as_user: SignIn) -> None:
    note = save(world, ("<img src=x onerror=alert(1)>.pdf", PDF))
    page = as_user(user=world.officer).get(f"/interactions/{note.id}").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
