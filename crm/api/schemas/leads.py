"""Leads: what is sent and what is answered."""

from typing import Annotated, Literal

from pydantic import Field

from crm.api.schemas.choices import (
    CharacterChoice,
    CurrencyChoice,
    InvestorKindChoice,
    SectorChoice,
    SiteKindChoice,
    StageChoice,
    StatusChoice,
    VisibilityChoice,
)
from crm.api.schemas.common import Answer, Listed, ListQuery, NamedRecord, Query
from crm.api.schemas.filters import (
    Colors,
    HonourKinds,
    InvestorKinds,
    Key,
    Names,
    Sectors,
    SomeDay,
    Stages,
    Statuses,
    Visibilities,
    Word,
    sort_key,
)
from crm.api.schemas.values import (
    Agreed,
    Body,
    Count,
    Day,
    Flag,
    Ids,
    Line,
    LongText,
    Mu,
    Nodes,
    RecordId,
    Ref,
    Sqm,
    Tce,
    Texts,
    WanCny,
    WanUsd,
)

SORTS = (
    "title", "stage", "since", "investment", "land", "received", "contact", "next", "updated",
    "light", "id",
)  # fmt: skip
Username = Annotated[str, Field(max_length=60, description="A username.")]
Reason = Annotated[LongText, Field(max_length=2_000)]


class LeadPatch(Body):
    """Columns of a lead; what is left out stays as it is.

    `stage` passes the gates and `status` the rules of losing; `owner` and `team` need the right to
    reassign.
    """

    ref: Ref | None = None
    title: Line | None = None
    company_id: RecordId | None = None
    company_ref: Ref | None = None
    owner: Username | None = None
    team: Annotated[str, Field(max_length=80, description="A team's name.")] | None = None
    visibility: VisibilityChoice | None = None
    stage: StageChoice | None = None
    status: StatusChoice | None = None
    source: Annotated[str, Field(max_length=60)] | None = None
    sector: SectorChoice = None
    investor_kind: InvestorKindChoice = None
    investment_wan_cny: WanCny = None
    foreign_capital_wan_usd: WanUsd = None
    land_mu: Mu = None
    fixed_investment_wan_cny: WanCny = None
    site_kind: SiteKindChoice = None
    floor_area_sqm: Sqm = None
    energy_tce: Tce = None
    pollutants: LongText | None = None
    output_wan_cny: WanCny = None
    tax_wan_cny: WanCny = None
    jobs: Count = None
    product: Line | None = None
    industry: Line | None = None
    character: CharacterChoice = None
    is_no1: Flag | None = None
    likelihood: Annotated[int, Field(ge=0, le=100)] | None = None
    likelihood_reason: LongText | None = None
    agreed_amount: Agreed = None
    agreed_currency: CurrencyChoice = None
    investor_registration: Line | None = None
    appraisal_passed_on: Day = None
    appraisal_evidence: Reason | None = None
    chain_nodes: Nodes = None
    anchor_ids: Ids = None
    anchor_refs: Texts = None
    received_on: Day = None
    lost_reason: Annotated[str, Field(max_length=60)] | None = None
    lost_to: Line | None = None
    summary: LongText | None = None


class LeadBody(LeadPatch):
    """A new lead; without `owner` it is the caller's."""

    title: Annotated[Line, Field(min_length=1)]
    collision_reason: Annotated[
        Reason, Field(description="Why it is registered although others talk with the firm.")
    ] = ""


class StageMove(Body):
    """A move to another stage."""

    stage: StageChoice
    on: Annotated[Day, Field(description="The actual date; not in the future.")]
    override_reason: Annotated[
        Reason, Field(description="Why a closed gate is passed (team leads), or why it goes back.")
    ] = ""
    evidence: Reason = ""


class StatusChange(Body):
    """Another status; `lost` needs a reason and a place."""

    status: StatusChoice
    on: Annotated[Day, Field(description="The actual date; not in the future.")]
    lost_reason: Annotated[str, Field(max_length=60)] = ""
    lost_to: Line = ""
    note: Reason = ""


