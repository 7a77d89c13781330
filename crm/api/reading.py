"""Reads bodies and query strings strictly, and says in Chinese what is wrong with them."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from flask import g, request
from flask_babel import gettext as _
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from crm.api.problems import Problem
from crm.api.schemas.common import SEVERAL
from crm.core.errors import FieldErrors
from crm.core.labels import N_

M = TypeVar("M", bound=BaseModel)

MOST_BYTES = 1024 * 1024
"""More than any record can hold; texts of notes end at 20,000 characters."""

MOST_ERRORS = 50

UNREADABLE = N_("含有不可见的控制字符，请删去后再保存。")
_UNKNOWN_FIELD = N_("没有这个字段。")
_UNKNOWN_FILTER = N_("没有这个参数。")
_WORDS: dict[str, str] = {
    "missing": N_("必填。"),
    "string_type": N_("应为文本。"),
    "int_type": N_("应为整数。"),
    "int_from_float": N_("应为整数。"),
    "int_parsing": N_("应为整数。"),
    "int_parsing_size": N_("数字太大。"),
    "bool_type": N_("应为 true 或 false。"),
    "bool_parsing": N_("应为 true 或 false。"),
    "list_type": N_("应为列表。"),
    "too_long": N_("项数太多，最多 %(max_length)s 项。"),
    "string_too_long": N_("太长，最多 %(max_length)s 个字。"),
    "string_too_short": N_("不能为空。"),
    "greater_than_equal": N_("不能小于 %(ge)s。"),
    "less_than_equal": N_("不能大于 %(le)s。"),
    "date_type": N_("应为日期，写成 2026-03-01 这样的年-月-日。"),
    "is_instance_of": N_("应为文本。"),
    "enum": N_("不在可选值里。"),
    "literal_error": N_("不在可选值里。"),
    "model_type": N_("应为 JSON 对象。"),
    "decimal_type": N_("应为数字。"),
}


def body(model: type[M]) -> M:
    """The request's body as `model`. Raises Problem 400, 413, 415 and FieldErrors."""
    raw = _json()
    g.api_body = raw
    if not isinstance(raw, dict):
        raise Problem(422, _("请求内容应为一个 JSON 对象。"))
    bad = _unreadable_fields(raw)
    if bad:
        raise FieldErrors({field: [_(UNREADABLE)] for field in bad})
    return _validated(lambda: model.model_validate(raw), _UNKNOWN_FIELD)


def raw_body() -> dict[str, Any]:
    """The body as it was sent, after `body` has read it: amounts keep how they were written."""
    sent: dict[str, Any] = g.get("api_body", {})
    return sent


def query(model: type[M]) -> M:
    """The query string as `model`; a parameter may be repeated only where it takes several."""
    args: MultiDict[str, str] = request.args
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, texts in args.lists():
        field = _field_named(model, name)
        if any(not _is_readable(text) for text in (name, *texts)):
            errors[_shown(name)] = [_(UNREADABLE)]
        elif field is None:
            errors[_shown(name)] = [_(_UNKNOWN_FILTER)]
        elif len(texts) > 1 and not field:
            errors[name] = [_("只能给出一次。")]
        else:
            values[name] = ",".join(texts)
    if errors:
        raise FieldErrors(errors)
    return _validated(lambda: model.model_validate(values, strict=False), _UNKNOWN_FILTER)


def _field_named(model: type[BaseModel], name: str) -> bool | None:
    """Whether a parameter takes several values; None where there is no such parameter."""
    for key, field in model.model_fields.items():
        if (field.alias or key) == name:
            return SEVERAL in field.metadata
    return None


def _json() -> Any:
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise Problem(415)
    data = request.get_data()
    if len(data) > MOST_BYTES:
        raise Problem(413)
    try:
        text = data.decode("utf-8-sig")
        return json.loads(
            text, parse_float=_number, parse_constant=_no_number, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError) as error:
        detail = str(error) if isinstance(error, _NotJson) else _("请求内容不是有效的 JSON。")
        raise Problem(400, detail) from error


class _NotJson(ValueError):
    """What JSON in general, or we, do not take; the text is for the caller."""


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _NotJson(_("有一个数字太大。")) from error


def _no_number(text: str) -> Any:
    raise _NotJson(_("%(text)s 不是 JSON 数字。", text=text))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotJson(_("同一个字段出现了两次。"))
    return found


def _is_readable(text: str) -> bool:
    return not any(
        (char < " " and char not in "\n\r\t") or char == "\x7f" or "\ud800" <= char <= "\udfff"
        for char in text
    )


def _unreadable_fields(raw: dict[str, Any]) -> list[str]:
    """The fields that hold, however deep, a text which no database stores."""
    found = []
    for name, value in raw.items():
        waiting: list[Any] = [name, value]
        while waiting:
            part = waiting.pop()
            if isinstance(part, str) and not _is_readable(part):
                found.append(_shown(name))
                break
            if isinstance(part, dict):
                waiting += [*part.keys(), *part.values()]
            elif isinstance(part, list):
                waiting += part
    return found


def _shown(name: str) -> str:
    return "".join(char if _is_readable(char) else "�" for char in name)[:80]


def _validated(read: Callable[[], M], unknown: str) -> M:
    try:
        return read()
    except ValidationError as error:
        raise FieldErrors(_messages(error.errors(include_url=False), unknown)) from error


def _messages(errors: Iterable[ErrorDetails], unknown: str) -> dict[str, list[str]]:
    """One message for each field at fault; of a field that may be several things the first."""
    found: dict[str, list[str]] = {}
    for error in errors:
        field = _shown(str(error["loc"][0])) if error["loc"] else ""
        if field not in found and len(found) < MOST_ERRORS:
            found[field] = [_text(error, unknown)]
    return found


def _text(error: ErrorDetails, unknown: str) -> str:
    kind, values = error["type"], error.get("ctx", {})
    if kind == "said":
        return error["msg"]
    if kind == "extra_forbidden":
        return _(unknown)
    template = _WORDS.get(kind, N_("格式不对。"))
    return _(template, **values) if "%(" in template else _(template)
