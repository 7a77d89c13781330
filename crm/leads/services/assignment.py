"""Who looks after a lead: assigning, claiming, releasing, and the people named on it."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from crm.accounts.models import Team, User
from crm.core import activity, clock, notices
from crm.core.errors import Conflict, FieldErrors, NotAllowed
from crm.core.permissions import Actor, Capability, may_see_lead
from crm.core.settings import rule
from crm.extensions import db
from crm.leads.kinds import AssignmentKind
from crm.leads.models import Assignment, Lead, LeadPerson
from crm.leads.services.access import (
    enqueue_with_notes,
    owner_to_be,
    require_change,
    require_reassign,
    require_sight,
)
from crm.leads.services.writing import text_fault
from crm.leads.stages import OPEN_STATUSES, Status

NOTE_LENGTH = 2000


def place(
    *,
    actor: Actor,
    lead: Lead,
    owner_id: int | None,
    team_id: int | None,
    on: date,
    kind: AssignmentKind = AssignmentKind.ASSIGN,
    note: str = "",
) -> Assignment:
    """Put a lead into someone's hands and log it; the first report keeps the finder's credit.

    Asks no rights: its callers do. Raises FieldErrors.
    """
    fault = text_fault(note, NOTE_LENGTH)
    if fault:
        raise FieldErrors({"note": [fault]})
    owner = owner_to_be(actor, owner_id) if owner_id is not None else None
    if team_id is not None and db.session.get(Team, team_id) is None:
        raise FieldErrors({"team_id": [_("没有这个科室。")]})
    before = db.session.get(User, lead.owner_id) if lead.owner_id else None
    row = Assignment(
        lead_id=lead.id, kind=kind, from_owner_id=lead.owner_id, to_owner_id=owner_id,
        from_team_id=lead.team_id, to_team_id=team_id, by_id=actor.id, note=note.strip(),
        at=clock.now() if on == clock.today() else clock.start_of(on),
    )  # fmt: skip
    db.session.add(row)
    lead.owner_id, lead.owner = owner_id, owner
    lead.team_id = team_id
    activity.record(
        actor=actor, verb=f"lead.{kind.value}", subject_type="lead", subject_id=lead.id,
        lead_id=lead.id,
        changes={"owner_id": [before.name if before else "", owner.name if owner else ""]},
    )  # fmt: skip
    enqueue_with_notes(lead.id)
    notices.tell(
        user_id=owner_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("“%(title)s”交由您负责", title=lead.title),
    )  # fmt: skip
    if before is not None and before.id != owner_id:
        notices.tell(
            user_id=before.id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
            text=_("“%(title)s”已交给其他同事", title=lead.title),
        )  # fmt: skip
    return row


def assign(
    *, actor: Actor, lead: Lead, owner_id: int, on: date, team_id: int | None = None,
    note: str = "",
) -> Assignment:  # fmt: skip
    """Give a lead to a person; its team becomes the person's unless another is named.

    Raises NotAllowed, NotFound, FieldErrors, Conflict when it is theirs already.
    """
    require_reassign(actor, lead)
    owner = owner_to_be(actor, owner_id)
    team = team_id if team_id is not None else owner.team_id or lead.team_id
    if (owner_id, team) == (lead.owner_id, lead.team_id):
        raise Conflict(_("这条线索已经由 %(name)s 负责。", name=owner.name), field="owner_id")
    return place(actor=actor, lead=lead, owner_id=owner_id, team_id=team, on=on, note=note)


def may_claim(actor: Actor, lead: Lead) -> bool:
    """Whether the person may take the lead: one in their sight, open and without owner."""
    may_own = actor.id is not None and actor.can(Capability.ADD_LEADS)
    is_free = lead.owner_id is None and lead.status in OPEN_STATUSES
    return may_own and is_free and may_see_lead(actor, lead)


def claim(*, actor: Actor, lead: Lead, on: date) -> Assignment:
    """Take a lead without owner; a person's claims of one day are limited by a setting.

    Raises NotFound, NotAllowed, Conflict.
    """
    require_sight(actor, lead)
    if actor.id is None or not actor.can(Capability.ADD_LEADS):
        raise NotAllowed(_("您的角色不能领取线索。"))
    if lead.owner_id is not None or lead.status not in OPEN_STATUSES:
        raise Conflict(_("这条线索已经有人负责。"))
    most = rule("claims_per_day")
    if claims_on(actor.id, on) >= most:
        raise Conflict(_("今天已领取 %(most)s 条，明天再来。", most=most))
    team_id = actor.team_id if actor.team_id is not None else lead.team_id
    return place(
        actor=actor, lead=lead, owner_id=actor.id, team_id=team_id, on=on,
        kind=AssignmentKind.CLAIM,
    )  # fmt: skip


def claims_on(user_id: int, on: date) -> int:
    """How many leads a person claimed on a day of the zone."""
    query = select(func.count()).where(
        Assignment.to_owner_id == user_id,
        Assignment.kind == AssignmentKind.CLAIM,
        Assignment.at >= clock.start_of(on),
    )
    return db.session.scalar(query) or 0


def release(*, actor: Actor, lead: Lead, on: date, note: str = "") -> Assignment:
    """Return a lead to those without owner; a team lead's confirmation.

    Raises NotAllowed, NotFound, Conflict, FieldErrors.
    """
    require_reassign(actor, lead)
    if lead.owner_id is None:
        raise Conflict(_("这条线索本来就没有负责人。"))
    if lead.status is not Status.ACTIVE:
        raise Conflict(_("只有正常推进的线索可以退回公海。"))
    return place(
        actor=actor, lead=lead, owner_id=None, team_id=lead.team_id, on=on,
        kind=AssignmentKind.RELEASE, note=note,
    )  # fmt: skip


def name_person(*, actor: Actor, lead: Lead, user_id: int) -> bool:
    """Name a colleague on a lead, who may then see and change it; False when named already.

    Raises NotAllowed, NotFound, FieldErrors.
    """
    require_change(actor, lead)
    person = owner_to_be(actor, user_id, field="user_id")
    if user_id in lead.named_ids or user_id == lead.owner_id:
        return False
    lead.people.append(LeadPerson(user_id=user_id, user=person, named_by_id=actor.id))
    _log_person(actor, lead, "lead.name", ["", person.name])
    notices.tell(
        user_id=user_id, actor=actor, lead_id=lead.id, url=f"/leads/{lead.id}",
        text=_("您被列入“%(title)s”", title=lead.title),
    )  # fmt: skip
    return True


def unname_person(*, actor: Actor, lead: Lead, user_id: int) -> bool:
    """Take a colleague off a lead; False when they were not named. Raises NotAllowed, NotFound."""
    require_change(actor, lead)
    row = next((person for person in lead.people if person.user_id == user_id), None)
    if row is None:
        return False
    lead.people.remove(row)
    _log_person(actor, lead, "lead.unname", [row.user.name, ""])
    return True


def _log_person(actor: Actor, lead: Lead, verb: str, pair: list[str]) -> None:
    db.session.flush()
    activity.record(
        actor=actor, verb=verb, subject_type="lead", subject_id=lead.id, lead_id=lead.id,
        changes={"people": pair},
    )  # fmt: skip
    enqueue_with_notes(lead.id)
