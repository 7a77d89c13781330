"""The zone's own settings: rule values, lists of labels, the calendar of working days."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from crm.accounts.services.documents import label_renamed
from crm.core import activity
from crm.core.errors import Conflict, FieldErrors, NotFound
from crm.core.permissions import Actor
from crm.core.settings import RULES, ListItem, ListKind, Setting, Workday, rules
from crm.extensions import db

# key → (least, most) where they differ from a day to ten years.
BOUNDS = {
    "login_failures": (3, 20),
    "login_lock_minutes": (1, 1440),
    "claims_per_day": (0, 1000),
    "export_rows": (1, 200_000),
    "attachment_mb": (1, 30),
}
_USUAL = (1, 3650)


def bounds(key: str) -> tuple[int, int]:
    """The least and the most that a rule may be set to."""
    return BOUNDS.get(key, _USUAL)


def set_rules(*, actor: Actor, values: dict[str, int]) -> int:
    """Put rule values in force at once; returns how many changed. Raises FieldErrors."""
    faults: dict[str, list[str]] = {}
    for key, value in values.items():
        least, most = bounds(key)
        if not least <= value <= most:
            faults[key] = [_("请填 %(least)s 到 %(most)s 之间的整数。", least=least, most=most)]
    if faults:
        raise FieldErrors(faults)
    before = rules()
    changes: dict[str, Any] = {}
    for key, value in values.items():
        if value == before[key]:
            continue
        changes[RULES[key][1]] = [before[key], value]
        stored = db.session.get(Setting, key)
        if stored is None:
            db.session.add(Setting(key=key, value=value, updated_by_id=actor.id))
        else:
            stored.value, stored.updated_by_id = value, actor.id
    if changes:
        _log(actor, "rule.update", "setting", changes=changes)
    return len(changes)


def add_item(*, actor: Actor, kind: ListKind, label: str) -> ListItem:
    """Add a label to the end of a list. Raises FieldErrors for an empty or taken one."""
    label = _checked_label(kind, label)
    last = db.session.scalar(select(func.max(ListItem.position)).where(ListItem.kind == kind.value))
    item = ListItem(kind=kind.value, label=label, position=(last or 0) + 10, active=True)
    db.session.add(item)
    db.session.flush()
    _log(actor, "list.add", "list_item", item.id, f"{kind.label}：{label}")
    return item


def rename_item(*, actor: Actor, item: ListItem, label: str) -> None:
    """Rename a label; old records show the new one. Raises FieldErrors."""
    if label.strip() == item.label:
        return
    before, item.label = item.label, _checked_label(ListKind(item.kind), label)
    _log(
        actor,
        "list.rename",
        "list_item",
        item.id,
        ListKind(item.kind).label,
        changes={"label": [before, item.label]},
    )
    label_renamed(item.id)


def move_item(*, actor: Actor, item: ListItem, by: int) -> None:
    """Move a label one place up (-1) or down (1); at the end of the list nothing happens."""
    query = select(ListItem).where(ListItem.kind == item.kind)
    items = list(db.session.scalars(query.order_by(ListItem.position, ListItem.id)))
    place = items.index(item)
    other = place + by
    if not 0 <= other < len(items):
        return
    items[place], items[other] = items[other], items[place]
    for number, one in enumerate(items, 1):
        one.position = 10 * number
    _log(actor, "list.move", "list_item", item.id, f"{ListKind(item.kind).label}：{item.label}")


def set_item_active(*, actor: Actor, item: ListItem, active: bool) -> None:
    """Hide a label from new records, or offer it again. The last one shown cannot be hidden."""
    if item.active == active:
        return
    if not active:
        others = db.session.scalar(
            select(func.count())
            .select_from(ListItem)
            .where(ListItem.kind == item.kind, ListItem.active, ListItem.id != item.id)
        )
        if not others:
            raise Conflict(_("列表至少要留一项。"))
    item.active = active
    verb = "list.show" if active else "list.hide"
    _log(actor, verb, "list_item", item.id, f"{ListKind(item.kind).label}：{item.label}")


def get_item(item_id: int) -> ListItem:
    """One label. Raises NotFound."""
    item = db.session.get(ListItem, item_id)
    if item is None:
        raise NotFound(_("没有这一项。"))
    return item


def set_workday(*, actor: Actor, day: date, works: bool, name: str) -> None:
    """Say that a day is worked, or free, whatever day of the week it is. Raises FieldErrors."""
    if not 2000 <= day.year <= 2100:
        raise FieldErrors({"day": [_("日期超出范围。")]})
    if len(name) > 60:
        raise FieldErrors({"name": [_("名称最多 60 个字符。")]})
    stored = db.session.get(Workday, day)
    words = {True: _("上班"), False: _("放假")}
    before = words[stored.works] if stored else None
    if stored is None:
        db.session.add(Workday(day=day, works=works, name=name))
    else:
        stored.works, stored.name = works, name
    changes = {day.isoformat(): [before, words[works]]}
    _log(actor, "workday.set", "workday", summary=name, changes=changes)


def remove_workday(*, actor: Actor, day: date) -> None:
    """Let a day follow the plain week again. Raises NotFound for one that already does."""
    stored = db.session.get(Workday, day)
    if stored is None:
        raise NotFound(_("这一天没有单独设置。"))
    db.session.delete(stored)
    _log(actor, "workday.remove", "workday", summary=day.isoformat())


def _checked_label(kind: ListKind, label: str) -> str:
    label = label.strip()
    if not label:
        raise FieldErrors({"label": [_("请填写名称。")]})
    if len(label) > 60:
        raise FieldErrors({"label": [_("名称最多 60 个字符。")]})
    taken = select(ListItem.id).where(ListItem.kind == kind.value, ListItem.label == label)
    if db.session.scalar(taken) is not None:
        raise FieldErrors({"label": [_("已有“%(label)s”。", label=label)]})
    return label


def _log(
    actor: Actor,
    verb: str,
    subject_type: str,
    subject_id: int | None = None,
    summary: str = "",
    *,
    changes: dict[str, Any] | None = None,
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        summary=summary,
        changes=changes,
    )
