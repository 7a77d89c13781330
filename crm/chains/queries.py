"""Reading chain nodes: their labels, and the picker by name or other name."""

from dataclasses import dataclass

from flask import g
from sqlalchemy import select

from crm.chains.models import ChainNode
from crm.extensions import db
from search.analysis import normalise


@dataclass(frozen=True)
class Node:
    """A node as pages show it; a plain value, so that it may be kept for a request."""

    id: str
    name: str
    chain: str
    chain_name: str
    aka: tuple[str, ...]


def nodes() -> dict[str, Node]:
    """All nodes by id, in the order of their chains; read once in a request."""
    found: dict[str, Node] | None = g.get("chain_nodes")
    if found is None:
        rows = db.session.scalars(
            select(ChainNode).order_by(ChainNode.chain, ChainNode.position, ChainNode.id)
        )
        found = {
            row.id: Node(row.id, row.name, row.chain, row.chain_name, tuple(row.aka or ()))
            for row in rows
        }
        g.chain_nodes = found
    return found


def label(node_id: str) -> str:
    """The name of a node; an unknown id is shown as it is."""
    node = nodes().get(node_id)
    return node.name if node else node_id


def by_chain() -> dict[str, list[Node]]:
    """Chain name → its nodes, for a filter with groups."""
    found: dict[str, list[Node]] = {}
    for node in nodes().values():
        found.setdefault(node.chain_name, []).append(node)
    return found


def find_nodes(q: str, limit: int = 12) -> list[Node]:
    """Nodes whose name, other name or id begins with or contains what was typed."""
    wanted = _folded(q[:80])
    if not wanted:
        return []
    ranked = []
    for place, node in enumerate(nodes().values()):
        words = [_folded(word) for word in (node.name, *node.aka, node.id)]
        if not any(wanted in word for word in words):
            continue
        begins = any(word.startswith(wanted) for word in words)
        exact = wanted in words
        ranked.append(((not exact, not begins, wanted not in words[0], place), node))
    ranked.sort(key=lambda pair: pair[0])
    return [node for _rank, node in ranked[:limit]]


def _folded(text: str) -> str:
    return normalise(text).replace(" ", "")
