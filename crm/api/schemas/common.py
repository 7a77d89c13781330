"""Shapes that all kinds of records share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """A part of an answer; what stands in it is exactly what is declared."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class FieldProblem(Answer):
    """What is wrong with one field or parameter."""

    field: str = Field(description="The field at fault; empty for the request as a whole.")
    message: str = Field(description="The reason, in Chinese.")


class MissingThing(Answer):
    """One thing that a stage asks for and the lead lacks."""

    key: str
    label: str = Field(description="What is missing, in Chinese.")
    field: str = Field(description="Where it is given.")


class ProblemDocument(BaseModel):
    """A refusal (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A stable name of the kind of problem, a URN.")
    title: str = Field(description="The kind of problem, in Chinese.")
    status: int
    detail: str = Field(description="What happened, in Chinese.")
    errors: list[FieldProblem] = Field(default=[], description="The fields at fault.")
    missing: list[MissingThing] = Field(default=[], description="Open items of a closed gate.")
    company_id: int = Field(default=0, description="Who holds a credit code that is taken.")


class NamedRecord(Answer):
    """Another record, with the name to show."""

    id: int
    ref: str | None
    name: str


class Listed(Answer):
    """One page of a list."""

    total: int | None = Field(description="Rows in the whole list; null where counting is slow.")
    total_at_least: int = Field(
        default=0, description="Given where `total` is null: there are at least so many."
    )
    page: int
    per_page: int

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=lambda schema: schema.update(
            required=[name for name in schema["required"] if name != "total_at_least"]
        ),
    )


class IfMatch(BaseModel):
    """What a change must say about the state it was made from."""

    if_match: str = Field(alias="If-Match", description="The record's ETag as it was read, or `*`.")


class Several:
    """Marks a parameter that takes several values: repeated, or with commas between them."""


SEVERAL = Several()


class Query(BaseModel):
    """Parameters of an address; unknown ones are refused by name."""

    model_config = ConfigDict(extra="forbid")


Page = Annotated[int, Field(ge=1, le=100_000, description="Which page, from 1.")]
PerPage = Annotated[int, Field(ge=1, le=200, description="Rows on a page.")]


class ListQuery(Query):
    """What every list takes."""

    q: Annotated[str, Field(max_length=200, description="Words to look for.")] = ""
    page: Page = 1
    per_page: PerPage = 50
