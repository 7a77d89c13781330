"""Teams: made, renamed, closed. A closed team stays readable on old records."""

from flask_babel import gettext as _
from sqlalchemy import func, select

from crm.accounts.models import Team, User
from crm.core import activity
from crm.core.errors import Conflict, FieldErrors
from crm.core.permissions import Actor
from crm.extensions import db


def create_team(*, actor: Actor, name: str) -> Team:
    """Add a team. Raises FieldErrors for an empty or taken name."""
    team = Team(name=_checked(name), active=True)
    db.session.add(team)
    db.session.flush()
    _log(actor, team, "team.create")
    return team


def ensure_team(*, actor: Actor, name: str) -> Team:
    """The team of this name, added if it is new: how imports and commands name teams."""
    team: Team | None = db.session.scalar(select(Team).where(Team.name == name.strip()))
    return team if team is not None else create_team(actor=actor, name=name)


def rename_team(*, actor: Actor, team: Team, name: str) -> None:
    """Rename a team; old records show the new name. Raises FieldErrors."""
    if name.strip() == team.name:
        return
    before, team.name = team.name, _checked(name)
    _log(actor, team, "team.rename", changes={"name": [before, team.name]})


def set_active(*, actor: Actor, team: Team, active: bool) -> None:
    """Close a team or open it again. Raises Conflict while people are still in it."""
    if team.active == active:
        return
    if not active:
        members = db.session.scalar(
            select(func.count()).select_from(User).where(User.team_id == team.id, User.is_enabled)
        )
        if members:
            raise Conflict(
                _("“%(team)s”还有 %(n)s 位在用账户，请先把他们调到其他科室。",
                  team=team.name, n=members)
            )  # fmt: skip
    team.active = active
    _log(actor, team, "team.open" if active else "team.close")


def _checked(name: str) -> str:
    name = name.strip()
    if not name:
        raise FieldErrors({"name": [_("请填写科室名称。")]})
    if len(name) > 80:
        raise FieldErrors({"name": [_("科室名称最多 80 个字符。")]})
    if db.session.scalar(select(Team.id).where(Team.name == name)) is not None:
        raise FieldErrors({"name": [_("已有科室“%(name)s”。", name=name)]})
    return name


def _log(
    actor: Actor, team: Team, verb: str, *, changes: dict[str, list[str]] | None = None
) -> None:
    activity.record(
        actor=actor,
        verb=verb,
        subject_type="team",
        subject_id=team.id,
        summary=team.name,
        changes=changes,
    )
