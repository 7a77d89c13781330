"""The funnel: what is asked and what is answered."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from crm.api.schemas.common import Answer, Query
from crm.api.schemas.filters import HonourKinds, InvestorKinds, Key, Names, Sectors, SomeDay, Word


def _days(value: Any) -> Any:
    return None if value == "" else value


Days = Annotated[
    Annotated[int, Field(ge=0, le=36_500)] | None,
    BeforeValidator(_days),
    Field(description="Days to the next stage at most; empty for ever."),
    WithJsonSchema({"type": ["integer", "null"], "minimum": 0, "maximum": 36_500}),
]


class FunnelQuery(Query):
    """A period, a span, a day of account, and which leads; team, owner and amount are today's."""

    from_: Annotated[
        SomeDay, Field(alias="from", description="Else the first day of the year of `as_of`.")
    ] = None
    to: Annotated[SomeDay, Field(description="Else `as_of`.")] = None
    within_days: Days = 90
    as_of: Annotated[SomeDay, Field(description="Later events do not exist. Else today.")] = None
    team: Annotated[Names, Field(description="Names of teams.")] = ()
    owner: Annotated[Names, Field(description="Usernames.")] = ()
    source: Annotated[Names, Field(description="Labels of sources.")] = ()
    sector: Sectors = ()
    investor_kind: InvestorKinds = ()
    honour: HonourKinds = ()
    node: Annotated[Word, Field(description="A chain node.")] = ""
    anchor: Annotated[Key, Field(description="Serves this anchor firm.")] = ""


class FunnelStage(Answer):
    """One stage of the funnel."""

    stage: str
    label: str = Field(description="In Chinese.")
    entered: int = Field(description="Reached it in the period, and not after `as_of`.")
    amount_wan_cny: float = Field(description="Their investment.")
    converted: int | None = Field(description="Of them, reached the next stage in time.")
    conversion: float | None = Field(description="`converted` by `entered`, four places.")
    median_days: float | None = Field(description="To the next stage, over the converted.")
    median_days_km: int | None = Field(description="After Kaplan and Meier, with those waiting.")
    p80_days_km: int | None = Field(description="The day by which four in five had gone on.")
    waiting: int | None = Field(description="Still open, and not gone on by `as_of`.")
    current: int = Field(description="Active and at this stage on `as_of`, whenever it came.")


class FunnelLost(Answer):
    """Leads that were lost in the period for one reason to one place."""

    reason: str
    lost_to: str
    count: int
    amount_wan_cny: float


class FunnelAnswer(Answer):
    """The funnel of the leads that the caller may see."""

    from_: str = Field(alias="from")
    to: str
    within_days: int | None
    as_of: str
    stages: list[FunnelStage]
    lost: list[FunnelLost]
