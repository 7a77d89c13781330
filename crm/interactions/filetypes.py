"""Which files may be attached, told by their first bytes and not by their name alone. Pure."""

import io
import zipfile
from dataclasses import dataclass

from crm.core.labels import N_

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_MAGIC: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "doc": ("application/msword", (_OLE,)),
    "xls": ("application/vnd.ms-excel", (_OLE,)),
    "ppt": ("application/vnd.ms-powerpoint", (_OLE,)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
# Extension → media type and the part by which such a package is known.
_PACKAGES = {
    "docx": (_OFFICE + "wordprocessingml.document", "word/document.xml"),
    "xlsx": (_OFFICE + "spreadsheetml.sheet", "xl/workbook.xml"),
    "pptx": (_OFFICE + "presentationml.presentation", "ppt/presentation.xml"),
}
_TEXTS = {"txt": "text/plain", "csv": "text/csv"}
EXTENSIONS = tuple(sorted({*_MAGIC, *_PACKAGES, *_TEXTS, "webp"}))
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MOST_PARTS = 20_000


class RefusedFile(ValueError):
    """Why a file is not taken; the message is a msgid."""


@dataclass(frozen=True)
class FileType:
    """A file's extension in lower case and the media type that its content proves."""

    extension: str
    media_type: str


def file_type(name: str, content: bytes) -> FileType:
    """The type of a file whose name and content agree. Raises RefusedFile with the reason."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS:
        raise RefusedFile(N_("这种文件不能上传。可以上传 PDF、Office 文档、文本和图片。"))
    if not content:
        raise RefusedFile(N_("文件是空的。"))
    media_type = _proven(extension, content)
    if media_type is None:
        raise RefusedFile(N_("文件内容与扩展名不符，没有上传。"))
    return FileType(extension, media_type)


def _proven(extension: str, content: bytes) -> str | None:
    if extension in _MAGIC:
        media_type, starts = _MAGIC[extension]
        return media_type if content.startswith(starts) else None
    if extension == "webp":
        is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
        return "image/webp" if is_webp else None
    if extension in _PACKAGES:
        media_type, main_part = _PACKAGES[extension]
        return media_type if _is_package(content, main_part) else None
    return _TEXTS[extension] if _is_text(content) else None


def _is_package(content: bytes, main_part: str) -> bool:
    """An Office package without macros: a zip with its list of types and its main part."""
    if not content.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    if len(names) > _MOST_PARTS or any(name.endswith("vbaProject.bin") for name in names):
        return False
    return "[Content_Types].xml" in names and main_part in names


def _is_text(content: bytes) -> bool:
    """Text in UTF-8 or GB18030 that no browser would take for a page."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(ord(c) < 32 and c not in "\n\r\t\f" for c in text)
    return False
