"""Who may see and change what: the one place that answers.

The table of `Capability` per role and the three visibilities of a lead come from the zone's
separation of duties: admin and auditor see no business text. Everything that hangs on a lead
(interaction, file, notice) is seen as its lead; without a lead it belongs to the zone.

The same rule is written three times here, side by side, because it runs in three places: in
Python for one record, in SQL for lists and counts, as tokens inside the search engine's query.
`tests/integration/core/test_permissions.py` holds the three against each other.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    column,
    exists,
    false,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.sql import Select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from crm.core.labels import N_, LabelledEnum


class Role(LabelledEnum):
    """What a person is in the zone."""

    OFFICER = "officer", N_("招商专员")
    TEAM_LEAD = "team_lead", N_("科室负责人")
    MANAGER = "manager", N_("分管领导")
    REVIEWER = "reviewer", N_("评审部门")
    ADMIN = "admin", N_("系统管理员")
    AUDITOR = "auditor", N_("审计员")


class Visibility(LabelledEnum):
    """Who may see a lead."""

    ZONE = "zone", N_("全区可见")
    TEAM = "team", N_("科室可见")
    CONFIDENTIAL = "confidential", N_("保密")


class Capability(StrEnum):
    """A right that does not depend on the single record."""

    SEE_BUSINESS = "see_business"
    EDIT_COMPANIES = "edit_companies"
    MERGE_COMPANIES = "merge_companies"
    ADD_LEADS = "add_leads"
    LOG_CONTACTS = "log_contacts"
    REASSIGN = "reassign"
    OVERRIDE_GATE = "override_gate"
    SET_RULES = "set_rules"
    IMPORT = "import"
    EXPORT = "export"
    ADMINISTER = "administer"
    READ_AUDIT = "read_audit"


_OFFICER = {
    Capability.SEE_BUSINESS,
    Capability.EDIT_COMPANIES,
    Capability.ADD_LEADS,
    Capability.LOG_CONTACTS,
    Capability.IMPORT,
}
_LEAD = _OFFICER | {Capability.MERGE_COMPANIES, Capability.REASSIGN, Capability.OVERRIDE_GATE}
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.OFFICER: frozenset(_OFFICER),
    Role.TEAM_LEAD: frozenset(_LEAD),
    Role.MANAGER: frozenset(_LEAD | {Capability.SET_RULES}),
    Role.REVIEWER: frozenset({Capability.SEE_BUSINESS}),
    Role.ADMIN: frozenset({Capability.ADMINISTER, Capability.SET_RULES}),
    Role.AUDITOR: frozenset({Capability.READ_AUDIT}),
}


@dataclass(frozen=True)
class Actor:
    """Whoever does something: a signed-in person, an API token's owner, or the system.

    `id` is None only for the system, which is bound by no person's rights; what it does is logged.
    """

    id: int | None
    name: str
    role: Role | None
    team_id: int | None = None
    can_export: bool = False
    is_system: bool = False

    def can(self, capability: Capability) -> bool:
        """Whether this person has the right; export is given per person, on top of the role."""
        if self.is_system:
            return True
        if self.role is None:
            return False
        if capability is Capability.EXPORT:
            return self.can_export and Capability.SEE_BUSINESS in CAPABILITIES[self.role]
        return capability in CAPABILITIES[self.role]


SYSTEM = Actor(id=None, name=N_("系统"), role=None, is_system=True)
NOBODY = Actor(id=None, name="", role=None)


class Guarded(Protocol):
    """What the rule needs to know of a lead."""

    @property
    def visibility(self) -> Visibility: ...
    @property
    def team_id(self) -> int | None: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def named_ids(self) -> Collection[int]: ...


@dataclass(frozen=True)
class AccessFacts:
    """A plain `Guarded`, for rows that were read without their models."""

    visibility: Visibility
    team_id: int | None
    owner_id: int | None
    named_ids: frozenset[int] = field(default_factory=frozenset)


# The columns of leads on which access rests, named here so that every domain below `leads` can
# filter by them without importing its models.
LEADS = table("leads", column("id"), column("visibility"), column("team_id"), column("owner_id"))
LEAD_PEOPLE = table("lead_people", column("lead_id"), column("user_id"))


# --- one record, in Python -------------------------------------------------------------------


def is_named(actor: Actor, lead: Guarded) -> bool:
    """Owner of the lead, or named on it."""
    return actor.id is not None and (actor.id == lead.owner_id or actor.id in lead.named_ids)


def _own_team(actor: Actor, lead: Guarded) -> bool:
    return actor.team_id is not None and actor.team_id == lead.team_id


def may_see_lead(actor: Actor, lead: Guarded) -> bool:
    """Whether the person may know of this lead and of everything that hangs on it."""
    if actor.is_system or actor.role is Role.MANAGER:
        return True
    if not actor.can(Capability.SEE_BUSINESS):
        return False
    if lead.visibility is Visibility.ZONE:
        return True
    if actor.role is Role.REVIEWER:
        return False
    if is_named(actor, lead):
        return True
    if lead.visibility is Visibility.TEAM:
        return _own_team(actor, lead)
    return actor.role is Role.TEAM_LEAD and _own_team(actor, lead)


def may_change_lead(actor: Actor, lead: Guarded) -> bool:
    """Officers change what is theirs or where they are named; team leads their team's."""
    if actor.is_system or actor.role is Role.MANAGER:
        return True
    if actor.role not in (Role.OFFICER, Role.TEAM_LEAD):
        return False
    return is_named(actor, lead) or (actor.role is Role.TEAM_LEAD and _own_team(actor, lead))


