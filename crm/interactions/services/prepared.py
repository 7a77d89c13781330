"""Values of an interaction, checked and made ready to be written: one way for one and for many."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from flask_babel import gettext as _
from sqlalchemy import select

from crm.accounts.models import User
from crm.companies.models import Company, Contact
from crm.core.errors import FieldErrors
from crm.core.permissions import Actor
from crm.extensions import db
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.links import EARLIEST, LEAD

MOST_TEXT = 20_000
MOST_STEP = 200
MOST_LINKED = 50
_CHUNK = 5_000


class InteractionValues(TypedDict, total=False):
    """What is known of an interaction, typed; keys left out stay as they are or take defaults.

    Without `author_id` the author is the actor; `author_id` None says that nobody is known.
    `done_step_ids` are interactions whose next step this contact completes.
    """

    ref: str | None
    kind: InteractionKind
    occurred_on: date
    text: str
    outcome: Outcome | None
    lead_id: int | None
    company_ids: Sequence[int]
    contact_ids: Sequence[int]
    participant_ids: Sequence[int]
    author_id: int | None
    next_step: str
    next_on: date | None
    next_owner_id: int | None
    submission_key: str | None
    done_step_ids: Sequence[int]


@dataclass(frozen=True)
class Known:
    """What the ids in some values stand for; an id that is missing here does not exist."""

    companies: dict[int, int] = field(default_factory=dict)  # id → id under which it lives on
    contacts: dict[int, int] = field(default_factory=dict)  # id → company
    users: dict[int, int | None] = field(default_factory=dict)  # id → team
    leads: dict[int, int] = field(default_factory=dict)  # id → company


@dataclass
class Prepared:
    """An interaction ready to be written."""

    columns: dict[str, Any]
    company_ids: list[int]
    contact_ids: list[int]
    participants: list[tuple[int, int | None]]  # person and the team they are in


def look_up(rows: Sequence[InteractionValues], actor: Actor) -> Known:
    """Read everything that the rows refer to, in a handful of statements whatever their number."""
    lead_ids = {row["lead_id"] for row in rows if row.get("lead_id")}
    leads = _pairs(LEAD.c.id, LEAD.c.company_id, lead_ids)
    wanted = {i for row in rows for i in row.get("company_ids", ())} | set(leads.values())
    people = {i for row in rows for i in row.get("participant_ids", ())}
    people |= {row.get(key) for row in rows for key in ("author_id", "next_owner_id")}  # type: ignore[misc]
    people.add(actor.id)  # type: ignore[arg-type]
    contacts = {i for row in rows for i in row.get("contact_ids", ())}
    return Known(
        companies=_living(wanted),
        contacts=_pairs(Contact.id, Contact.company_id, contacts),
        users=_pairs(User.id, User.team_id, people - {None}),
        leads=leads,
    )


def _pairs(key: Any, value: Any, ids: Collection[Any]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        rows = db.session.execute(select(key, value).where(key.in_(chunk)))
        found.update({row[0]: row[1] for row in rows})
    return found


def _living(ids: Collection[int]) -> dict[int, int]:
    """Merged companies are followed to the one that was kept."""
    merged = _pairs(Company.id, Company.merged_into_id, ids)
    gone = {target for target in merged.values() if target} - set(merged)
    while gone:
        more = _pairs(Company.id, Company.merged_into_id, gone)
        merged.update(more)
        gone = {target for target in more.values() if target} - set(merged)
    return {company_id: _end_of(company_id, merged) for company_id in ids if company_id in merged}


def _end_of(company_id: int, merged: dict[int, int | None]) -> int:
    seen = set()
    while (target := merged.get(company_id)) and company_id not in seen:
        seen.add(company_id)
        company_id = target
    return company_id


def prepare(values: InteractionValues, *, actor: Actor, on: date, known: Known) -> Prepared:
    """Check complete values. Raises FieldErrors naming every field at fault."""
    errors: dict[str, list[str]] = {}
    author_id = values.get("author_id", actor.id)
    columns: dict[str, Any] = {
        "ref": values.get("ref") or None,
        "kind": values.get("kind"),
        "occurred_on": _day(values.get("occurred_on"), on, errors),
        "text": _note(values.get("text", ""), errors),
        "outcome": values.get("outcome"),
        "lead_id": values.get("lead_id") or None,
        "author_id": author_id,
        "author_team_id": known.users.get(author_id) if author_id else None,
        "submission_key": values.get("submission_key") or None,
    }
    if columns["kind"] is None:
        errors["kind"] = [_("请选择方式。")]
    if author_id is not None and author_id not in known.users:
        errors["author_id"] = [_("没有这个人。")]
    _next_step(values, columns, known, errors)
    companies = _companies(values, known, errors)
    contacts = _contacts(values, companies, known, errors)
    participants = _participants(values, author_id, known, errors)
    if errors:
        raise FieldErrors(errors)
    return Prepared(columns, companies, contacts, participants)


def _note(text: str, errors: dict[str, list[str]]) -> str:
    note = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not note:
        errors["text"] = [_("请写下说了什么。")]
    elif len(note) > MOST_TEXT:
        errors["text"] = [
            _(
                "内容有 %(count)s 字，最多 %(most)s 字。请分成几条记录，或作为附件上传。",
                count=f"{len(note):,}",
                most=f"{MOST_TEXT:,}",
            )
        ]
    elif has_control_characters(note):
        errors["text"] = [_("含有不可见的控制字符，请删去后再保存。")]
    return note


def has_control_characters(text: str) -> bool:
    """Characters that no keyboard types, and halves of characters that no database stores."""
    return any(
        (ord(c) < 32 and c not in "\n\t") or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text
    )


def _day(day: date | None, on: date, errors: dict[str, list[str]]) -> date | None:
    if day is None:
        errors["occurred_on"] = [_("请填写日期。")]
    elif day > on:
        errors["occurred_on"] = [_("日期不能晚于今天（%(day)s）。", day=on.isoformat())]
    elif day < EARLIEST:
        errors["occurred_on"] = [_("日期太早，请核对年份。")]
    return day


def _next_step(
    values: InteractionValues, columns: dict[str, Any], known: Known, errors: dict[str, list[str]]
) -> None:
    step = " ".join(values.get("next_step", "").split())
    day = values.get("next_on")
    occurred_on = columns["occurred_on"]
    given = values.get("next_owner_id")
    if len(step) > MOST_STEP:
        errors["next_step"] = [_("下一步最多 %(most)s 字。", most=MOST_STEP)]
    elif has_control_characters(step):
        errors["next_step"] = [_("含有不可见的控制字符，请删去后再保存。")]
    elif day is not None and not step:
        errors["next_step"] = [_("填了日期，请写明下一步做什么。")]
    if day is not None and occurred_on is not None and day < occurred_on:
        errors["next_on"] = [_("下一步的日期不能早于接洽日期。")]
    if given and given not in known.users:
        errors["next_owner_id"] = [_("没有这个人。")]
    columns["next_step"] = step
    columns["next_on"] = day if step else None
    columns["next_owner_id"] = (given or columns["author_id"]) if step else None


def _companies(values: InteractionValues, known: Known, errors: dict[str, list[str]]) -> list[int]:
    lead_id = values.get("lead_id")
    wanted = list(values.get("company_ids", ()))
    if any(company_id not in known.companies for company_id in wanted):
        errors["company_ids"] = [_("没有这家企业。")]
    if lead_id and lead_id not in known.leads:
        errors["lead_id"] = [_("没有这条线索。")]
    elif lead_id:
        # What is said on a lead is said with its company.
        wanted.append(known.leads[lead_id])
    elif not wanted:
        errors["company_ids"] = [_("请选择企业；没有线索时必填。")]
    if len(wanted) > MOST_LINKED:
        errors["company_ids"] = [_("最多 %(most)s 家企业。", most=MOST_LINKED)]
    return _once(known.companies[i] for i in wanted if i in known.companies)


def _contacts(
    values: InteractionValues,
    companies: list[int],
    known: Known,
    errors: dict[str, list[str]],
) -> list[int]:
    wanted = _once(values.get("contact_ids", ()))
    if any(known.contacts.get(contact_id) not in companies for contact_id in wanted):
        errors["contact_ids"] = [_("联系人不属于所选企业。")]
    return wanted


def _participants(
    values: InteractionValues,
    author_id: int | None,
    known: Known,
    errors: dict[str, list[str]],
) -> list[tuple[int, int | None]]:
    wanted = [i for i in _once(values.get("participant_ids", ())) if i != author_id]
    if any(user_id not in known.users for user_id in wanted):
        errors["participant_ids"] = [_("没有这个人。")]
    elif len(wanted) > MOST_LINKED:
        errors["participant_ids"] = [_("最多 %(most)s 位同事。", most=MOST_LINKED)]
    return [(user_id, known.users.get(user_id)) for user_id in wanted]


def _once(ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(ids))
