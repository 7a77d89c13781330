"""Settings that people edit in the product: rules as values, and lists of labels."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, UtcDateTime
from crm.core.clock import now
from crm.core.labels import N_, LabelledEnum
from crm.extensions import db


class ListKind(LabelledEnum):
    """The lists of labels that the zone keeps itself."""

    SOURCE = "source", N_("线索来源")
    LOST_REASON = "lost_reason", N_("流失原因")


class ListItem(Base):
    """One label of a list; hidden ones stay readable on old records."""

    __tablename__ = "list_items"
    __table_args__ = (UniqueConstraint("kind", "label"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Setting(Base):
    """One rule value; its meaning, unit and default stand in `RULES`."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Workday(Base):
    """A day that differs from the plain week: a holiday, or a weekend that is worked."""

    __tablename__ = "workdays"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(60), default="")


# key → (default, label, unit). Whole numbers all. Sources: domain.md, "Rules"; dwell standards are
# the zone's working defaults and marked as such on the settings page.
RULES: dict[str, tuple[int, str, str]] = {
    "protection_days": (90, N_("首报保护期"), N_("天")),
    "respond_answer_days": (1, N_("首次响应"), N_("个工作日")),
    "respond_assess_days": (3, N_("初步研判"), N_("个工作日")),
    "respond_feedback_days": (5, N_("反馈意见"), N_("个工作日")),
    "respond_progress_days": (10, N_("进展报告间隔"), N_("个工作日")),
    "pool_days_identified": (30, N_("线索阶段未接触预警"), N_("天")),
    "pool_days_contacted": (45, N_("初步接洽未接触预警"), N_("天")),
    "pool_days_negotiating": (60, N_("深度洽谈未接触预警"), N_("天")),
    "dwell_days_identified": (30, N_("线索阶段停留标准"), N_("天")),
    "dwell_days_contacted": (45, N_("初步接洽停留标准"), N_("天")),
    "dwell_days_negotiating": (60, N_("深度洽谈停留标准"), N_("天")),
    "dwell_days_appraising": (20, N_("评审会商停留标准"), N_("天")),
    "claims_per_day": (3, N_("每人每天领取上限"), N_("条")),
    "login_failures": (5, N_("连续登录失败锁定"), N_("次")),
    "login_lock_minutes": (15, N_("锁定时长"), N_("分钟")),
    "export_rows": (20000, N_("单次导出上限"), N_("行")),
    "attachment_mb": (20, N_("附件大小上限"), "MB"),
}


def rules() -> dict[str, int]:
    """All rule values in force, the stored over the default; one statement."""
    stored = {row.key: row.value for row in db.session.scalars(select(Setting))}
    return {key: int(stored.get(key, default)) for key, (default, _, _) in RULES.items()}


def rule(key: str) -> int:
    """One rule value in force. Raises KeyError for a key that `RULES` does not define."""
    default = RULES[key][0]
    stored = db.session.get(Setting, key)
    return default if stored is None else int(stored.value)


def calendar_exceptions() -> dict[date, bool]:
    """The days that differ from the plain week, as `core.calendar` takes them; one statement."""
    rows = db.session.execute(select(Workday.day, Workday.works))
    return {row[0]: row[1] for row in rows}


def list_items(kind: ListKind, *, only_active: bool = True) -> list[ListItem]:
    """The labels of a list in their order."""
    query = select(ListItem).where(ListItem.kind == kind.value)
    if only_active:
        query = query.where(ListItem.active)
    return list(db.session.scalars(query.order_by(ListItem.position, ListItem.id)))


def list_item(kind: ListKind, label: str) -> ListItem:
    """The item with this label; a new label is added to the end of its list."""
    label = label.strip()
    found = db.session.scalar(
        select(ListItem).where(ListItem.kind == kind.value, ListItem.label == label)
    )
    if found is None:
        found = ListItem(kind=kind.value, label=label, position=1000, active=True)
        db.session.add(found)
        db.session.flush()
    return found
