"""Companies: what is sent and what is answered."""

from typing import Annotated, Literal

from pydantic import Field

from crm.api.schemas.choices import NatureChoice
from crm.api.schemas.common import Answer, Listed, ListQuery, NamedRecord
from crm.api.schemas.filters import (
    HonourKinds,
    HonourLevelChoice,
    Key,
    Names,
    Natures,
    SomeDay,
    Word,
    sort_key,
)
from crm.api.schemas.honours import HonourList
from crm.api.schemas.values import (
    Body,
    Flag,
    Line,
    LongText,
    NodeIds,
    RecordId,
    Ref,
    Texts,
)

SORTS = ("name", "region", "contact", "updated", "id")


class CompanyPatch(Body):
    """Columns of a company; what is left out stays as it is."""

    ref: Ref | None = None
    name: Line | None = None
    short_name: Line | None = None
    aliases: Texts = None
    uscc: Annotated[str, Field(max_length=40)] | None = None
    country: Line | None = None
    region: Line | None = None
    investor_nature: NatureChoice = None
    parent_id: RecordId | None = None
    parent_ref: Ref | None = None
    account_owner: Annotated[str, Field(max_length=60, description="A username.")] | None = None
    industry_code: Annotated[str, Field(max_length=10)] | None = None
    industry_version: Annotated[str, Field(max_length=10)] | None = None
    honours: HonourList = None
    in_zone: Flag | None = None
    is_anchor: Flag | None = None
    chain_nodes: NodeIds = None
    products: LongText | None = None
    summary: LongText | None = None


class CompanyBody(CompanyPatch):
    """A new company."""

    name: Annotated[Line, Field(min_length=1)]


class HonourAnswer(Answer):
    """An honour in its parts."""

    kind: str
    level: str | None
    year: int | None
    rank_or_code: str
    issuer: str
    valid_until: str | None
    evidence_url: str


class CompanyRecord(Answer):
    """A company."""

    id: int
    ref: str | None
    name: str
    short_name: str
    aliases: list[str] = Field(description="All other names.")
    uscc: str | None = Field(description="Unified social credit code.")
    country: str
    region: str
    investor_nature: str | None
    parent_id: int | None
    parent_ref: str | None
    parent: NamedRecord | None
    account_owner: str | None = Field(description="A username.")
    industry_code: str
    industry_version: str
    honours: list[str] = Field(description="`kind[:level[:year[:valid_until]]]`, as in files.")
    honours_detail: list[HonourAnswer]
    in_zone: bool
    is_anchor: bool
    chain_nodes: list[str] = Field(description="Ids of nodes of the chains.")
    products: str
    summary: str
    created_at: str
    updated_at: str
    version: int
    etag: str = Field(description="What `If-Match` takes.")


class CompanyList(Listed):
    """A page of companies."""

    items: list[CompanyRecord]


_sort = sort_key(SORTS)


class CompanyQuery(ListQuery):
    """Filters of companies; several of them must all hold, several values of one are alternatives."""

    honour: Annotated[HonourKinds, Field(description="Holds one of these.")] = ()
    honour_level: HonourLevelChoice | None = None
    honour_state: Annotated[
        Literal["valid", "expired", "any"],
        Field(description="Whether the honour must be valid today."),
    ] = "valid"
    region: Annotated[Word, Field(description="A part of the region or country.")] = ""
    nature: Natures = ()
    node: Annotated[Names, Field(description="Stands at one of these chain nodes.")] = ()
    in_zone: bool | None = None
    anchor: Annotated[bool | None, Field(description="Whether it is an anchor firm.")] = None
    parent: Annotated[Key, Field(description="Belongs to this company.")] = ""
    owner: Annotated[Word, Field(description="The account owner's username.")] = ""
    contact_from: Annotated[SomeDay, Field(description="Last contact on this day or later.")] = None
    contact_to: Annotated[SomeDay, Field(description="Last contact on this day or before.")] = None
    never: Annotated[bool, Field(description="Never contacted.")] = False
    sort: Annotated[str, *_sort] = "name"
