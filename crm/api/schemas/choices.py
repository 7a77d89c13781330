"""The choices in bodies: members of enumerations, by value or by Chinese label."""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from crm.api.schemas.values import choice, schema_of
from crm.companies.kinds import InvestorNature
from crm.core.labels import LabelledEnum
from crm.core.permissions import Visibility
from crm.exchange.cells import UNAVAILABLE, UNAVAILABLE_WORDS, plain
from crm.interactions.kinds import InteractionKind, Outcome
from crm.leads.kinds import Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.stages import Stage, Status

_UNAVAILABLE = Literal["unavailable"]


def _choice_or_unavailable(options: type[LabelledEnum], value: Any) -> Any:
    if isinstance(value, str) and plain(value) in UNAVAILABLE_WORDS:
        return UNAVAILABLE
    return choice(options, value)


StageChoice = Annotated[
    Stage, BeforeValidator(partial(choice, Stage)), schema_of(Stage, null=False)
]
StatusChoice = Annotated[
    Status, BeforeValidator(partial(choice, Status)), schema_of(Status, null=False)
]
VisibilityChoice = Annotated[
    Visibility, BeforeValidator(partial(choice, Visibility)), schema_of(Visibility, null=False)
]
KindChoice = Annotated[
    InteractionKind,
    BeforeValidator(partial(choice, InteractionKind)),
    schema_of(InteractionKind, null=False),
]
OutcomeChoice = Annotated[
    Outcome | None, BeforeValidator(partial(choice, Outcome)), schema_of(Outcome)
]
SectorChoice = Annotated[Sector | None, BeforeValidator(partial(choice, Sector)), schema_of(Sector)]
InvestorKindChoice = Annotated[
    InvestorKind | None, BeforeValidator(partial(choice, InvestorKind)), schema_of(InvestorKind)
]
NatureChoice = Annotated[
    InvestorNature | None,
    BeforeValidator(partial(choice, InvestorNature)),
    schema_of(InvestorNature),
]
CurrencyChoice = Annotated[
    Currency | None, BeforeValidator(partial(choice, Currency)), schema_of(Currency)
]
SiteKindChoice = Annotated[
    SiteKind | _UNAVAILABLE | None,
    BeforeValidator(partial(_choice_or_unavailable, SiteKind)),
    schema_of(SiteKind, UNAVAILABLE),
]
CharacterChoice = Annotated[
    Character | _UNAVAILABLE | None,
    BeforeValidator(partial(_choice_or_unavailable, Character)),
    schema_of(Character, UNAVAILABLE),
]
