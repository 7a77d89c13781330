"""Search and suggestions: what is asked and what is answered."""

from typing import Annotated

from pydantic import Field

from crm.api.schemas.common import Answer, Listed, NamedRecord, Page, PerPage, Query
from crm.api.schemas.filters import Key, Names, SomeDay, Stages, Statuses, Word


class SearchQuery(Query):
    """A query in words with filters; several values of one filter are alternatives."""

    q: Annotated[str, Field(description="At most 200 characters.")] = ""
    type: Annotated[Names, Field(description="`company` `lead` `interaction` `project`")] = ()
    stage: Stages = ()
    status: Statuses = ()
    team: Annotated[Word, Field(description="A team's name.")] = ""
    owner: Annotated[Word, Field(description="A username.")] = ""
    company: Annotated[Key, Field(description="An id, or `ref:` and a ref.")] = ""
    from_: Annotated[SomeDay, Field(alias="from", description="On this day or later.")] = None
    to: Annotated[SomeDay, Field(description="On this day or before.")] = None
    sort: Annotated[str, Field(pattern="^(relevance|date)$")] = "relevance"
    page: Page = 1
    per_page: PerPage = 20


class SuggestQuery(Query):
    """What was typed so far."""

    q: Annotated[str, Field(max_length=200)] = ""


class FoundLead(Answer):
    """The lead that a hit belongs to."""

    id: int
    ref: str | None
    title: str


class Hit(Answer):
    """One record found."""

    type: str
    id: int
    ref: str | None
    title: str = Field(description="Plain text.")
    title_html: str = Field(description="HTML-safe, hits in `<mark>`.")
    snippets: list[str] = Field(description="HTML-safe, hits in `<mark>`.")
    company: NamedRecord | None
    lead: FoundLead | None
    occurred_on: str | None
    score: float = Field(description="Compares only within one answer.")


class Part(Answer):
    """A part of the query as it was understood."""

    text: str = Field(description="What it is called, such as the full name of a firm.")
    raw: str = Field(description="How it was typed.")
    id: int | None = Field(description="Of a firm or person.")
    name: str | None = Field(description="Of a firm or person.")
    key: str | None = Field(description="Of a stage, status or kind.")
    from_: str | None = Field(alias="from", description="Of a date, inclusive.")
    to: str | None = Field(description="Of a date, inclusive.")
    dimension: str | None = Field(description="Of an amount, with its base unit.")
    low: float | None = Field(description="Of an amount, in the base unit.")
    high: float | None = Field(description="Of an amount, in the base unit.")


class Understood(Answer):
    """What the query was read as, by meaning."""

    firms: list[Part]
    people: list[Part]
    dates: list[Part]
    amounts: list[Part]
    stages: list[Part]
    statuses: list[Part]
    kinds: list[Part]
    exclusions: list[Part]
    phrases: list[Part]
    words: list[Part]
    ignored: list[Part]


class Facets(Answer):
    """How many hits each value has; each leaves its own filter aside."""

    type: dict[str, int]
    stage: dict[str, int]
    team: dict[str, int] = Field(description="By the team's name.")


class SearchAnswer(Listed):
    """A page of hits, best first."""

    items: list[Hit]
    engine: str = Field(description="`embedded` or `elasticsearch`")
    took_ms: float
    understood: Understood
    facets: Facets
    did_you_mean: str | None
    relaxed: bool = Field(description="Nothing contains all of the query; hits contain part of it.")
    degraded: bool = Field(description="The engine did not answer.")


class Suggestion(Answer):
    """A record to jump to."""

    type: str = Field(description="`company` `lead` `person`")
    id: int
    ref: str | None = Field(description="A person's is the username.")
    name: str
    detail: str
    matched: str = Field(description="The name that was matched, where it is another.")


class SuggestionList(Listed):
    """At most ten suggestions."""

    items: list[Suggestion]
