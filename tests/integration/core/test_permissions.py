"""One rule in three forms: Python for a record, SQL for lists, tokens for the search engine.

Every role meets every visibility in every relation; the three must agree, and agree with the table
of the specification, which is written out here once more in other words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from sqlalchemy import Integer, column, select
from sqlalchemy.orm import Session

from crm.accounts.models import Team, User
from crm.core.permissions import (
    NOBODY,
    SYSTEM,
    Actor,
    Capability,
    Role,
    Visibility,
    actor_tokens,
    is_named,
    lead_tokens,
    may_change_lead,
    may_reassign,
    may_see_lead,
    visible_by_lead,
    visible_lead_ids,
    visible_leads,
)
from crm.interactions.models import Interaction
from crm.leads.models import Lead, LeadPerson
from tests.factories import InteractionFactory, LeadFactory, TeamFactory, UserFactory

RELATIONS = ("owner", "named", "own_team", "other_team", "no_team", "unowned_own_team")
BUSINESS = (Role.OFFICER, Role.TEAM_LEAD)


@dataclass
class Case:
    """A person and a lead, and how they stand to each other."""

    actor: Actor
    role: Role
    visibility: Visibility
    relation: str
    lead: Lead

    @property
    def name(self) -> str:
        return f"{self.role} {self.visibility} {self.relation}"

    @property
    def in_team(self) -> bool:
        return self.relation in ("own_team", "unowned_own_team")

    @property
    def is_on_it(self) -> bool:
        return self.relation in ("owner", "named")


def expected_sight(case: Case) -> bool:
    """The table "Who may see and change what", read row by row."""
    if case.role in (Role.ADMIN, Role.AUDITOR):
        return False
    if case.role is Role.MANAGER or case.visibility is Visibility.ZONE:
        return True
    if case.role is Role.REVIEWER:
        return False
    if case.visibility is Visibility.TEAM:
        return case.is_on_it or case.in_team
    return case.is_on_it or (case.role is Role.TEAM_LEAD and case.in_team)


def expected_change(case: Case) -> bool:
    if case.role is Role.MANAGER:
        return True
    if case.role not in BUSINESS:
        return False
    return case.is_on_it or (case.role is Role.TEAM_LEAD and case.in_team)


def make_lead(actor: User, team: Team, other: Team, visibility: Visibility, relation: str) -> Lead:
    stranger = UserFactory(team=other)
    lead_team = {"own_team": team, "unowned_own_team": team, "no_team": None}.get(relation, other)
    owner = {"owner": actor, "unowned_own_team": None, "no_team": None}.get(relation, stranger)
    lead: Lead = LeadFactory(owner=owner, team=lead_team, visibility=visibility)
    if relation == "named":
        lead.people.append(LeadPerson(user_id=actor.id))
    return lead


@pytest.fixture
def cases(db_session: Session) -> list[Case]:
    """Every role × visibility × relation, all in one database."""
    found = []
    for role in Role:
        team, other = TeamFactory(), TeamFactory()
        person = UserFactory(role=role, team=team)
        for visibility, relation in product(Visibility, RELATIONS):
            lead = make_lead(person, team, other, visibility, relation)
            found.append(Case(person.as_actor(), role, visibility, relation, lead))
    db_session.commit()
    return found


def by_actor(cases: list[Case]) -> Iterator[tuple[Actor, list[Case]]]:
    for role in Role:
        mine = [case for case in cases if case.role is role]
        yield mine[0].actor, mine


def test_the_rule_for_one_record_is_the_table(cases: list[Case]) -> None:
    assert len(cases) == len(Role) * len(Visibility) * len(RELATIONS)
    wrong = [c.name for c in cases if may_see_lead(c.actor, c.lead) != expected_sight(c)]
    assert not wrong


def test_sql_shows_exactly_what_python_allows(db_session: Session, cases: list[Case]) -> None:
    """Also for the leads made for other people, which are strangers' to this one."""
    leads = [case.lead for case in cases]
    for actor, _mine in by_actor(cases):
        allowed = {lead.id for lead in leads if may_see_lead(actor, lead)}
        mapped = select(Lead.id).where(visible_leads(actor, Lead))
        assert set(db_session.scalars(mapped)) == allowed, actor.role
        assert set(db_session.scalars(visible_lead_ids(actor))) == allowed, actor.role


def test_tokens_open_exactly_what_python_allows(cases: list[Case]) -> None:
    leads = [case.lead for case in cases]
    for actor, _mine in by_actor(cases):
        tokens = actor_tokens(actor)
        for lead in leads:
            assert bool(tokens & lead_tokens(lead)) == may_see_lead(actor, lead), actor.role


def test_what_hangs_on_a_lead_is_seen_as_the_lead(db_session: Session, cases: list[Case]) -> None:
    loose = InteractionFactory()
    hanging = {case.lead.id: InteractionFactory(lead=case.lead, author=None) for case in cases}
    db_session.commit()
    for actor, _mine in by_actor(cases):
        condition = visible_by_lead(actor, column("lead_id", Integer))
        table = Interaction.__table__
        seen = set(db_session.scalars(select(table.c.id).where(condition)))
        allowed = {hanging[c.lead.id].id for c in cases if may_see_lead(actor, c.lead)}
        if actor.can(Capability.SEE_BUSINESS):
            allowed.add(loose.id)
        assert seen == allowed, actor.role


def test_who_may_change(cases: list[Case]) -> None:
    wrong = [c.name for c in cases if may_change_lead(c.actor, c.lead) != expected_change(c)]
    assert not wrong


def test_who_may_change_may_see(cases: list[Case]) -> None:
    for actor, _mine in by_actor(cases):
        for case in cases:
            if may_change_lead(actor, case.lead) or may_reassign(actor, case.lead):
                assert may_see_lead(actor, case.lead), case.name


def test_only_team_leads_and_managers_reassign(cases: list[Case]) -> None:
    for case in cases:
        wanted = case.role is Role.MANAGER or (case.role is Role.TEAM_LEAD and case.in_team)
        assert may_reassign(case.actor, case.lead) == wanted, case.name


def test_nobody_sees_nothing_and_the_system_everything(
    db_session: Session, cases: list[Case]
) -> None:
    every = {case.lead.id for case in cases}
    assert set(db_session.scalars(visible_lead_ids(SYSTEM))) == every
    assert set(db_session.scalars(visible_lead_ids(NOBODY))) == set()
    assert actor_tokens(NOBODY) == frozenset()
    for case in cases:
        assert may_see_lead(SYSTEM, case.lead)
        assert not may_see_lead(NOBODY, case.lead)
        assert not is_named(NOBODY, case.lead)
        assert actor_tokens(SYSTEM) & lead_tokens(case.lead)


def test_a_person_without_a_team_leads_no_team(db_session: Session) -> None:
    """Two records without a team are not of one team."""
    lead = LeadFactory(owner=None, team=None, visibility=Visibility.TEAM)
    for role in BUSINESS:
        actor = UserFactory(role=role, team=None).as_actor()
        assert not may_see_lead(actor, lead)
        assert not actor_tokens(actor) & lead_tokens(lead)
        assert not set(db_session.scalars(visible_lead_ids(actor)))
