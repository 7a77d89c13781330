"""Interactions: what is sent and what is answered."""

from typing import Annotated

from pydantic import Field

from crm.api.schemas.choices import KindChoice, OutcomeChoice
from crm.api.schemas.common import Answer, Listed, ListQuery, NamedRecord
from crm.api.schemas.filters import Key, Kinds, Outcomes, SomeDay, Word, sort_key
from crm.api.schemas.values import Body, Day, Ids, Line, LongText, RecordId, Ref, Texts

SORTS = ("occurred_on", "next_on", "updated_at", "id")
Username = Annotated[str, Field(max_length=60, description="A username.")]


class InteractionPatch(Body):
    """Columns of an interaction; what is left out stays as it is."""

    ref: Ref | None = None
    kind: KindChoice | None = None
    occurred_on: Annotated[Day, Field(description="Not in the future.")] = None
    company_ids: Ids = None
    company_refs: Texts = None
    lead_id: RecordId | None = None
    lead_ref: Ref | None = None
    author: Username | None = None
    participants: Annotated[Texts, Field(description="Usernames.")] = None
    outcome: OutcomeChoice = None
    text: LongText | None = None
    next_step: Line | None = None
    next_on: Day = None
    next_owner: Username | None = None


class InteractionBody(InteractionPatch):
    """A new interaction, with a company or a lead; without `author` it is the caller's."""

    kind: KindChoice
    occurred_on: Annotated[Day, Field(description="Not in the future.")]
    text: Annotated[LongText, Field(min_length=1)]


class InteractionRecord(Answer):
    """An interaction."""

    id: int
    ref: str | None
    kind: str
    occurred_on: str
    company_ids: list[int]
    company_refs: list[str]
    companies: list[NamedRecord]
    lead_id: int | None
    lead_ref: str | None
    lead_title: str | None
    author: str | None = Field(description="A username.")
    author_name: str | None
    author_team: str | None = Field(description="The author's team at the time.")
    participants: list[str] = Field(description="Usernames.")
    outcome: str | None
    text: str
    next_step: str
    next_on: str | None
    next_owner: str | None = Field(description="A username.")
    next_done_on: str | None
    created_at: str
    updated_at: str
    version: int
    etag: str = Field(description="What `If-Match` takes.")


class InteractionList(Listed):
    """A page of interactions."""

    items: list[InteractionRecord]


_sort = sort_key(SORTS)


class InteractionQuery(ListQuery):
    """Filters of interactions; several of them must all hold."""

    kind: Kinds = ()
    outcome: Outcomes = ()
    author: Annotated[Word, Field(description="A username.")] = ""
    team: Annotated[Word, Field(description="The author's team at the time, by name.")] = ""
    company: Key = ""
    lead: Key = ""
    from_: Annotated[SomeDay, Field(alias="from", description="On this day or later.")] = None
    to: Annotated[SomeDay, Field(description="On this day or before.")] = None
    open: Annotated[bool, Field(description="With a next step that is not done.")] = False
    sort: Annotated[str, *_sort] = "-occurred_on"
