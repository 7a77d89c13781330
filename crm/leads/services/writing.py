"""Checks values and puts them onto a lead; creating and editing share it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from crm.companies.models import Company
from crm.core import settings
from crm.core.errors import FieldErrors
from crm.core.forms import LONG_TEXT, SHORT_TEXT
from crm.core.labels import N_, LabelledEnum
from crm.core.quantity import MOST, MOST_COUNT, MOST_WAN, SMALLEST, plain
from crm.extensions import db
from crm.leads.fields import AMOUNT_KINDS, FIELDS, FieldKind
from crm.leads.models import Lead, LeadNode
from crm.leads.stages import MAY_BE_UNAVAILABLE
from crm.leads.values import UNAVAILABLE, LeadValues

LENGTHS = {"ref": 120, "chain_nodes": 40}
# Written by services of their own, never as plain fields.
_NOT_PLAIN = {
    "owner_id", "team_id", "registrar_id", "stage", "status", "lost_reason", "lost_to", "typed",
    "submission_key", "collision_reason", "source", "chain_nodes", "anchor_ids",
    "appraisal_passed_on", "appraisal_evidence",
}  # fmt: skip


def check(values: LeadValues, *, today: date) -> None:
    """Refuse values that no lead can have. Raises FieldErrors naming every field at fault."""
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        field = FIELDS.get(name)
        if field is None or value is None:
            continue
        text = _fault(name, field.kind, value, today)
        if text:
            errors[name] = [text]
    if "title" in values and not values["title"].strip():
        errors["title"] = [_("请填写线索名称。")]
    if errors:
        raise FieldErrors(errors)


def _fault(name: str, kind: FieldKind, value: Any, today: date) -> str:
    if value == UNAVAILABLE and kind not in (FieldKind.TEXT, FieldKind.LONG_TEXT):
        return "" if name in MAY_BE_UNAVAILABLE else _("这一项不能填“暂不能提供”。")
    if kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
        most = LENGTHS.get(name, LONG_TEXT if kind is FieldKind.LONG_TEXT else SHORT_TEXT)
        return text_fault(value, most)
    if kind in AMOUNT_KINDS:
        return _amount_fault(kind, value)
    if kind is FieldKind.COUNT and not 0 <= value <= MOST_COUNT:
        return _("请填 0 到 %(most)s 之间的整数。", most=f"{MOST_COUNT:,}")
    if kind is FieldKind.PERCENT and not 0 <= value <= 100:
        return _("请填 0 到 100 之间的整数。")
    if kind is FieldKind.DATE and value > today:
        return _("日期不能晚于今天。")
    if name == "chain_nodes":
        return next((fault for node in value if (fault := text_fault(node, 40))), "")
    return ""


def text_fault(value: str, most: int) -> str:
    """Why a text cannot be stored: too long, or with characters that no keyboard types."""
    if len(value) > most:
        return _("最多 %(most)s 个字，现在是 %(now)s 个。", most=f"{most:,}", now=f"{len(value):,}")
    if any(ord(char) < 32 and char not in "\n\t" for char in value):
        return _("含有不可见的控制字符，请删去后再保存。")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        return _("含有无法识别的字符，请删去后再保存。")
    return ""


def _amount_fault(kind: FieldKind, value: Decimal) -> str:
    money = kind in (FieldKind.WAN_CNY, FieldKind.WAN_USD, FieldKind.AGREED)
    if not value.is_finite():
        return _("请填一个数。")
    if value < 0:
        return _("不能是负数。")
    if value > (MOST_WAN if money else MOST):
        return _("数字太大了，请核对单位。")
    if value != value.quantize(SMALLEST):
        return _("小数位太多。")
    return ""


def company_of(company_id: int) -> Company:
    """The company to write onto a lead; one that was merged away gives the one it went into."""
    company = db.session.get(Company, company_id)
    while company is not None and company.merged_into_id is not None:
        company = db.session.get(Company, company.merged_into_id)
    if company is None:
        raise FieldErrors({"company_id": [_("没有这家企业，请重新选择。")]})
    return company


def present(lead: Lead, name: str) -> Any:
    """The value of a field as `LeadValues` would write it, 暂不能提供 included."""
    if name in (lead.unavailable or ()):
        return UNAVAILABLE
    if name == "source":
        return lead.source.label if lead.source else None
    if name == "lost_reason":
        return lead.lost_reason.label if lead.lost_reason else None
    if name == "chain_nodes":
        return [node.node_id for node in lead.nodes]
    if name == "anchor_ids":
        return sorted(company.id for company in lead.anchors)
    return getattr(lead, name)


def apply(lead: Lead, values: LeadValues) -> dict[str, list[Any]]:
    """Put checked values onto a lead and say what changed, as the screen shows it."""
    changes: dict[str, list[Any]] = {}
    for name, value in values.items():
        if name in _NOT_PLAIN and name not in ("source", "chain_nodes", "anchor_ids"):
            continue
        wanted = value.strip() if type(value) is str else value  # members of enums stay members
        before = present(lead, name)
        if _same(before, wanted):
            continue
        shown_before = _shown(name, before)
        _write(lead, name, wanted)
        changes[name] = [shown_before, _shown(name, wanted)]
    _keep_typed(lead, values, set(changes))
    return changes


def _same(before: Any, wanted: Any) -> bool:
    if isinstance(before, list) and isinstance(wanted, list):
        return sorted(before) == sorted(set(wanted))
    return bool(before == wanted) and (before is None) == (wanted is None)


def _write(lead: Lead, name: str, value: Any) -> None:
    flagged = set(lead.unavailable or ())
    empty = value == UNAVAILABLE and name in MAY_BE_UNAVAILABLE
    wanted = flagged | {name} if empty else flagged - {name}
    if wanted != flagged:
        lead.unavailable = sorted(wanted)
    if empty:
        value = _nothing(name)
    if name == "source":
        lead.source = settings.list_item(settings.ListKind.SOURCE, value) if value else None
    elif name == "chain_nodes":
        keep = {node.node_id: node for node in lead.nodes}
        lead.nodes = [keep.get(n) or LeadNode(node_id=n) for n in dict.fromkeys(value)]
    elif name == "anchor_ids":
        lead.anchors = _companies(value)
    elif name == "company_id":
        lead.company = company_of(value)
    else:
        setattr(lead, name, value)


def _nothing(name: str) -> Any:
    kind = FIELDS[name].kind
    if kind is FieldKind.LIST:
        return []
    return "" if kind in (FieldKind.TEXT, FieldKind.LONG_TEXT) else None


def _companies(ids: list[int]) -> list[Company]:
    found = list(
        db.session.scalars(select(Company).where(Company.id.in_(ids)).order_by(Company.id))
    )
    if len(found) != len(set(ids)):
        raise FieldErrors({"anchor_ids": [_("有一家链主企业不存在，请重新选择。")]})
    return found


def _keep_typed(lead: Lead, values: Mapping[str, Any], changed: set[str]) -> None:
    """Keep amounts as they were written; a changed one without its text loses the old text."""
    given: dict[str, str] = values.get("typed") or {}
    kept = dict(lead.typed or {})
    for name in changed:
        kept.pop(name, None)
    for name, text in given.items():
        if name in FIELDS and values.get(name) is not None and values.get(name) != UNAVAILABLE:
            kept[name] = text.strip()[:SHORT_TEXT]
    if kept != (lead.typed or {}):
        lead.typed = kept


def _shown(name: str, value: Any) -> Any:
    """A value as the log keeps it: the words of the screen, without the unit."""
    if name == "company_id":
        company = db.session.get(Company, value) if value else None
        return company.name if company else ""
    if name == "anchor_ids" and value:
        rows = db.session.scalars(select(Company.name).where(Company.id.in_(value)))
        return "；".join(sorted(rows))
    return shown_value(value)


def shown_value(value: Any) -> Any:
    """A plain value as the log keeps it; dates and numbers in their written form."""
    if value is None:
        return ""
    if value == UNAVAILABLE and not isinstance(value, LabelledEnum):
        return N_("暂不能提供")
    if isinstance(value, LabelledEnum):
        return value.label
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "；".join(str(item) for item in value)
    return value
