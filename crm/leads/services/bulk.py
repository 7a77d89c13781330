"""Registering many leads at once, for imports and demo data: the rules of one, few statements."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import aliased

from crm.companies.models import CompanyName
from crm.core import clock, notices, outbox
from crm.core.activity import Activity
from crm.core.errors import DomainError, NotAllowed
from crm.core.permissions import Actor, Capability
from crm.extensions import db
from crm.leads.models import Collision, Lead
from crm.leads.queries.collisions import LINES
from crm.leads.reached import refresh_reached
from crm.leads.services import writing
from crm.leads.services.intake import (
    company_for,
    create_lead,
    new_lead,
    plain_values,
    set_status_at_birth,
    stamps,
)
from crm.leads.stages import OPEN_STATUSES, Stage
from crm.leads.values import LeadValues

_CHUNK = 500
Others = dict[int, list[tuple[int, str]]]


def create_leads(
    *, actor: Actor, on: date, rows: Sequence[LeadValues], historical: bool = False
) -> list[Lead | DomainError]:
    """Register leads; for each row the lead or what is wrong with it. Good rows are kept.

    A row that has to pass a gate or an appraisal goes through `create_lead`. Owners get one notice
    each, with the number. Raises NotAllowed.
    """
    if not actor.can(Capability.ADD_LEADS):
        raise NotAllowed(_("您的角色不能登记线索。"))
    results: list[Lead | DomainError] = []
    fresh: list[tuple[Lead, LeadValues]] = []
    for values in rows:
        try:
            if not historical and _asks_for_more(values):
                with db.session.begin_nested():
                    results.append(create_lead(actor=actor, on=on, values=values))
                continue
            lead = _prepared(actor, on, values, historical=historical)
        except DomainError as error:
            results.append(error)
            continue
        results.append(lead)
        fresh.append((lead, values))
    _write(actor, on, fresh, historical=historical)
    return results


def _asks_for_more(values: LeadValues) -> bool:
    stage = values.get("stage", Stage.IDENTIFIED)
    return stage is not Stage.IDENTIFIED or bool(values.get("appraisal_passed_on"))


def _prepared(actor: Actor, on: date, values: LeadValues, *, historical: bool) -> Lead:
    """A checked lead that is not in the session yet, so that reading on does not write it."""
    writing.check(values, today=max(on, clock.today()))
    lead = new_lead(actor, on, values, company_for(values))
    writing.apply(lead, plain_values(values))
    set_status_at_birth(lead, values, historical=historical)
    if historical:
        lead.stage = values.get("stage", Stage.IDENTIFIED)
    return lead


def _write(
    actor: Actor, on: date, fresh: Sequence[tuple[Lead, LeadValues]], *, historical: bool
) -> None:
    leads = [lead for lead, _values in fresh]
    if not leads:
        return
    db.session.add_all(leads)
    db.session.flush()
    for lead in leads:
        db.session.add_all(stamps(actor, on, lead, lead.company, historical=historical))
    refresh_reached([lead.id for lead in leads])
    _record_collisions(actor, fresh)
    verb = "lead.create_historical" if historical else "lead.create"
    moment = clock.now()
    deeds = [
        {"at": moment, "actor_id": actor.id, "actor_name": actor.name, "verb": verb,
         "subject_type": "lead", "subject_id": lead.id, "lead_id": lead.id, "summary": ""}
        for lead in leads
    ]  # fmt: skip
    db.session.execute(insert(Activity), deeds)
    outbox.enqueue("lead", [lead.id for lead in leads])
    _tell_owners(actor, leads)


def _tell_owners(actor: Actor, leads: Sequence[Lead]) -> None:
    for owner_id, count in Counter(lead.owner_id for lead in leads).items():
        text = _("给您导入了 %(count)s 条线索", count=count)
        notices.tell(user_id=owner_id, actor=actor, text=text, url="/leads/")


def _record_collisions(actor: Actor, fresh: Sequence[tuple[Lead, LeadValues]]) -> None:
    """As for single leads: those that were there before, of the firm or one of its name."""
    company_ids = {lead.company_id for lead, _values in fresh}
    namesakes = _namesakes(company_ids)
    involved = company_ids | {other for others in namesakes.values() for other in others}
    ahead = _open_leads(involved, {lead.id for lead, _values in fresh})
    moment = clock.now()
    found: list[dict[str, Any]] = []
    for lead, values in fresh:
        others = [(other, "company") for other in ahead[lead.company_id]]
        others += [(o, "name") for c in namesakes.get(lead.company_id, ()) for o in ahead[c]]
        found += [
            {"lead_id": lead.id, "other_lead_id": other, "matched_by": matched_by, "at": moment,
             "by_id": actor.id, "reason": values.get("collision_reason", "").strip()[:2000]}
            for other, matched_by in sorted(others)[:LINES]
        ]  # fmt: skip
        if lead.status in OPEN_STATUSES:
            ahead[lead.company_id].append(lead.id)
    if found:
        db.session.execute(insert(Collision), found)


def _namesakes(company_ids: set[int]) -> Mapping[int, set[int]]:
    """For each company the others that bear one of its names."""
    mine, other = aliased(CompanyName), aliased(CompanyName)
    found: dict[int, set[int]] = defaultdict(set)
    ordered = sorted(company_ids)
    for start in range(0, len(ordered), _CHUNK):
        query = (
            select(mine.company_id, other.company_id)
            .join(other, other.key == mine.key)
            .where(
                mine.company_id.in_(ordered[start : start + _CHUNK]),
                other.company_id != mine.company_id,
            )
        )
        for company_id, other_id in db.session.execute(query):
            found[company_id].add(other_id)
    return found


def _open_leads(company_ids: set[int], besides: set[int]) -> defaultdict[int, list[int]]:
    """The open leads of each company, oldest first."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    ordered = sorted(company_ids)
    for start in range(0, len(ordered), _CHUNK):
        query = (
            select(Lead.company_id, Lead.id)
            .where(
                Lead.company_id.in_(ordered[start : start + _CHUNK]),
                Lead.status.in_(OPEN_STATUSES),
            )
            .order_by(Lead.id)
        )
        for company_id, lead_id in db.session.execute(query):
            if lead_id not in besides:
                found[company_id].append(lead_id)
    return found
