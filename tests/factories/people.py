"""Teams and users."""

import factory
from sqlalchemy import select

from crm.accounts import names
from crm.accounts.models import Team, User
from crm.core.permissions import Role
from crm.extensions import db
from tests.factories.base import Factory


class TeamFactory(Factory):
    """A section of the office."""

    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"示例{n}科")


def team_named(name: str) -> Team:
    """The team of this name, made when it is not there."""
    found = db.session.scalar(select(Team).where(Team.name == name))
    return found or TeamFactory(name=name)


class UserFactory(Factory):
    """A person who may sign in once a session is opened for them; no password."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"示例员{n}")
    name_pinyin = factory.LazyAttribute(lambda made: names.pinyin_of(made.name))
    name_initials = factory.LazyAttribute(lambda made: names.initials_of(made.name))
    role = Role.OFFICER
    team = factory.SubFactory(TeamFactory)
