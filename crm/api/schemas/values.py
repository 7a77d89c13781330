"""The kinds of values in bodies and queries, read by the same rules as the columns of files."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal, NoReturn

from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm.companies.kinds import HonourKind, HonourLevel, InvestorNature
from crm.core import clock, quantity
from crm.core.labels import LabelledEnum
from crm.core.permissions import Visibility
from crm.exchange.cells import UNAVAILABLE, UNAVAILABLE_WORDS, Choice, Several, plain, read_day
from crm.exchange.faults import CellFault
from crm.exchange.honours import Honours
from crm.interactions.kinds import InteractionKind, Outcome
from crm.leads.kinds import Character, Currency, InvestorKind, Sector, SiteKind
from crm.leads.stages import Stage, Status

LARGEST_ID = 2**31 - 1
MOST_ITEMS = 200
LONG = 20_000


class Body(BaseModel):
    """A JSON object of a request: nothing is converted, nothing unknown is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=False)

    @property
    def given(self) -> dict[str, Any]:
        """The fields that were sent, read, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def refuse(text: str) -> NoReturn:
    """End the reading of a value with a message for the caller."""
    raise PydanticCustomError("said", "{text}", {"text": text})


def _said(read: Callable[[str], Any], value: str) -> Any:
    try:
        return read(value)
    except CellFault as fault:
        refuse(fault.shown())
    except quantity.QuantityError as error:
        refuse(_(error.template, **error.params))


def _choice(options: type[LabelledEnum], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _said(lambda text: Choice(options).read(text, clock.today()), value)


def _choice_or_unavailable(options: type[LabelledEnum], value: Any) -> Any:
    if isinstance(value, str) and plain(value) in UNAVAILABLE_WORDS:
        return UNAVAILABLE
    return _choice(options, value)


def _day(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != 10 or value[4::3] != "--":
        refuse(_("应为日期，写成 2026-03-01 这样的年-月-日。"))
    return _said(read_day, value)


def _amount(read: Callable[[str], Any], value: Any) -> Any:
    """A number in the field's unit, or a text as people write it; exact either way."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        refuse(_("应为数字。"))
    if isinstance(value, str):
        if plain(value) in UNAVAILABLE_WORDS:
            return UNAVAILABLE
        return _said(read, value) if value.strip() else None
    return Decimal(value)


def _agreed(value: Any) -> Any:
    """An agreed amount; a text that names its currency brings it along as `quantity.Money`."""
    if not isinstance(value, str):
        return _amount(quantity.parse_money, value)
    if not value.strip():
        return None
    yuan = _said(quantity.parse_money, value)
    dollars = _said(partial(quantity.parse_money, currency="USD"), value)
    return yuan if yuan.currency == dollars.currency else yuan.amount


def _count(value: Any) -> Any:
    if isinstance(value, str):
        if plain(value) in UNAVAILABLE_WORDS:
            return UNAVAILABLE
        return _said(quantity.parse_count, value) if value.strip() else None
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1):
        return bool(value)
    return value


def _texts(most: int, value: Any) -> Any:
    """A JSON list of texts, or one text with semicolons between them, as in files."""
    if isinstance(value, str):
        value = _said(lambda text: Several(most).read(text, clock.today()), value)
    if not isinstance(value, list):
        return value
    if len(value) > MOST_ITEMS:
        refuse(_("项数太多，最多 %(max_length)s 项。", max_length=MOST_ITEMS))
    if any(not isinstance(item, str) for item in value):
        refuse(_("列表里应都是文本。"))
    if any(len(item) > most for item in value):
        refuse(_("列表里有一项太长，最多 %(most)s 个字。", most=most))
    return list(dict.fromkeys(item.strip() for item in value if item.strip()))


def _texts_or_unavailable(most: int, value: Any) -> Any:
    if isinstance(value, str) and plain(value) in UNAVAILABLE_WORDS:
        return UNAVAILABLE
    return _texts(most, value)


def _ids(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) > MOST_ITEMS:
        refuse(_("项数太多，最多 %(max_length)s 项。", max_length=MOST_ITEMS))
    if any(isinstance(one, bool) or not isinstance(one, int) for one in value):
        refuse(_("列表里应都是整数。"))
    if any(not 0 < one <= LARGEST_ID for one in value):
        refuse(_("列表里有一个编号超出了范围。"))
    return list(dict.fromkeys(value))


def schema_of(options: type[LabelledEnum], *more: str, null: bool = True) -> WithJsonSchema:
    """The schema of a choice; Chinese labels are taken too, as in files."""
    values: list[Any] = [option.value for option in options]
    return WithJsonSchema({"enum": [*values, *more, *([None] if null else [])]})


_NUMBER: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1_000_000_000}
_ANY_AMOUNT = WithJsonSchema(
    {
        "anyOf": [_NUMBER, {"type": "string", "maxLength": 40}, {"type": "null"}],
        "description": "A number in the field's unit, a text such as `3.5亿`, or `unavailable`.",
    }
)
_ITEMS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "maxItems": MOST_ITEMS}
_TEXTS_SCHEMA = WithJsonSchema(
    {
        "anyOf": [_ITEMS, {"type": "string"}, {"type": "null"}],
        "description": "A list, or one text with `;` between the parts.",
    }
)
_UNAVAILABLE = Literal["unavailable"]

