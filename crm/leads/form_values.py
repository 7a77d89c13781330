"""Between forms and services: values out of a form, and a lead into one."""

from typing import Any, cast

from crm.core.labels import LabelledEnum
from crm.core.permissions import Visibility
from crm.core.quantity import QuantityError, plain
from crm.leads.forms import PARSERS, LeadForm
from crm.leads.kinds import Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.models import Lead
from crm.leads.values import UNAVAILABLE, LeadValues

TEXTS = (
    "title", "pollutants", "product", "industry", "investor_registration", "summary",
    "likelihood_reason",
)  # fmt: skip
ENUMS: dict[str, type[LabelledEnum]] = {
    "visibility": Visibility, "sector": Sector, "investor_kind": InvestorKind,
    "character": Character, "site_kind": SiteKind, "agreed_currency": Currency,
}  # fmt: skip


def values_of(form: LeadForm) -> LeadValues:
    """The values of a valid form but for its records (company, owner, anchors), which the route
    looks up. An amount that is written goes before 暂不能提供."""
    values: dict[str, Any] = {name: form[name].data or "" for name in TEXTS}
    for name, kind in ENUMS.items():
        values[name] = kind(form[name].data) if form[name].data else None
    for name in PARSERS:
        values[name] = form[name].value
    values["typed"] = {name: form[name].data for name in PARSERS if form[name].data}
    values["source"] = form.source.data or None
    values["is_no1"] = bool(form.is_no1.data)
    values["likelihood"] = form.likelihood.data
    values["chain_nodes"] = list(form.chain_nodes.data or [])
    if form.received_on.data:
        values["received_on"] = form.received_on.data
    if values["visibility"] is None:
        del values["visibility"]
    for name in form.unavailable.data or []:
        if values.get(name) in (None, "", []):
            values[name] = UNAVAILABLE
    return cast(LeadValues, values)


def fill(form: LeadForm, lead: Lead) -> None:
    """Put a lead into an empty form; amounts as they were typed while that still says the same."""
    for name in TEXTS:
        form[name].data = getattr(lead, name)
    for name in ENUMS:
        value = getattr(lead, name)
        form[name].data = value.value if value else ""
    for name in PARSERS:
        form[name].data = typed_of(lead, name)
        form[name].value = getattr(lead, name)
    form.source.data = lead.source.label if lead.source else ""
    form.is_no1.data = lead.is_no1
    form.likelihood.data = lead.likelihood
    form.chain_nodes.data = [node.node_id for node in lead.nodes]
    form.received_on.data = lead.received_on
    form.unavailable.data = list(lead.unavailable or [])
    form.version.data = str(lead.version)


def typed_of(lead: Lead, name: str) -> str:
    """What to show in the field of an amount."""
    value = getattr(lead, name)
    if value is None:
        return ""
    typed: str = (lead.typed or {}).get(name, "")
    try:
        if typed and PARSERS[name](typed) == value:
            return typed
    except QuantityError:
        pass
    return str(value) if isinstance(value, int) else plain(value)
