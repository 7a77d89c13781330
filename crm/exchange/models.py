"""Table of imports that people start on the page; what they hold is seen by their starter alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, UtcDateTime, enum_type
from crm.core.clock import now
from crm.core.labels import N_, LabelledEnum


class JobState(LabelledEnum):
    """How far an import has come."""

    UPLOADED = "uploaded", N_("待检查")
    RUNNING = "running", N_("进行中")
    CHECKED = "checked", N_("已检查")
    DONE = "done", N_("已完成")
    FAILED = "failed", N_("没有完成")


class ImportJob(Base):
    """One uploaded file and what became of it.

    `token` is its address and the random name under which its files are kept. `mapping` says for
    each column of the file, by its place, which column it is. `counts` is of the latest run.
    """

    __tablename__ = "import_jobs"
    __table_args__ = (Index("ix_import_jobs_user", "user_id", "created_at"),)

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(String(43), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(200))
    encoding: Mapped[str] = mapped_column(String(20), default="", server_default="")
    header: Mapped[list[str]] = mapped_column(JSON, default=list)
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    total: Mapped[int] = mapped_column(Integer, default=0)
    update_known: Mapped[bool] = mapped_column(Boolean, default=False)
    historical: Mapped[bool] = mapped_column(Boolean, default=False)
    dry_run: Mapped[bool] = mapped_column(Boolean, default=True)
    state: Mapped[JobState] = mapped_column(enum_type(JobState), default=JobState.UPLOADED)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    message: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def ending(self) -> str:
        """The ending of the file's name: .csv or .xlsx."""
        return "." + self.file_name.rsplit(".", 1)[-1].lower()

    @property
    def done(self) -> int:
        """Rows that the latest run has been through."""
        keys = ("created", "updated", "unchanged", "failed")
        return sum(int(self.counts.get(key, 0)) for key in keys)
