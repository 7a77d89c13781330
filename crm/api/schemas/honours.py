"""Honours in bodies: objects, or texts as in files."""

from functools import partial
from typing import Annotated, Any

from flask_babel import gettext as _
from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from crm.api.schemas.values import MOST_ITEMS, Body, Day, Line, choice, refuse, said, schema_of
from crm.companies.kinds import HonourKind, HonourLevel
from crm.core import clock
from crm.exchange.honours import Honours


class HonourBody(Body):
    """An honour; without `valid_until` it lasts as long as its kind does."""

    kind: Annotated[
        HonourKind, BeforeValidator(partial(choice, HonourKind)), schema_of(HonourKind, null=False)
    ]
    level: Annotated[
        HonourLevel | None, BeforeValidator(partial(choice, HonourLevel)), schema_of(HonourLevel)
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
        lines = said(lambda text: Honours().read(text, clock.today()), part)
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
