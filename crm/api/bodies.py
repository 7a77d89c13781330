"""Turns bodies into the values that services take: names and refs into ids, null into nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import select

from crm.api import lookups, reading
from crm.api.schemas.companies import CompanyPatch
from crm.api.schemas.interactions import InteractionPatch
from crm.api.schemas.leads import LeadPatch
from crm.chains.models import ChainNode
from crm.companies.services import CompanyValues
from crm.core.errors import DomainError, FieldErrors
from crm.core.permissions import Actor
from crm.core.quantity import Money
from crm.extensions import db
from crm.interactions.services import InteractionValues
from crm.leads.kinds import Currency
from crm.leads.models import Lead
from crm.leads.stages import Status
from crm.leads.values import LeadValues

# What services call a field → what bodies call it; the first that was sent is named, else the last.
_NAMES = {
    "company_id": ("company_ref", "company_id"),
    "company_ids": ("company_refs", "company_ids"),
    "lead_id": ("lead_ref", "lead_id"),
    "parent_id": ("parent_ref", "parent_id"),
    "anchor_ids": ("anchor_refs", "anchor_ids"),
    "owner_id": ("owner",),
    "team_id": ("team",),
    "author_id": ("author",),
    "next_owner_id": ("next_owner",),
    "participant_ids": ("participants",),
    "account_owner_id": ("account_owner",),
}
_EMPTY_WHEN_NULL: dict[str, Any] = {
    **dict.fromkeys(
        (
            "name", "short_name", "country", "region", "industry_code", "industry_version",
            "products", "summary", "title", "pollutants", "product", "industry",
            "likelihood_reason", "investor_registration", "appraisal_evidence", "lost_to", "text",
            "next_step",
        ),
        "",
    ),
    **dict.fromkeys(("in_zone", "is_anchor", "is_no1"), False),
    **dict.fromkeys(("honours", "chain_nodes", "company_ids", "anchor_ids", "participants"), ()),
}  # fmt: skip
_NEVER_NULL = ("visibility", "stage", "status", "received_on", "kind", "occurred_on")
_TYPED = (
    "investment_wan_cny", "foreign_capital_wan_usd", "land_mu", "fixed_investment_wan_cny",
    "floor_area_sqm", "energy_tce", "output_wan_cny", "tax_wan_cny", "agreed_amount",
)  # fmt: skip


@contextmanager
def named_as_sent() -> Iterator[None]:
    """Let errors of services name the fields as the body does."""
    try:
        yield
    except FieldErrors as error:
        error.errors = {_name(field): texts for field, texts in error.errors.items()}
        raise
    except DomainError as error:
        error.field = _name(error.field) if error.field else None
        raise


def _name(field: str) -> str:
    names = _NAMES.get(field, (field,))
    return next((name for name in names if name in reading.raw_body()), names[-1])


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with null turned into what empties them. Raises FieldErrors."""
    refused = [name for name in _NEVER_NULL if name in given and given[name] is None]
    if refused:
        raise FieldErrors({name: [_("不能为空。")] for name in refused})
    return {
        name: _EMPTY_WHEN_NULL[name] if value is None and name in _EMPTY_WHEN_NULL else value
        for name, value in given.items()
    }


def _link(values: dict[str, Any], record: str, find: Any) -> None:
    """Turn `…_id` and `…_ref` into one id. Raises FieldErrors where they differ or are unknown."""
    by_id, by_ref = f"{record}_id", f"{record}_ref"
    found = {
        field: find(values[field], field) if values[field] not in (None, "") else None
        for field in (by_id, by_ref)
        if field in values
    }
    values.pop(by_ref, None)
    if not found:
        return
    if len(set(found.values())) > 1:
        text = _("%(one)s 与 %(other)s 指的不是同一条记录。", one=by_id, other=by_ref)
        raise FieldErrors({by_ref: [text]})
    values[by_id] = next(iter(found.values()))


