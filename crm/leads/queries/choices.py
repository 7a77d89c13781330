"""What the filters and forms of leads offer to choose from."""

from dataclasses import dataclass

from sqlalchemy import Select, select

from crm.accounts.models import Team, User
from crm.chains.models import ChainNode
from crm.companies.models import Company
from crm.core.permissions import CAPABILITIES, Capability
from crm.core.settings import ListItem, ListKind, list_items
from crm.extensions import db

OWNER_ROLES = tuple(
    role for role, rights in CAPABILITIES.items() if Capability.LOG_CONTACTS in rights
)


@dataclass(frozen=True)
class Choices:
    """Rows of (id, name) for each list; five statements."""

    teams: list[tuple[int, str]]
    owners: list[tuple[int, str]]
    sources: list[ListItem]
    nodes: list[tuple[str, str]]
    anchors: list[tuple[int, str]]

    @property
    def source_pairs(self) -> list[tuple[int, str]]:
        """The sources as (id, label)."""
        return [(item.id, item.label) for item in self.sources]


def list_choices() -> Choices:
    """Everything that the list's filters offer."""
    return Choices(
        teams=team_choices(),
        owners=owner_choices(),
        sources=list_items(ListKind.SOURCE),
        nodes=node_choices(),
        anchors=_pairs(
            select(Company.id, Company.name)
            .where(Company.is_anchor, Company.merged_into_id.is_(None))
            .order_by(Company.id)
        ),
    )


def team_choices() -> list[tuple[int, str]]:
    """The teams that exist."""
    return _pairs(select(Team.id, Team.name).where(Team.active).order_by(Team.id))


def owner_choices() -> list[tuple[int, str]]:
    """The people who may own leads."""
    query = select(User.id, User.name).where(User.is_enabled, User.role.in_(OWNER_ROLES))
    return _pairs(query.order_by(User.team_id, User.id))


def node_choices() -> list[tuple[str, str]]:
    """The chain nodes, with the chain's name in front."""
    query = select(ChainNode.id, ChainNode.chain_name, ChainNode.name)
    rows = db.session.execute(query.order_by(ChainNode.chain, ChainNode.position, ChainNode.id))
    return [(node_id, f"{chain} · {name}") for node_id, chain, name in rows]


def _pairs(query: Select[int, str]) -> list[tuple[int, str]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]
