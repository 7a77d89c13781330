"""The people of the demo: teams, accounts, and who looks after which trade."""

from dataclasses import dataclass, field

from crm.accounts import passwords
from crm.accounts.models import User
from crm.accounts.services.people import create_user
from crm.accounts.services.teams import ensure_team
from crm.core.permissions import SYSTEM, Actor, Role
from crm.demo.reading import read

# Public by design: the demo's accounts are printed at every start. A real zone starts empty
# (DEMO=0) and makes its own.
PASSWORD = "demo-zhaoshang-2026"
TEAM_OF_TRADE = {
    "hyd": "zb", "under": "zb", "equip": "zb", "bat": "xny", "si": "xny", "semi": "bdt",
    "svc": "fw",
}  # fmt: skip


@dataclass
class Cast:
    """Everyone, by username and by team."""

    actors: dict[str, Actor] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    officers: dict[str, list[Actor]] = field(default_factory=dict)
    leads: dict[str, Actor] = field(default_factory=dict)


def make_people() -> Cast:
    """Add all teams and accounts."""
    data = read("people.yaml")
    cast = Cast()
    password_hash = passwords.hash_password(PASSWORD)
    for key, name in data["teams"].items():
        cast.teams[key] = ensure_team(actor=SYSTEM, name=name).id
    for row in data["users"]:
        team = row.get("team", "")
        user: User = create_user(
            actor=SYSTEM,
            values={
                "username": row["username"],
                "name": row["name"],
                "role": Role(row["role"]),
                "team_id": cast.teams.get(team),
                "can_export": row.get("export", False),
            },
        )
        # One hash for all: an expensive hash a person would keep whoever starts the demo waiting.
        user.password_hash = password_hash
        actor = cast.actors[user.username] = user.as_actor()
        if user.role is Role.OFFICER:
            cast.officers.setdefault(team, []).append(actor)
        elif user.role is Role.TEAM_LEAD:
            cast.leads[team] = actor
    return cast


def shown_accounts() -> list[tuple[str, str]]:
    """Usernames worth naming at the start, with what they are."""
    return [
        (row["username"], row["shown"]) for row in read("people.yaml")["users"] if "shown" in row
    ]
