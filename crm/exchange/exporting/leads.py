"""Leads and their stage logs as the columns of their files."""

from collections.abc import Sequence
from typing import Any

from crm.exchange.cells import UNAVAILABLE
from crm.exchange.exporting.refs import ref_of
from crm.leads.models import Lead

# Columns that are fields of the lead under the same name.
_PLAIN = (
    "title", "visibility", "stage", "status", "sector", "investor_kind", "investment_wan_cny",
    "foreign_capital_wan_usd", "land_mu", "fixed_investment_wan_cny", "site_kind",
    "floor_area_sqm", "energy_tce", "pollutants", "output_wan_cny", "tax_wan_cny", "jobs",
    "character", "is_no1", "agreed_amount", "agreed_currency", "investor_registration",
    "appraisal_passed_on", "received_on", "lost_to", "summary",
)  # fmt: skip


def lead_values(leads: Sequence[Lead]) -> dict[int, dict[str, Any]]:
    """The columns of each lead by its id; what it refers to is loaded."""
    return {lead.id: _values(lead) for lead in leads}


def _values(lead: Lead) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(lead, name) for name in _PLAIN}
    values |= {
        "ref": ref_of(lead),
        "company_ref": ref_of(lead.company),
        "owner": lead.owner.username if lead.owner else None,
        "team": lead.team.name if lead.team else "",
        "source": lead.source.label if lead.source else "",
        "lost_reason": lead.lost_reason.label if lead.lost_reason else "",
        "chain_nodes": [node.node_id for node in lead.nodes],
        "anchor_refs": [ref_of(company) for company in lead.anchors],
    }
    return values | {name: UNAVAILABLE for name in lead.unavailable or () if name in values}
