"""Contacts with companies, as far as leads are concerned: their facts, their owner, their steps.

Pages, API, import and demo data log contacts through here alone.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from crm.core import notices
from crm.core.errors import FieldErrors, NotAllowed
from crm.core.permissions import Actor, may_change_lead, visible_leads
from crm.extensions import db
from crm.interactions import services
from crm.interactions.kinds import InteractionKind
from crm.interactions.models import Interaction
from crm.interactions.rights import may_complete, may_revise
from crm.interactions.services import BulkOutcome, InteractionValues, Upload
from crm.leads.contact_facts import refresh_contact_facts
from crm.leads.contact_rights import lead_in_sight, require_complete, require_revise
from crm.leads.models import Lead, LeadPerson
from crm.leads.queries.one import open_step

__all__ = [
    "InteractionValues",
    "Upload",
    "complete_next_step",
    "log_contact",
    "log_contacts",
    "may_complete",
    "may_revise",
    "refresh_contact_facts",
    "reopen_next_step",
    "reschedule_next_step",
    "revise_contact",
    "set_next_steps",
]
_CHUNK = 5_000
# Owner and named people by lead.
LeadFacts = dict[int, tuple[int | None, frozenset[int]]]


def log_contact(
    *, actor: Actor, on: date, values: InteractionValues, files: Sequence[Upload] = ()
) -> Interaction:
    """Log one contact; whoever sees a lead may do so, and its owner is told.

    `on` is the zone's day. The same `submission_key` by the same person saves once and gives the
    first record back. The next step is the author's own, or the lead's owner's where the author is
    not on the lead.

    Raises:
        NotFound: no such lead, or none that the actor may see.
        NotAllowed: the role logs no contacts, or a step to complete is not theirs.
        FieldErrors, NoSpace: see `interactions.services`.
    """
    again = services.find_submission(actor=actor, key=values.get("submission_key"))
    if again is not None:
        return again
    lead = lead_in_sight(actor, values.get("lead_id"))
    if lead is not None:
        values = _with_step_owner(values, actor, lead.owner_id, lead.named_ids)
    interaction = services.record_interaction(actor=actor, on=on, values=values)
    services.attach(actor=actor, interaction=interaction, uploads=files)
    _complete_earlier(actor, on, interaction, values.get("done_step_ids", ()))
    if lead is not None:
        refresh_contact_facts([lead.id])
        _tell_owner(actor, lead, interaction)
    return interaction


def log_contacts(*, actor: Actor, on: date, rows: Sequence[InteractionValues]) -> BulkOutcome:
    """Log many contacts at once, as an import does; a bad row hinders no other.

    Owners of leads get one notice each, with the number. Facts of leads are refreshed in SQL.
    """
    facts = _lead_facts(actor, {lead_id for row in rows if (lead_id := row.get("lead_id"))})
    outcome = BulkOutcome()
    good: dict[int, InteractionValues] = {}
    for place, row in enumerate(rows):
        lead_id = row.get("lead_id")
        if lead_id and lead_id not in facts:
            outcome.errors[place] = FieldErrors({"lead_id": [_("没有这条线索。")]})
        elif lead_id:
            good[place] = _with_step_owner(row, actor, *facts[lead_id])
        else:
            good[place] = row
    done = services.record_interactions(actor=actor, on=on, rows=list(good.values()))
    places = list(good)
    outcome.ids.update({places[n]: row_id for n, row_id in done.ids.items()})
    outcome.errors.update({places[n]: error for n, error in done.errors.items()})
    touched = Counter(lead_id for place in outcome.ids if (lead_id := rows[place].get("lead_id")))
    refresh_contact_facts(list(touched))
    if not actor.is_system:
        _tell_owners(actor, touched, facts)
    return outcome


def revise_contact(
    *,
    actor: Actor,
    on: date,
    interaction: Interaction,
    values: InteractionValues,
    version: int | None = None,
    files: Sequence[Upload] = (),
    remove_files: Collection[int] = (),
) -> bool:
    """Change an interaction, keeping what it said; False where nothing differs.

    Raises NotFound, NotAllowed, StaleVersion (not at `version` any more), FieldErrors, NoSpace.
    """
    lead = require_revise(actor, interaction)
    before_id = interaction.lead_id
    if "lead_id" in values:
        lead = lead_in_sight(actor, values["lead_id"])
    changed = services.revise_interaction(
        actor=actor, on=on, interaction=interaction, values=values, version=version
    )
    gone = [one for one in interaction.attachments if one.id in remove_files]
    for attachment in gone:
        services.remove_attachment(actor=actor, interaction=interaction, attachment=attachment)
    services.attach(actor=actor, interaction=interaction, uploads=files)
    refresh_contact_facts([i for i in {before_id, lead.id if lead else None} if i])
    return changed or bool(gone) or bool(files)


def complete_next_step(*, actor: Actor, on: date, interaction: Interaction) -> bool:
    """Tick a next step off. Raises NotFound, NotAllowed, Conflict where there is no step."""
    require_complete(actor, interaction)
    done = services.complete_step(actor=actor, on=on, interaction=interaction)
    _refresh_of(interaction)
    return done


def reopen_next_step(*, actor: Actor, interaction: Interaction) -> bool:
    """Undo a tick. Raises NotFound, NotAllowed."""
    require_complete(actor, interaction)
    done = services.reopen_step(actor=actor, interaction=interaction)
    _refresh_of(interaction)
    return done


def reschedule_next_step(*, actor: Actor, on: date, interaction: Interaction, to: date) -> None:
    """Move an open step to another day. Raises NotFound, NotAllowed, Conflict, FieldErrors."""
    require_complete(actor, interaction)
    services.reschedule_step(actor=actor, on=on, interaction=interaction, to=to)
    _refresh_of(interaction)


def set_next_steps(*, actor: Actor, on: date, leads: Sequence[Lead], step: str, to: date) -> None:
    """Give several leads the same next step; whoever calls commits all of them or none.

    An open step is changed as by hand, keeping what it said; a lead without one gets a note that
    carries the step. Raises NotAllowed naming the leads that the person may not change,
    FieldErrors for a day that has passed.
    """
    closed = [lead.title for lead in leads if not may_change_lead(actor, lead)]
    if closed:
        raise NotAllowed(
            _("您不能修改：%(titles)s。什么都没有保存，请去掉后再试。", titles="、".join(closed))
        )
    if to < on:
        raise FieldErrors({"next_on": [_("请选今天或以后的日期。")]})
    for lead in leads:
        present = open_step(lead.id)
        if present is not None:
            changed: InteractionValues = {"next_step": step, "next_on": to}
            revise_contact(actor=actor, on=on, interaction=present, values=changed)
            continue
        note: InteractionValues = {
            "kind": InteractionKind.NOTE, "occurred_on": on, "lead_id": lead.id,
            "text": _("安排下一步：%(step)s", step=step), "next_step": step, "next_on": to,
        }  # fmt: skip
        log_contact(actor=actor, on=on, values=note)


def _refresh_of(interaction: Interaction) -> None:
    if interaction.lead_id is not None:
        refresh_contact_facts([interaction.lead_id])


def _with_step_owner(
    values: InteractionValues, actor: Actor, owner_id: int | None, named: Collection[int]
) -> InteractionValues:
    author_id = values.get("author_id", actor.id)
    if values.get("next_owner_id") or author_id == owner_id or author_id in named:
        return values
    return {**values, "next_owner_id": owner_id or author_id}


def _complete_earlier(
    actor: Actor, on: date, interaction: Interaction, step_ids: Iterable[int]
) -> None:
    """Steps that this contact settles; they must be of the same lead or the same companies."""
    for step in db.session.scalars(select(Interaction).where(Interaction.id.in_(step_ids))):
        same_lead = step.lead_id is not None and step.lead_id == interaction.lead_id
        same_firm = step.lead_id is None and set(step.companies) & set(interaction.companies)
        if not (same_lead or same_firm):
            raise FieldErrors({"done_step_ids": [_("这一步不属于同一条线索。")]})
        require_complete(actor, step)
        services.complete_step(actor=actor, on=on, interaction=step)


def _tell_owner(actor: Actor, lead: Lead, interaction: Interaction) -> None:
    url = f"/interactions/{interaction.id}"
    text = _(
        "在您的线索“%(lead)s”记了一条%(kind)s", lead=lead.title, kind=_(interaction.kind.label)
    )
    notices.tell(user_id=lead.owner_id, actor=actor, text=text, lead_id=lead.id, url=url)
    if interaction.next_owner_id not in (lead.owner_id, interaction.author_id):
        step = _("给您安排了下一步：%(step)s", step=interaction.next_step)
        notices.tell(
            user_id=interaction.next_owner_id, actor=actor, text=step, lead_id=lead.id, url=url
        )


def _tell_owners(actor: Actor, counts: Counter[int], facts: LeadFacts) -> None:
    by_owner: Counter[int] = Counter()
    for lead_id, count in counts.items():
        owner_id = facts[lead_id][0]
        if owner_id is not None:
            by_owner[owner_id] += count
    for owner_id, count in by_owner.items():
        text = _("导入了您线索的 %(count)s 条接洽记录", count=count)
        notices.tell(user_id=owner_id, actor=actor, text=text, url="/interactions/")


def _lead_facts(actor: Actor, ids: Collection[int]) -> LeadFacts:
    """Owner and named people of the leads that the actor may see."""
    facts: dict[int, tuple[int | None, set[int]]] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        seen = select(Lead.id, Lead.owner_id).where(Lead.id.in_(chunk), visible_leads(actor, Lead))
        facts.update({lead_id: (owner_id, set()) for lead_id, owner_id in db.session.execute(seen)})
        named = select(LeadPerson.lead_id, LeadPerson.user_id).where(LeadPerson.lead_id.in_(chunk))
        for lead_id, user_id in db.session.execute(named):
            if lead_id in facts:
                facts[lead_id][1].add(user_id)
    return {lead_id: (owner, frozenset(people)) for lead_id, (owner, people) in facts.items()}
