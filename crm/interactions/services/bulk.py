"""Write many interactions at once, as a file brings them: few statements, errors by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.core import outbox
from crm.core.clock import now
from crm.core.errors import FieldErrors, NotAllowed
from crm.core.permissions import Actor, Capability
from crm.extensions import db
from crm.interactions.models import (
    Interaction,
    Participant,
    interaction_companies,
    interaction_contacts,
)
from crm.interactions.services.prepared import InteractionValues, Prepared, look_up, prepare

_CHUNK = 2_000


@dataclass
class BulkOutcome:
    """What became of each row, by its place in the sequence: an id, or what is wrong with it."""

    ids: dict[int, int] = field(default_factory=dict)
    errors: dict[int, FieldErrors] = field(default_factory=dict)


def record_interactions(
    *, actor: Actor, on: date, rows: Sequence[InteractionValues]
) -> BulkOutcome:
    """Write all good rows; a bad one is named and hinders no other. Raises NotAllowed."""
    if not actor.can(Capability.LOG_CONTACTS):
        raise NotAllowed(_("您没有记录接洽的权限。"))
    outcome = BulkOutcome()
    used = {"ref": set[str](), "submission_key": set[str]()}
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        known = look_up(chunk, actor)
        good: dict[int, Prepared] = {}
        for place, row in enumerate(chunk, start):
            try:
                prepared = prepare(row, actor=actor, on=on, known=known)
                _refuse_repeated(prepared, used)
                good[place] = prepared
            except FieldErrors as error:
                outcome.errors[place] = error
        _drop_taken(good, outcome)
        _insert(good, outcome)
    outbox.enqueue("interaction", outcome.ids.values())
    return outcome


def _refuse_repeated(prepared: Prepared, used: dict[str, set[str]]) -> None:
    """A key that an earlier row of the same sequence has."""
    for name, seen in used.items():
        value = prepared.columns[name]
        if value is None:
            continue
        if value in seen:
            raise FieldErrors({name: [_("编号 %(ref)s 在本次数据里重复。", ref=value)]})
        seen.add(value)


def _drop_taken(good: dict[int, Prepared], outcome: BulkOutcome) -> None:
    """A key that a stored interaction has."""
    columns: tuple[tuple[str, InstrumentedAttribute[str | None]], ...] = (
        ("ref", Interaction.ref),
        ("submission_key", Interaction.submission_key),
    )
    for name, column in columns:
        wanted = {p.columns[name]: place for place, p in good.items() if p.columns[name]}
        if not wanted:
            continue
        for value in db.session.scalars(select(column).where(column.in_(wanted))):
            place = wanted[value]
            good.pop(place)
            message = _("编号 %(ref)s 已有记录。", ref=value)
            outcome.errors[place] = FieldErrors({name: [message]})


def _insert(good: dict[int, Prepared], outcome: BulkOutcome) -> None:
    if not good:
        return
    moment = now()
    stamps = {"created_at": moment, "updated_at": moment, "version": 1}
    returned = db.session.execute(
        insert(Interaction).returning(Interaction.id, sort_by_parameter_order=True),
        [{**prepared.columns, **stamps} for prepared in good.values()],
    )
    ids = dict(zip(good, returned.scalars(), strict=True))
    outcome.ids.update(ids)
    companies = _links(ids, good, "company_ids", "company_id")
    contacts = _links(ids, good, "contact_ids", "contact_id")
    people = [
        {"interaction_id": ids[place], "user_id": user_id, "team_id": team_id}
        for place, prepared in good.items()
        for user_id, team_id in prepared.participants
    ]
    for table, links in (
        (interaction_companies, companies),
        (interaction_contacts, contacts),
        (Participant, people),
    ):
        if links:
            db.session.execute(insert(table), links)


def _links(
    ids: dict[int, int], good: dict[int, Prepared], attribute: str, column: str
) -> list[dict[str, Any]]:
    return [
        {"interaction_id": ids[place], column: target}
        for place, prepared in good.items()
        for target in getattr(prepared, attribute)
    ]