Unavailable = Literal["unavailable"]
Amount = float | Unavailable | None


class LeadFields(Answer):
    """What the record of a lead shows."""

    id: int
    ref: str | None
    title: str
    company_id: int
    company_ref: str | None
    company: NamedRecord
    owner: str | None = Field(description="A username.")
    owner_name: str | None
    team: str | None
    people: list[str] = Field(description="Usernames of those named on it besides the owner.")
    visibility: str
    stage: str
    stage_since: str
    status: str
    source: str | None
    sector: str | None
    investor_kind: str | None
    investment_wan_cny: Amount
    foreign_capital_wan_usd: Amount
    land_mu: Amount
    fixed_investment_wan_cny: Amount
    site_kind: str | None
    floor_area_sqm: Amount
    energy_tce: Amount
    pollutants: str
    output_wan_cny: Amount
    tax_wan_cny: Amount
    jobs: int | Unavailable | None
    product: str
    industry: str
    character: str | None
    is_no1: bool
    likelihood: int | None
    likelihood_reason: str
    agreed_amount: float | None
    agreed_currency: str | None
    investor_registration: str
    appraisal_passed_on: str | None
    appraisal_evidence: str
    chain_nodes: list[str] | Unavailable
    anchor_ids: list[int]
    anchor_refs: list[str]
    received_on: str
    lost_reason: str | None
    lost_to: str
    summary: str
    unavailable: list[str] = Field(description="Fields answered with 暂不能提供.")
    responded_on: str | None
    last_contact_on: str | None
    contact_count: int
    face_count: int
    next_step: str
    next_on: str | None
    created_at: str
    updated_at: str
    version: int
    etag: str = Field(description="What `If-Match` takes.")


class LeadRecord(LeadFields):
    """A lead. Amounts are in the unit of their name."""


class CollisionAnswer(Answer):
    """Who is already talking with a firm; nothing else is said."""

    company: str
    company_ref: str | None
    matched_by: str = Field(description="`name` `alias` `uscc` `phone` `pinyin` `spelling`")
    team: str
    since: str
    stage: str


class NewLead(LeadFields):
    """A new lead, with who else is talking with the firm. A collision never hinders."""

    collisions: list[CollisionAnswer]


class LeadList(Listed):
    """A page of leads."""

    items: list[LeadRecord]


class CollisionList(Listed):
    """All lines that a name, code or phone gives."""

    items: list[CollisionAnswer]


_sort = sort_key(SORTS)
Bare = Annotated[Word, Field(description="A number, or a text such as `3.5亿`.")]


class LeadQuery(ListQuery):
    """Filters of leads; several of them must all hold, several values of one are alternatives."""

    stage: Stages = ()
    status: Statuses = ()
    team: Annotated[Names, Field(description="Names of teams.")] = ()
    owner: Annotated[Names, Field(description="Usernames.")] = ()
    source: Annotated[Names, Field(description="Labels of sources.")] = ()
    visibility: Visibilities = ()
    sector: Sectors = ()
    investor_kind: InvestorKinds = ()
    light: Colors = ()
    honour: HonourKinds = ()
    node: Annotated[Word, Field(description="A chain node.")] = ""
    anchor: Annotated[Key, Field(description="Serves this anchor firm.")] = ""
    company: Key = ""
    amount_min: Bare = ""
    amount_max: Bare = ""
    land_min: Bare = ""
    land_max: Bare = ""
    from_: Annotated[SomeDay, Field(alias="from", description="Received on this day or later.")] = (
        None
    )
    to: Annotated[SomeDay, Field(description="Received on this day or before.")] = None
    quiet: Annotated[
        int | None, Field(ge=0, le=36_500, description="Days without contact at least.")
    ] = None
    mine: bool = False
    no_next: Annotated[bool, Field(description="Without a next step.")] = False
    unowned: bool = False
    sort: Annotated[str, *_sort] = "-updated"


class CollisionQuery(Query):
    """What is known of a firm; any of it may be left out."""

    name: Word = ""
    uscc: Word = ""
    phone: Word = ""