def _links(values: dict[str, Any], record: str) -> None:
    """Turn `…_ids` and `…_refs` into one list of ids. Raises FieldErrors."""
    by_id, by_ref = f"{record}_ids", f"{record}_refs"
    if by_id not in values and by_ref not in values:
        return
    ids = lookups.company_ids(values.get(by_id) or [], by_id)
    ids += lookups.company_ids(values.pop(by_ref, None) or [], by_ref)
    values[by_id] = list(dict.fromkeys(ids))


def actual_day(day: date | None) -> date:
    """The date of something that has happened. Raises FieldErrors where there is none."""
    if day is None:
        raise FieldErrors({"on": [_("请填写日期。")]})
    return day


def company_values(body: CompanyPatch) -> CompanyValues:
    """The values of a company. Raises FieldErrors."""
    values = _plain(body.given)
    _link(values, "parent", lookups.company_id)
    if "account_owner" in values:
        name = values.pop("account_owner")
        values["account_owner_id"] = lookups.user_id(name, "account_owner")
    if "aliases" in values:
        names = values["aliases"] or []
        values["aliases"] = [{"name": name, "kind": None} for name in names]
    return cast(CompanyValues, values)


def lead_values(actor: Actor, body: LeadPatch, lead: Lead | None = None) -> LeadValues:
    """The values of a lead; `lead` is the one to be changed. Raises FieldErrors."""
    values = _plain(body.given)
    _link(values, "company", lookups.company_id)
    _links(values, "anchor")
    if "owner" in values:
        values["owner_id"] = lookups.user_id(values.pop("owner"), "owner")
    if "team" in values:
        values["team_id"] = lookups.team_id(values.pop("team"))
    _check_nodes(values.get("chain_nodes"))
    _read_agreed(values)
    _check_loss(values, lead)
    for name in ("source", "lost_reason"):
        if name in values:
            values[name] = (values[name] or "").strip() or None
    known = lead.appraisal_evidence if lead else ""
    if values.get("appraisal_passed_on") and not (values.get("appraisal_evidence") or known):
        values["appraisal_evidence"] = _("%(name)s通过接口登记", name=actor.name)
    sent = reading.raw_body()
    values["typed"] = {name: sent[name] for name in _TYPED if isinstance(sent.get(name), str)}
    return cast(LeadValues, values)


def _check_nodes(nodes: Any) -> None:
    if not isinstance(nodes, list) or not nodes:
        return
    known = set(db.session.scalars(select(ChainNode.id).where(ChainNode.id.in_(nodes))))
    unknown = [node for node in nodes if node not in known]
    if unknown:
        text = _("没有这个产业链节点：%(nodes)s。", nodes="、".join(unknown)[:200])
        raise FieldErrors({"chain_nodes": [text]})


def _read_agreed(values: dict[str, Any]) -> None:
    """An amount that names its currency must agree with `agreed_currency`."""
    agreed: Money | Decimal | None = values.get("agreed_amount")
    if not isinstance(agreed, Money):
        return
    currency = Currency(agreed.currency)
    if values.get("agreed_currency") not in (None, currency):
        raise FieldErrors({"agreed_amount": [_("协议金额的币种与 agreed_currency 不一致。")]})
    values |= {"agreed_amount": agreed.amount, "agreed_currency": currency}


def _check_loss(values: dict[str, Any], lead: Lead | None) -> None:
    """A reason and a place belong to a lost lead; on another they would be lost without a word."""
    status = values.get("status", lead.status if lead else Status.ACTIVE)
    given = [name for name in ("lost_reason", "lost_to") if values.get(name)]
    if given and status is not Status.LOST:
        text = _("只有状态为流失（lost）的线索才填流失原因和去向。")
        raise FieldErrors({name: [text] for name in given})


def interaction_values(actor: Actor, body: InteractionPatch) -> InteractionValues:
    """The values of an interaction. Raises FieldErrors."""
    values = _plain(body.given)
    _link(values, "lead", lambda wanted, field: lookups.lead_id(actor, wanted, field))
    _links(values, "company")
    for name in ("author", "next_owner"):
        if name in values:
            values[f"{name}_id"] = lookups.user_id(values.pop(name), name)
    if "participants" in values:
        names = values.pop("participants")
        values["participant_ids"] = lookups.user_ids(names, "participants")
    return cast(InteractionValues, values)
