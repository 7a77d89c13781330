"""What of a lead can be found, and by whom."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.chains.models import ChainNode
from crm.companies.models import Company
from crm.core.permissions import lead_tokens
from crm.core.quantity import plain
from crm.extensions import db
from crm.leads.models import Lead, LeadPerson
from search.document import Document, Link


def load_documents(ids: Sequence[int]) -> list[Document]:
    """The present documents of these leads."""
    query = (
        select(Lead)
        .where(Lead.id.in_(ids))
        .options(
            joinedload(Lead.company).selectinload(Company.names),
            joinedload(Lead.source),
            joinedload(Lead.owner),
            joinedload(Lead.lost_reason),
            selectinload(Lead.people).joinedload(LeadPerson.user),
            selectinload(Lead.nodes),
            selectinload(Lead.anchors),
        )
    )
    leads = list(db.session.scalars(query).unique())
    names = _node_names({node.node_id for lead in leads for node in lead.nodes})
    return [_document(lead, names) for lead in leads]


def all_ids() -> list[int]:
    """The ids of all leads."""
    return list(db.session.scalars(select(Lead.id).order_by(Lead.id)))


def _node_names(node_ids: set[str]) -> dict[str, list[str]]:
    if not node_ids:
        return {}
    rows = db.session.scalars(select(ChainNode).where(ChainNode.id.in_(node_ids)))
    return {node.id: [node.name, *node.aka] for node in rows}


def _document(lead: Lead, node_names: dict[str, list[str]]) -> Document:
    people = [lead.owner.name] if lead.owner else []
    people += [person.user.name for person in lead.people]
    return Document(
        type="lead",
        id=lead.id,
        ref=lead.ref,
        title=lead.title,
        text="\n".join(_texts(lead)),
        people=tuple(dict.fromkeys(people)),
        tags=_tags(lead, node_names),
        company=Link(lead.company.id, lead.company.name),
        other_companies=tuple(Link(anchor.id, anchor.name) for anchor in lead.anchors),
        lead=Link(lead.id, lead.title),
        occurred_on=lead.last_contact_on or lead.received_on,
        days=(lead.received_on,),
        stage_since=lead.stage_since,
        stage=lead.stage.value,
        status=lead.status.value,
        team=str(lead.team_id) if lead.team_id else None,
        owner=str(lead.owner_id) if lead.owner_id else None,
        access=lead_tokens(lead),
        updated_at=lead.updated_at,
        added_at=lead.created_at,
    )


def _texts(lead: Lead) -> list[str]:
    texts = [
        lead.summary, lead.product, lead.industry, lead.pollutants, lead.likelihood_reason,
        lead.appraisal_evidence, lead.lost_to, lead.next_step,
    ]  # fmt: skip
    texts += [str(text) for text in (lead.typed or {}).values()]
    for amount, unit in (
        (lead.investment_wan_cny, "万元"),
        (lead.foreign_capital_wan_usd, "万美元"),
        (lead.land_mu, "亩"),
    ):
        if amount is not None:
            texts.append(f"{plain(amount)}{unit}")
    return [text for text in texts if text]


def _tags(lead: Lead, node_names: dict[str, list[str]]) -> tuple[str, ...]:
    aliases = [name.name for name in lead.company.names if name.name != lead.company.name]
    nodes = [name for node in lead.nodes for name in node_names.get(node.node_id, [])]
    words = [*aliases, *nodes]
    if lead.source:
        words.append(lead.source.label)
    if lead.lost_reason:
        words.append(lead.lost_reason.label)
    kinds = (lead.sector, lead.investor_kind, lead.character, lead.site_kind)
    words += [kind.label for kind in kinds if kind is not None]
    return tuple(dict.fromkeys(words))
