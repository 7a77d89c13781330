"""What a list of leads shows of each, read without the weight of whole records."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from crm.core.permissions import Visibility
from crm.leads.stages import Stage, Status


class LeadRow(NamedTuple):
    """A lead as one row of a list shows it; amounts in the units of the lead's fields."""

    id: int
    title: str
    company: str
    stage: Stage
    status: Status
    stage_since: date
    received_on: date
    last_contact_on: date | None
    next_step: str
    next_on: date | None
    owner: str | None
    team: str | None
    source: str | None
    investment_wan_cny: Decimal | None
    land_mu: Decimal | None
    energy_tce: Decimal | None
    jobs: int | None
    visibility: Visibility
