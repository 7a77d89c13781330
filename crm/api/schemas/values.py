"""The kinds of values in bodies and queries, read by the same rules as the columns of files."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal, NoReturn

from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm.core import clock, quantity
from crm.core.labels import LabelledEnum
from crm.exchange.cells import (
    UNAVAILABLE,
    UNAVAILABLE_WORDS,
    Choice,
    Several,
    Word,
    plain,
    read_day,
)
from crm.exchange.faults import CellFault

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


def said(read: Callable[[str], Any], value: str) -> Any:
    """What a rule of files reads in a text; its fault is told to the caller."""
    try:
        return read(value)
    except CellFault as fault:
        refuse(fault.shown())
    except quantity.QuantityError as error:
        refuse(_(error.template, **error.params))


def choice(options: type[LabelledEnum], value: Any) -> Any:
    """A member of an enumeration by its value or its Chinese label, as in files."""
    if not isinstance(value, str):
        return value
    return said(lambda text: Choice(options).read(text, clock.today()), value)


def _day(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != 10 or value[4::3] != "--":
        refuse(_("应为日期，写成 2026-03-01 这样的年-月-日。"))
    return said(read_day, value)


def _amount(read: Callable[[str], Any], value: Any) -> Any:
    """A number in the field's unit, or a text as people write it; exact either way."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        refuse(_("应为数字。"))
    if isinstance(value, str):
        if plain(value) in UNAVAILABLE_WORDS:
            return UNAVAILABLE
        return said(read, value) if value.strip() else None
    return Decimal(value)


def _agreed(value: Any) -> Any:
    """An agreed amount; a text that names its currency brings it along as `quantity.Money`."""
    if not isinstance(value, str):
        return _amount(quantity.parse_money, value)
    if not value.strip():
        return None
    yuan = said(quantity.parse_money, value)
    dollars = said(partial(quantity.parse_money, currency="USD"), value)
    return yuan if yuan.currency == dollars.currency else yuan.amount


def _count(value: Any) -> Any:
    if isinstance(value, str):
        if plain(value) in UNAVAILABLE_WORDS:
            return UNAVAILABLE
        return said(quantity.parse_count, value) if value.strip() else None
    return value


def _ref(value: Any) -> Any:
    """A key, by the rule of files: a semicolon would make two of it in a list of keys."""
    if not isinstance(value, str):
        return value
    return said(lambda text: Word(len(text)).read(text, clock.today()), value) or ""


def _line(value: Any) -> Any:
    """A text of one line; line breaks become blanks, as in files."""
    return re.sub(r"\s*[\r\n]+\s*", " ", value.strip()) if isinstance(value, str) else value


def _lines(value: Any) -> Any:
    """A text whose lines end as everywhere in the product, whatever system sent it."""
    if not isinstance(value, str):
        return value
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _flag(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1):
        return bool(value)
    return value


def _texts(most: int, value: Any) -> Any:
    """A JSON list of texts, or one text with semicolons between them, as in files."""
    if isinstance(value, str):
        value = said(lambda text: Several(most).read(text, clock.today()), value)
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
Ref = Annotated[str, BeforeValidator(_ref), Field(max_length=120)]
Line = Annotated[str, BeforeValidator(_line), Field(max_length=200)]
LongText = Annotated[str, BeforeValidator(_lines), Field(max_length=LONG)]
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
