"""The kinds of parameters that narrow lists."""

from functools import partial
from typing import Annotated, Any

from flask_babel import gettext as _
from pydantic import BeforeValidator, Field, WithJsonSchema

from crm.api.schemas.common import SEVERAL
from crm.api.schemas.values import Day, refuse
from crm.companies.kinds import HonourKind, HonourLevel, InvestorNature
from crm.core.labels import LabelledEnum
from crm.core.permissions import Visibility
from crm.interactions.kinds import InteractionKind, Outcome
from crm.leads.kinds import InvestorKind, Sector
from crm.leads.lights import Color
from crm.leads.stages import Stage, Status

MOST_VALUES = 50


def _parts(value: str) -> list[str]:
    parts = [part.strip() for part in value.replace(";", ",").split(",")]
    found = list(dict.fromkeys(part for part in parts if part))
    if len(found) > MOST_VALUES:
        refuse(_("项数太多，最多 %(max_length)s 项。", max_length=MOST_VALUES))
    return found


def _choices(options: type[LabelledEnum], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = [(part, options.read(part)) for part in _parts(value)]
    if any(option is None for _part, option in found):
        values = "、".join(option.value for option in options)
        refuse(_("不在可选值里：%(values)s。", values=values))
    return tuple(option for _part, option in found)


def _choice(options: type[LabelledEnum], value: Any) -> Any:
    found = _choices(options, value)
    return found[0] if isinstance(found, tuple) and len(found) == 1 else value


def _names(value: Any) -> Any:
    return tuple(_parts(value)) if isinstance(value, str) else value


def _schema(options: type[LabelledEnum]) -> WithJsonSchema:
    items = {"enum": [option.value for option in options]}
    return WithJsonSchema({"type": "array", "items": items})


Stages = Annotated[
    tuple[Stage, ...], BeforeValidator(partial(_choices, Stage)), _schema(Stage), SEVERAL
]
Statuses = Annotated[
    tuple[Status, ...], BeforeValidator(partial(_choices, Status)), _schema(Status), SEVERAL
]
Visibilities = Annotated[
    tuple[Visibility, ...],
    BeforeValidator(partial(_choices, Visibility)),
    _schema(Visibility),
    SEVERAL,
]
Colors = Annotated[
    tuple[Color, ...], BeforeValidator(partial(_choices, Color)), _schema(Color), SEVERAL
]
HonourLevelChoice = Annotated[
    HonourLevel,
    BeforeValidator(partial(_choice, HonourLevel)),
    WithJsonSchema({"enum": [level.value for level in HonourLevel]}),
]
Sectors = Annotated[
    tuple[Sector, ...], BeforeValidator(partial(_choices, Sector)), _schema(Sector), SEVERAL
]
InvestorKinds = Annotated[
    tuple[InvestorKind, ...],
    BeforeValidator(partial(_choices, InvestorKind)),
    _schema(InvestorKind),
    SEVERAL,
]
Natures = Annotated[
    tuple[InvestorNature, ...],
    BeforeValidator(partial(_choices, InvestorNature)),
    _schema(InvestorNature),
    SEVERAL,
]
HonourKinds = Annotated[
    tuple[HonourKind, ...],
    BeforeValidator(partial(_choices, HonourKind)),
    _schema(HonourKind),
    SEVERAL,
]
Kinds = Annotated[
    tuple[InteractionKind, ...],
    BeforeValidator(partial(_choices, InteractionKind)),
    _schema(InteractionKind),
    SEVERAL,
]
Outcomes = Annotated[
    tuple[Outcome, ...], BeforeValidator(partial(_choices, Outcome)), _schema(Outcome), SEVERAL
]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_names),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
    SEVERAL,
]
SomeDay = Annotated[Day, WithJsonSchema({"type": "string", "format": "date"})]
Word = Annotated[str, Field(max_length=200)]
Key = Annotated[str, Field(max_length=130, description="An id, or `ref:` and the record's ref.")]


def sort_key(allowed: tuple[str, ...]) -> Any:
    """A parameter for the order: one of these, or with `-` in front for falling."""
    keys = [f"{sign}{key}" for key in allowed for sign in ("", "-")]

    def check(value: Any) -> Any:
        if value not in keys:
            refuse(_("不能按这一项排序，可用的有：%(keys)s。", keys="、".join(allowed)))
        return value

    return BeforeValidator(check), WithJsonSchema({"enum": keys})
