"""A team with an officer, a colleague and a lead; another team; a manager."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy.orm import Session

from crm.accounts.models import Team, User
from crm.core.permissions import Role
from tests.factories import TeamFactory, UserFactory


@dataclass
class People:
    """Who works in the zone."""

    team: Team
    other_team: Team
    officer: User
    colleague: User
    team_lead: User
    stranger: User
    other_lead: User
    manager: User
    reviewer: User
    admin: User
    auditor: User


@pytest.fixture
def people(db_session: Session, today: date) -> People:
    """The people of the tests, on the held day."""
    team, other = TeamFactory(name="装备制造招商科"), TeamFactory(name="外资招商科")
    found = People(
        team=team,
        other_team=other,
        officer=UserFactory(name="周敏", team=team),
        colleague=UserFactory(name="王海峰", team=team),
        team_lead=UserFactory(name="何苗", role=Role.TEAM_LEAD, team=team),
        stranger=UserFactory(name="陈立", team=other),
        other_lead=UserFactory(name="许冠", role=Role.TEAM_LEAD, team=other),
        manager=UserFactory(name="李主任", role=Role.MANAGER, team=None),
        reviewer=UserFactory(name="孙工", role=Role.REVIEWER, team=None),
        admin=UserFactory(name="管理员", role=Role.ADMIN, team=None),
        auditor=UserFactory(name="审计员", role=Role.AUDITOR, team=None),
    )
    db_session.commit()
    return found
