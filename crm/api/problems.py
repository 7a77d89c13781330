"""Every refusal of the API as `application/problem+json` (RFC 9457), worded in Chinese."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from crm.companies.services import CodeTaken
from crm.core.errors import DomainError, FieldErrors, GateClosed
from crm.core.labels import N_

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
RETRY_SECONDS = 5

# status → (name in `type`, title, detail where nothing better is known)
KINDS: dict[int, tuple[str, str, str]] = {
    400: ("malformed", N_("请求无法读取"), N_("请求的格式不对。")),
    401: ("unauthorized", N_("需要令牌"), N_("请在 Authorization 头中用 Bearer 给出有效的令牌。")),
    403: ("forbidden", N_("没有权限"), N_("您没有这样做的权限。")),
    404: ("not-found", N_("没有找到"), N_("没有这条记录，或您不能查看。")),
    405: ("method-not-allowed", N_("不支持这个方法"), N_("这个地址不支持这个请求方法。")),
    409: ("conflict", N_("与现有数据冲突"), N_("与现有数据冲突，没有保存。")),
    412: (
        "stale",
        N_("记录已被修改"),
        N_("这条记录刚被别人改过，请重新读取后再保存。"),
    ),
    413: ("too-large", N_("请求太大"), N_("请求内容太大，没有保存。")),
    415: (
        "unsupported-media-type",
        N_("不支持这种内容类型"),
        N_("请求内容应为 JSON，Content-Type 应为 application/json。"),
    ),
    422: ("invalid", N_("内容有误"), N_("有些内容不对，没有保存。")),
    428: (
        "precondition-required",
        N_("缺少 If-Match"),
        N_("修改前请先读取记录，并在 If-Match 头中给出它的 ETag。"),
    ),
    429: ("too-many-requests", N_("请求太频繁"), N_("请求太频繁，请稍后再试。")),
    500: ("internal", N_("系统出错"), N_("系统出错了，没有保存；我们已记录下来。")),
    503: ("unavailable", N_("暂时不可用"), N_("系统暂时不可用，没有保存，请稍后再试。")),
}
# The framework answers these with texts of its own that say no more than ours.
_OTHERS = {406: 400, 411: 400, 414: 400, 416: 400, 431: 400}


class Problem(Exception):
    """Ends a request with a problem document; raised where no error of the domain fits."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or {}
        self.headers = headers or {}

    def response(self) -> Response:
        """The document."""
        return respond(self.status, self.detail, errors=self.errors, headers=self.headers)


def respond(
    status: int,
    detail: str = "",
    *,
    errors: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    kind: str = "",
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document; `errors` maps a field to its messages, `more` are further members.

    It holds nothing of the address: what may not be seen answers like what does not exist.
    """
    name, title, usual = KINDS.get(status, KINDS[500])
    body: dict[str, Any] = {
        "type": f"urn:crm:problem:{kind or name}",
        "title": _(title),
        "status": status,
        "detail": detail or _(usual),
    }
    if errors:
        body["errors"] = [
            {"field": field, "message": text} for field, texts in errors.items() for text in texts
        ]
    body.update(more or {})
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status=status, content_type=MEDIA_TYPE)
    response.headers.extend(dict(headers or {}))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="crm"'
    if status == 503:
        response.headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return response


def handle(bp: Blueprint) -> None:
    """Answer every failure of a view of this blueprint with a problem document."""
    for code in (*KINDS, *_OTHERS):
        bp.register_error_handler(code, _http_problem)
    bp.register_error_handler(HTTPException, _http_problem)
    bp.register_error_handler(DomainError, _domain_problem)
    bp.register_error_handler(Problem, Problem.response)
    for error in (OperationalError, InterfaceError, PoolTimeout):
        bp.register_error_handler(error, _database_problem)
    bp.register_error_handler(DataError, _data_problem)


def init_app(app: Flask) -> None:
    """Answer unknown addresses below `/api/` with a problem document too."""
    app.before_request(_routing_problem)


def _routing_problem() -> AnyResponse | None:
    """An unknown address or method belongs to no blueprint, so no handler of ours is asked."""
    error = request.routing_exception
    if error is None or not request.path.startswith(PREFIX):
        return None
    return _http_problem(error)


def _http_problem(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    code = _OTHERS.get(error.code, error.code)
    headers = {
        name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")
    }
    return respond(code if code in KINDS else 500, headers=headers)


def _domain_problem(error: DomainError) -> Response:
    if isinstance(error, GateClosed):
        missing = [
            {"key": item.key, "label": _(item.label), "field": item.field} for item in error.missing
        ]
        more = {"missing": missing}
        return respond(409, error.message, kind="gate-closed", more=more, errors=_named(error))
    if isinstance(error, CodeTaken):
        return respond(409, errors=error.errors, more={"company_id": error.company_id})
    if isinstance(error, FieldErrors):
        return respond(error.status, errors=error.errors)
    return respond(error.status, _(error.message), errors=_named(error))


def _named(error: DomainError) -> Mapping[str, list[str]]:
    return {error.field: [_(error.message)]} if error.field else {}


def _database_problem(error: Exception) -> Response:
    current_app.logger.error("the database did not answer: %s", type(error).__name__)
    return respond(503)


def _data_problem(_error: DataError) -> Response:
    return respond(422, _("有一个值超出了可以保存的范围。"))
