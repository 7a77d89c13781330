"""The picker of chain nodes, and their labels in templates."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from crm.accounts.guards import requires
from crm.chains import queries
from crm.core.permissions import Capability

bp = Blueprint("chains", __name__, url_prefix="/chains")


@bp.get("/nodes.json")
@requires(Capability.SEE_BUSINESS)
def nodes_json() -> ResponseReturnValue:
    """Nodes for a typeahead: `{"items": [{id, label, sub, side}]}`."""
    found = queries.find_nodes(request.args.get("q", ""))
    return {
        "items": [
            {
                "id": node.id,
                "label": node.name,
                "side": node.chain_name,
                "sub": "、".join(node.aka[:4]),
            }
            for node in found
        ]
    }


@bp.app_template_filter("node_label")
def node_label(node_id: str) -> str:
    """The name of a chain node."""
    return queries.label(node_id)
