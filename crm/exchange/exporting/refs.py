"""The name by which a file calls a record: its own ref, or the stand-in for one."""

from datetime import datetime
from typing import Any, Protocol

from crm.companies.models import Company, Contact
from crm.exchange.handles import handle
from crm.interactions.models import Interaction
from crm.leads.models import Lead

KINDS: dict[Any, str] = {
    Company: "company",
    Contact: "contact",
    Lead: "lead",
    Interaction: "interaction",
}


class Named(Protocol):
    """A record that other systems may know by a ref."""

    id: Any
    ref: Any
    created_at: Any


def ref_of(record: Named) -> str:
    """The ref of a record, or its stand-in."""
    return record.ref or stand_in(type(record), record.id, record.created_at)


def stand_in(model: Any, record_id: int, created_at: datetime) -> str:
    """The stand-in ref of a record that has none."""
    return handle(KINDS[model], record_id, created_at)
