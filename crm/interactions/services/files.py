"""Attachments of an interaction: checked, stored, taken off."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from flask_babel import gettext as _

from crm.core import activity, outbox
from crm.core.errors import DomainError, FieldErrors
from crm.core.permissions import Actor
from crm.core.settings import rule
from crm.extensions import db
from crm.interactions import storage
from crm.interactions.filetypes import RefusedFile, file_type
from crm.interactions.models import Attachment, Interaction

MOST_FILES = 10
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file as it comes in: the name it had and its content."""

    name: str
    stream: BinaryIO


class NoSpace(DomainError):
    """The files could not be stored; nothing of the save is kept."""

    status = 507


def attach(*, actor: Actor, interaction: Interaction, uploads: Sequence[Upload]) -> None:
    """Check and store files and hang them onto an interaction.

    All are checked before the first is stored. Raises FieldErrors on `files`, NoSpace.
    """
    if not uploads:
        return
    limit = rule("attachment_mb")
    errors: list[str] = []
    if len(interaction.attachments) + len(uploads) > MOST_FILES:
        errors.append(_("每条记录最多 %(most)s 个附件。", most=MOST_FILES))
    checked = []
    for upload in uploads:
        name = clean_name(upload.name)
        content = upload.stream.read(limit * _MEGABYTE + 1)
        try:
            if len(content) > limit * _MEGABYTE:
                errors.append(_("%(name)s 超过 %(most)s MB 的上限。", name=name, most=limit))
            else:
                checked.append((name, content, file_type(name, content).media_type))
        except RefusedFile as error:
            errors.append(_("%(name)s：%(reason)s", name=name, reason=_(str(error))))
    if errors:
        raise FieldErrors({"files": errors})
    for name, content, media_type in checked:
        _store(actor, interaction, name, content, media_type)


def _store(
    actor: Actor, interaction: Interaction, name: str, content: bytes, media_type: str
) -> None:
    token = storage.new_token()
    try:
        storage.write(token, content)
    except OSError as error:
        raise NoSpace(
            _("附件没有存下（服务器磁盘已满或不可写），这次没有保存任何内容。请联系管理员。"),
            field="files",
        ) from error
    interaction.attachments.append(
        Attachment(
            token=token,
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            uploaded_by_id=actor.id,
        )
    )
    _note(actor, "attachment.add", interaction)


def remove_attachment(*, actor: Actor, interaction: Interaction, attachment: Attachment) -> None:
    """Take a file off; it is deleted from the disk once this is committed."""
    storage.remove_after_commit(attachment.token)
    interaction.attachments.remove(attachment)
    db.session.delete(attachment)
    _note(actor, "attachment.remove", interaction)


def clean_name(name: str) -> str:
    """A file name without folders and without characters that no screen shows; at most 200."""
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in base if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, extension = shown.rpartition(".")
    if not dot:
        return shown[:200] or "file"
    return f"{stem[: 199 - len(extension)]}.{extension}"[-200:]


def _note(actor: Actor, verb: str, interaction: Interaction) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="interaction",
        subject_id=interaction.id,
        lead_id=interaction.lead_id,
    )
    # Notes are found by the names of their files.
    outbox.enqueue("interaction", [interaction.id])