def may_reassign(actor: Actor, lead: Guarded) -> bool:
    """Reassign, override a gate, confirm the pool: own team's lead for a team lead, any above."""
    if actor.is_system or actor.role is Role.MANAGER:
        return True
    return actor.role is Role.TEAM_LEAD and _own_team(actor, lead)


# --- lists, in SQL ---------------------------------------------------------------------------


def visible_leads(
    actor: Actor, leads: type | ReadOnlyColumnCollection[str, Any] | None = None
) -> ColumnElement[bool]:
    """The condition on `leads` rows that a list, count or sum must carry.

    `leads` is the mapped class, or the columns of the table, from which the query selects; without
    it the condition is on the bare table. Fails closed: an unknown role sees nothing.
    """
    if actor.is_system or actor.role is Role.MANAGER:
        return true()
    if not actor.can(Capability.SEE_BUSINESS):
        return false()
    source: Any = leads or LEADS.c
    lead_id: ColumnElement[int] = source.id
    visibility: ColumnElement[str] = source.visibility
    team_id: ColumnElement[int] = source.team_id
    owner_id: ColumnElement[int] = source.owner_id
    zone = visibility == Visibility.ZONE.value
    if actor.role is Role.REVIEWER:
        return zone
    named = exists(
        select(1).where(LEAD_PEOPLE.c.lead_id == lead_id, LEAD_PEOPLE.c.user_id == actor.id)
    )
    clauses = [zone, owner_id == actor.id, named]
    if actor.team_id is not None:
        team = team_id == actor.team_id
        if actor.role is Role.TEAM_LEAD:
            clauses.append(team)
        else:
            clauses.append(and_(visibility == Visibility.TEAM.value, team))
    return or_(*clauses)


def visible_lead_ids(actor: Actor) -> Select[tuple[int]]:
    """A subquery of the ids of all leads that the person may see."""
    return select(LEADS.c.id).where(visible_leads(actor))


def visible_by_lead(actor: Actor, lead_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """The condition on rows that hang on a lead by `lead_id`; without a lead, the zone's."""
    if actor.is_system or actor.role is Role.MANAGER:
        return true()
    if not actor.can(Capability.SEE_BUSINESS):
        return false()
    parent = exists(select(1).where(LEADS.c.id == lead_id, visible_leads(actor)))
    return or_(lead_id.is_(None), parent)


# --- search, as tokens -----------------------------------------------------------------------

ZONE_TOKEN = "zone"
MANAGER_TOKEN = "mgr"


def lead_tokens(lead: Guarded) -> frozenset[str]:
    """The access terms that a document of this lead carries."""
    if lead.visibility is Visibility.ZONE:
        return frozenset({ZONE_TOKEN})
    people = {f"user:{user_id}" for user_id in {lead.owner_id, *lead.named_ids} if user_id}
    team = "team" if lead.visibility is Visibility.TEAM else "lead"
    teams = {f"{team}:{lead.team_id}"} if lead.team_id else set()
    return frozenset({MANAGER_TOKEN} | people | teams)


def actor_tokens(actor: Actor) -> frozenset[str]:
    """The access terms that open a document to this person; empty opens nothing."""
    if actor.is_system or actor.role is Role.MANAGER:
        return frozenset({ZONE_TOKEN, MANAGER_TOKEN})
    if not actor.can(Capability.SEE_BUSINESS):
        return frozenset()
    if actor.role is Role.REVIEWER:
        return frozenset({ZONE_TOKEN})
    tokens = {ZONE_TOKEN, f"user:{actor.id}"}
    if actor.team_id is not None:
        tokens.add(f"team:{actor.team_id}")
        if actor.role is Role.TEAM_LEAD:
            tokens.add(f"lead:{actor.team_id}")
    return frozenset(tokens)
