"""Imports people. They come without a password: an administrator sets the first one."""

from typing import Any

from crm.accounts import queries
from crm.accounts.services.people import UserValues, create_user, update_user
from crm.accounts.services.teams import ensure_team
from crm.core.errors import NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Capability
from crm.exchange.exporting.users import user_values
from crm.exchange.headers import Row
from crm.exchange.importing.base import Importer
from crm.exchange.importing.context import Context, Results
from crm.exchange.importing.differences import differing


class UserImporter(Importer):
    """A person is known by their name of sign-in; new teams are made."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not context.actor.can(Capability.ADMINISTER):
            raise NotAllowed(N_("只有系统管理员可以导入用户。"))

    def take_row(self, row: Row, results: Results) -> None:
        user = queries.find_user(row.values["username"])
        actor = self.context.actor
        if user is None:
            create_user(actor=actor, values=self._values(row.values))
            results.created.add(row.number)
        elif not self.context.update:
            results.changed(row, False)
        else:
            context = self.context
            given = differing(context.layout, row, user_values(user), context.on)
            given.pop("username", None)
            values = self._values(given)
            results.changed(row, update_user(actor=actor, user=user, values=values))

    def _values(self, given: dict[str, Any]) -> UserValues:
        values: UserValues = {}
        for name in ("username", "name", "role"):
            if name in given:
                values[name] = given[name]
        if "team" in given:
            team = given["team"]
            values["team_id"] = (
                ensure_team(actor=self.context.actor, name=team).id if team else None
            )
        return values
