"""What a form, the API, a file or the demo data hands to the services of leads. Pure."""

from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, TypedDict

from crm.core.permissions import Visibility
from crm.leads.kinds import Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.stages import Stage, Status

UNAVAILABLE: Final = "unavailable"
"""暂不能提供, in the place of a value; allowed for `stages.MAY_BE_UNAVAILABLE`."""

Unavailable = Literal["unavailable"]
Amount = Decimal | Unavailable | None


class LeadValues(TypedDict, total=False):
    """Values by column name; a key that is absent leaves the field as it is.

    `source` and `lost_reason` are labels of the settings lists. `typed` holds amounts as they were
    written, by field. `registrar_id` is for imports, whose runner is not the reporter.
    """

    ref: str | None
    title: str
    company_id: int
    owner_id: int | None
    team_id: int | None
    registrar_id: int | None
    visibility: Visibility
    stage: Stage
    status: Status
    source: str | None
    sector: Sector | None
    investor_kind: InvestorKind | None
    investment_wan_cny: Amount
    fixed_investment_wan_cny: Amount
    foreign_capital_wan_usd: Amount
    land_mu: Amount
    floor_area_sqm: Amount
    site_kind: SiteKind | Unavailable | None
    energy_tce: Amount
    pollutants: str
    output_wan_cny: Amount
    tax_wan_cny: Amount
    jobs: int | Unavailable | None
    product: str
    industry: str
    character: Character | Unavailable | None
    is_no1: bool
    likelihood: int | None
    likelihood_reason: str
    agreed_amount: Decimal | None
    agreed_currency: Currency | None
    investor_registration: str
    appraisal_passed_on: date | None
    appraisal_evidence: str
    chain_nodes: list[str] | Unavailable
    anchor_ids: list[int]
    received_on: date
    lost_reason: str | None
    lost_to: str
    summary: str
    typed: dict[str, str]
    submission_key: str | None
    collision_reason: str


AnyValues = dict[str, Any]