RecordId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Ref = Annotated[str, Field(max_length=120)]
Line = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=LONG)]
Flag = Annotated[
    bool,
    BeforeValidator(_flag),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}]}),
]
Day = Annotated[date | None, BeforeValidator(_day)]
Texts = Annotated[list[str] | None, BeforeValidator(partial(_texts, 200)), _TEXTS_SCHEMA]
NodeIds = Annotated[list[str] | None, BeforeValidator(partial(_texts, 40)), _TEXTS_SCHEMA]
Nodes = Annotated[
    list[str] | _UNAVAILABLE | None,
    BeforeValidator(partial(_texts_or_unavailable, 40)),
    _TEXTS_SCHEMA,
]
Ids = Annotated[
    list[int] | None,
    BeforeValidator(_ids),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
                    "maxItems": MOST_ITEMS,
                },
                {"type": "null"},
            ]
        }
    ),
]
WanCny = Annotated[
    Decimal | _UNAVAILABLE | None,
    BeforeValidator(partial(_amount, quantity.parse_wan)),
    _ANY_AMOUNT,
]
WanUsd = Annotated[
    Decimal | _UNAVAILABLE | None,
    BeforeValidator(partial(_amount, partial(quantity.parse_wan, currency="USD"))),
    _ANY_AMOUNT,
]
Mu = Annotated[
    Decimal | _UNAVAILABLE | None,
    BeforeValidator(partial(_amount, quantity.parse_area_mu)),
    _ANY_AMOUNT,
]
Sqm = Annotated[
    Decimal | _UNAVAILABLE | None,
    BeforeValidator(partial(_amount, quantity.parse_sqm)),
    _ANY_AMOUNT,
]
Tce = Annotated[
    Decimal | _UNAVAILABLE | None,
    BeforeValidator(partial(_amount, quantity.parse_energy_tce)),
    _ANY_AMOUNT,
]
Count = Annotated[
    int | _UNAVAILABLE | None,
    BeforeValidator(_count),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": quantity.MOST_COUNT},
                {"type": "string", "maxLength": 40},
                {"type": "null"},
            ]
        }
    ),
]


def _is_agreed(value: Any) -> Any:
    agreed = _agreed(value)
    if agreed == UNAVAILABLE:
        refuse(_("这一项不能填“暂不能提供”。"))
    return agreed


Agreed = Annotated[Any, BeforeValidator(_is_agreed), _ANY_AMOUNT]


class HonourBody(Body):
    """An honour; without `valid_until` it lasts as long as its kind does."""

    kind: Annotated[
        HonourKind, BeforeValidator(partial(_choice, HonourKind)), schema_of(HonourKind, null=False)
    ]
    level: Annotated[
        HonourLevel | None, BeforeValidator(partial(_choice, HonourLevel)), schema_of(HonourLevel)
    ] = None
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    rank_or_code: Annotated[str, Field(max_length=40)] = ""
    issuer: Line = ""
    valid_until: Day = None
    evidence_url: Annotated[str, Field(max_length=500)] = ""


def _honours(value: Any) -> Any:
    """A list of objects or of texts `kind[:level[:year[:valid_until]]]`, or texts with `;`."""
    if value is None:
        return None
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list):
        refuse(_("应为列表。"))
    if len(parts) > MOST_ITEMS:
        refuse(_("项数太多，最多 %(max_length)s 项。", max_length=MOST_ITEMS))
    return [honour for part in parts for honour in _honours_in(part)]


def _honours_in(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, str):
        lines = _said(lambda text: Honours().read(text, clock.today()), part)
        return [
            {name: getattr(line, name) for name in ("kind", "level", "year", "valid_until")}
            for line in lines
        ]
    try:
        return [HonourBody.model_validate(part).given]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "said":
            refuse(first["msg"])
        where = ".".join(str(step) for step in first["loc"])
        refuse(_("资质的“%(field)s”不对。", field=where or "honours"))


HonourList = Annotated[
    list[dict[str, Any]] | None,
    BeforeValidator(_honours),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "array",
                    "maxItems": MOST_ITEMS,
                    "items": {"anyOf": [{"type": "string"}, HonourBody.model_json_schema()]},
                },
                {"type": "string"},
                {"type": "null"},
            ],
            "description": "Objects, or texts `kind[:level[:year[:valid_until]]]`.",
        }
    ),
]

StageChoice = Annotated[
    Stage, BeforeValidator(partial(_choice, Stage)), schema_of(Stage, null=False)
]
StatusChoice = Annotated[
    Status, BeforeValidator(partial(_choice, Status)), schema_of(Status, null=False)
]
VisibilityChoice = Annotated[
    Visibility, BeforeValidator(partial(_choice, Visibility)), schema_of(Visibility, null=False)
]
KindChoice = Annotated[
    InteractionKind,
    BeforeValidator(partial(_choice, InteractionKind)),
    schema_of(InteractionKind, null=False),
]
OutcomeChoice = Annotated[
    Outcome | None, BeforeValidator(partial(_choice, Outcome)), schema_of(Outcome)
]
SectorChoice = Annotated[
    Sector | None, BeforeValidator(partial(_choice, Sector)), schema_of(Sector)
]
InvestorKindChoice = Annotated[
    InvestorKind | None, BeforeValidator(partial(_choice, InvestorKind)), schema_of(InvestorKind)
]
NatureChoice = Annotated[
    InvestorNature | None,
    BeforeValidator(partial(_choice, InvestorNature)),
    schema_of(InvestorNature),
]
CurrencyChoice = Annotated[
    Currency | None, BeforeValidator(partial(_choice, Currency)), schema_of(Currency)
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
