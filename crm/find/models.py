"""What search keeps: trade terms, saved searches, runs of tasks on the index."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, Stamped, UtcDateTime, enum_type
from crm.core.clock import now
from crm.core.labels import N_, LabelledEnum


class SynonymGroup(Base, Stamped):
    """A group of terms.

    Without `wider` all of them mean the same; with it they are narrower terms that a search for
    the wider one finds as well, not the reverse.
    """

    __tablename__ = "synonym_groups"

    id: Mapped[Id]
    wider: Mapped[str] = mapped_column(String(60), default="", server_default="")
    terms: Mapped[list[str]] = mapped_column(JSON)


class SavedSearch(Base, Stamped):
    """A search that a person keeps, seen by that person alone; with `notify` it tells what is new.

    `asked` holds the parameters of the search page. What came into the product after `since` is
    new, except the keys in `known` (`lead:7`), which an earlier notice told. `told` are the keys
    that the present notice tells, and `complete_until` is the moment up to which everything had
    been indexed when it was last brought up to date: the next span begins there.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(60))
    asked: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    notify: Mapped[bool] = mapped_column(Boolean, default=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    complete_until: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    known: Mapped[list[str]] = mapped_column(JSON, default=list)
    told: Mapped[list[str]] = mapped_column(JSON, default=list)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    checks: Mapped[int] = mapped_column(Integer, default=0)


class IndexTask(LabelledEnum):
    """What may be done to the search index from the page of operations."""

    REBUILD = "rebuild", N_("重建索引")
    VERIFY = "verify", N_("核对索引")
    REPAIR = "repair", N_("修补索引")


class TaskState(LabelledEnum):
    """How far such a task has come."""

    RUNNING = "running", N_("进行中")
    DONE = "done", N_("已完成")
    FAILED = "failed", N_("没有完成")


class IndexJob(Base):
    """One run of a task in the background. `result` holds figures alone, no text of a record."""

    __tablename__ = "index_jobs"

    id: Mapped[Id]
    task: Mapped[IndexTask] = mapped_column(enum_type(IndexTask))
    state: Mapped[TaskState] = mapped_column(enum_type(TaskState), default=TaskState.RUNNING)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    total: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    result: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    fault: Mapped[str] = mapped_column(String(60), default="", server_default="")
