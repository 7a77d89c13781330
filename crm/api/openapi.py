"""The OpenAPI document, made by spectree from the same models that read the requests."""

from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any, get_type_hints

from flask import Blueprint, current_app
from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin

from crm.api import problems, reading, tokens
from crm.api.schemas.common import ProblemDocument
from crm.core.errors import NotAllowed, NotFound
from crm.core.labels import N_
from crm.core.permissions import Capability

NO_BUSINESS = N_("您的角色不能查看业务数据。")
_NO_RIGHT = N_("您的角色不能这样做。")
_DESCRIPTION = """\
Companies, leads and interactions of the zone's investment promotion.

Every call carries `Authorization: Bearer TOKEN` and acts with the rights of the token's owner.
Errors are `application/problem+json` (RFC 9457); `errors` names the fields at fault. A record that
the caller may not see answers 404, exactly like one that does not exist; lists leave it out and do
not count it. Roles that see no business data (admin, auditor) get 403 for lists and 404 for
records. Times are ISO 8601 with offset, days `YYYY-MM-DD`, amounts numbers in the unit of their
name: `_wan_cny` 万元, `_wan_usd` 万美元, `_mu` 亩, `_sqm` square metres, `_tce` tonnes of standard coal.
Where `unavailable` stands in a field, the investor cannot provide it yet (暂不能提供).
Records are addressed by their id or as `ref:…`, the key of another system.
"""


class _Backend(FlaskPlugin):
    """Shows spectree our views when the document is asked for: its models cost a second."""

    blueprint_state: Any

    def register_route(self, app: Any) -> None:
        app.record(lambda state: setattr(self, "blueprint_state", state))

    def find_routes(self) -> Iterator[Any]:
        for rule in current_app.url_map.iter_rules():
            if rule.endpoint.startswith(f"{self.blueprint_state.blueprint.name}."):
                yield rule

    def parse_func(self, route: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
        for method, view in super().parse_func(route):
            yield method, _documented(view)


@cache
def _documented(view: Callable[..., Any]) -> Callable[..., Any]:
    describe = getattr(view, "describe", None)
    described: Callable[..., Any] = view if describe is None else describe()
    return described


document = SpecTree(
    backend=_Backend,
    mode="strict",
    title="CRM of investment promotion",
    description=_DESCRIPTION,
    version="1",
    openapi_version="3.1.0",
    page_templates={},
    validation_error_model=ProblemDocument,
    naming_strategy=lambda model: str(model.__name__),
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(
                type=SecureType.HTTP,
                scheme="bearer",
                description="Made on the account page or by `flask accounts token USERNAME`.",
            ),
        )
    ],
    security={"token": []},
)

_WHEN: dict[int, str] = {
    400: "The body is not JSON.",
    401: "No token, or one that is wrong, revoked or of a disabled account.",
    403: "The caller's role or place does not allow this.",
    404: "No such record, or none that the caller may see.",
    409: "A unique value is taken, or a stage's gate is closed (`missing` lists its open items).",
    412: "The record has changed since the state named in `If-Match`.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not declared as JSON.",
    422: "Values that are wrong; `errors` names them.",
    428: "`If-Match` is missing.",
    429: "More than 1,200 requests in a minute with this token.",
    500: "A failure of ours; it is logged.",
    503: "The database does not answer.",
}
ANYWHERE = (401, 403, 422, 429, 500, 503)
OF_RECORDS = (404,)
OF_BODIES = (400, 413, 415)


def operation(
    *,
    answers: type[BaseModel],
    tag: str,
    name: str,
    status: int = 200,
    also: tuple[int, ...] = (),
    needs: Capability = Capability.SEE_BUSINESS,
    missing: str = "",
    headers: type[BaseModel] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard, read and document a view.

    `missing` marks the view of a record: to a role without sight of business data it says what it
    says of a record that does not exist. Rights are asked before anything of the request is read.
    """
    codes = sorted({*ANYWHERE, *also, *(OF_RECORDS if missing else ())})
    documented: dict[str, Any] = {f"HTTP_{code}": (ProblemDocument, _WHEN[code]) for code in codes}

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        reads = get_type_hints(view)

        # Read by `reading` alone: spectree's own way takes a broken body for an empty one.
        @wraps(view)
        def guarded(**kwargs: Any) -> Any:
            actor = tokens.caller()
            if not actor.can(Capability.SEE_BUSINESS):
                raise NotFound(missing) if missing else NotAllowed(NO_BUSINESS)
            if not actor.can(needs):
                raise NotAllowed(_NO_RIGHT)
            for kind, read in _READERS.items():
                if kind in reads:
                    kwargs[kind] = read(reads[kind])
            return view(**kwargs)

        guarded.guard = f"token:{needs.value}"  # type: ignore[attr-defined]
        guarded.describe = lambda: document.validate(  # type: ignore[attr-defined]
            resp=Response(**{f"HTTP_{status}": answers, **documented}),
            tags=(tag,),
            operation_id=name,
            headers=headers,
            path_parameter_descriptions={"id": "The record's id, or `ref:` and its ref."},
        )(view)
        return guarded

    return decorate


_READERS: dict[str, Callable[[Any], Any]] = {"query": reading.query, "json": reading.body}


def describe(bp: Blueprint) -> None:
    """Collect the operations of this blueprint."""
    document.register(bp)


def build() -> dict[str, Any]:
    """The document, with what spectree does not know: media types of problems, headers."""
    made: dict[str, Any] = document.spec
    for path in made["paths"].values():
        for one in path.values():
            _complete(one)
    return made


def _complete(one: dict[str, Any]) -> None:
    for code, answer in one["responses"].items():
        content = answer.get("content", {})
        if int(code) >= 400 and "application/json" in content:
            content[problems.MEDIA_TYPE] = content.pop("application/json")
    reads_one = any(p["name"] == "id" for p in one["parameters"])
    for code in ("200", "201"):
        answer = one["responses"].get(code)
        if answer is not None and (reads_one or code == "201"):
            answer.setdefault("headers", {})["ETag"] = _header("The state of the record.")
            if code == "201":
                answer["headers"]["Location"] = _header("The address of the new record.")
    if reads_one and "requestBody" not in one:
        one["responses"]["304"] = {"description": "The caller has this state already."}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "string"}}
