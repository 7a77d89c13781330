"""Answers in JSON: records with their ETag, lists in one envelope."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from flask import Response, request

from crm.api.problems import Problem
from crm.core.clock import ZONE
from crm.core.errors import StaleVersion
from crm.core.labels import N_

Json = dict[str, Any]


def respond(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON document; Chinese stands in it as it is."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    response = Response(text, status=status, content_type="application/json")
    response.headers.extend(dict(headers or {}))
    return response


def envelope(
    items: Sequence[Json],
    *,
    total: int | None,
    page: int,
    per_page: int,
    at_least: int | None = None,
) -> Json:
    """A page of a list; without an exact `total` there is a lower bound of it."""
    body: Json = {"items": list(items), "total": total, "page": page, "per_page": per_page}
    if total is None:
        body["total_at_least"] = at_least or 0
    return body


def number(value: Decimal | int | None) -> int | float | None:
    """An exact amount as a JSON number: whole ones without a point."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def day(value: date | None) -> str | None:
    """A day as YYYY-MM-DD."""
    return value.isoformat() if value is not None else None


def moment(value: datetime) -> str:
    """A moment in zone time with its offset."""
    return value.astimezone(ZONE).isoformat(timespec="seconds")


def with_etag(record: Json) -> Json:
    """The record with `etag`: its row version, and a digest of everything that is shown of it.

    The digest changes with what a record repeats of others, such as the last contact of a lead;
    a change is refused only when the row's version has moved on.
    """
    text = json.dumps(record, ensure_ascii=False, sort_keys=True)
    digest = blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
    return {**record, "etag": f'"{record["version"]}-{digest}"'}


def record(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """One record with its ETag; 304 where the caller has this very state already."""
    tag = str(body["etag"])
    sent = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(tag.strip('"')):
        return Response(status=304, headers=sent)
    return respond(body, status, {**sent, **(headers or {})})


def require_if_match() -> None:
    """Refuse a change that does not say which state it was made from: 428."""
    if "If-Match" not in request.headers:
        raise Problem(428)


def check_if_match(version: int) -> None:
    """Refuse a change made from another version of the row: 412."""
    asked = request.if_match
    if asked.star_tag:
        return
    # An empty tag comes as None.
    versions = {(tag or "").partition("-")[0] for tag in asked.as_set(include_weak=True)}
    if str(version) not in versions:
        raise StaleVersion(N_("这条记录刚被别人改过，请重新读取后再保存。"))
