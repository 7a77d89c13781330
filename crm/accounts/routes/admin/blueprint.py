"""The blueprint of administration, and what its pages share."""

from typing import Any

from flask import Blueprint, request, url_for

bp = Blueprint("admin", __name__, url_prefix="/admin")


def same_page(**changes: Any) -> str:
    """The address of this list with some of its parameters changed; None takes one away."""
    parameters: dict[str, Any] = {**request.args.to_dict(), **changes}
    return url_for(request.endpoint or "", **(request.view_args or {}), **parameters)


def wanted_page() -> int:
    """The page number asked for; anything odd is the first page."""
    return request.args.get("page", 1, type=int) or 1
