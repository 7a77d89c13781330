"""What every page shares: security headers, error pages, assets, navigation, template filters."""

import json
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_babel import get_locale, lazy_gettext as _l
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock, formatting, translating
from crm.core.errors import DomainError
from crm.core.permissions import NOBODY, Actor, Capability

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "frame-ancestors 'none'; form-action 'self'"
)


class NavItem(NamedTuple):
    """One line of the navigation."""

    endpoint: str
    icon: str
    label: Any
    group: Any
    capability: Capability


NAVIGATION = (
    NavItem("desk.show", "house", _l("工作台"), "", Capability.LOG_CONTACTS),
    NavItem("find.search", "search", _l("搜索"), "", Capability.SEE_BUSINESS),
    NavItem("leads.list", "list-task", _l("线索"), "", Capability.SEE_BUSINESS),
    NavItem("funnel.show", "funnel", _l("漏斗"), "", Capability.SEE_BUSINESS),
    NavItem("companies.list", "buildings", _l("企业"), "", Capability.SEE_BUSINESS),
    NavItem("interactions.list", "chat-left-text", _l("走访接洽"), "", Capability.SEE_BUSINESS),
    NavItem("exchange.start_import", "upload", _l("导入"), _l("管理"), Capability.IMPORT),
    NavItem("exchange.start_export", "download", _l("导出"), _l("管理"), Capability.EXPORT),
    NavItem("admin.users", "people", _l("用户与科室"), _l("管理"), Capability.ADMINISTER),
    NavItem("find.operations", "gear", _l("搜索运行"), _l("管理"), Capability.ADMINISTER),
    NavItem("admin.settings", "sliders", _l("设置"), _l("管理"), Capability.SET_RULES),
    NavItem("admin.audit", "journal-text", _l("审计日志"), _l("管理"), Capability.READ_AUDIT),
)


def current_actor() -> Actor:
    """The signed-in person as services know them; nobody when no one is signed in."""
    return current_user.as_actor() if current_user.is_authenticated else NOBODY


def home_url(actor: Actor) -> str:
    """The first page of the navigation that this person may open."""
    for item in NAVIGATION:
        if actor.can(item.capability) and item.endpoint in current_app.view_functions:
            return url_for(item.endpoint)
    return url_for("account.show")


def init_app(app: Flask) -> None:
    """Attach headers, error pages, template globals and filters to the application."""
    app.after_request(_security_headers)
    app.context_processor(_page_context)
    app.jinja_env.globals.update(asset=asset)
    app.jinja_env.filters.update(formatting.FILTERS)
    translating.init_app(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for code in (403, 404, 405, 413, 429, 500):
        app.register_error_handler(code, _error_page)
    app.register_error_handler(DomainError, _domain_error_page)


@lru_cache(maxsize=1)
def _manifest(dist: Path, _changed: float) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((dist / "manifest.json").read_text("utf-8"))
    return loaded


def asset(name: str) -> str:
    """The address of a built file, with its content hash so that browsers keep it for ever."""
    made: dict[str, str] = g.setdefault("assets", {})
    if name not in made:
        dist = Path(current_app.root_path).parent / "static" / "dist"
        manifest = dist / "manifest.json"
        known = _manifest(dist, manifest.stat().st_mtime) if manifest.exists() else {}
        made[name] = url_for("static", filename=f"dist/{name}", v=known.get(name, "0"))
    return made[name]


def wants_fragment() -> bool:
    """Whether htmx asked for a part of the page and not for a boosted whole."""
    return request.headers.get("HX-Request") == "true"


def trigger(response: Response, **events: Any) -> Response:
    """Events for the page that asked: toast, dialog-close, draft-clear and those of pages."""
    response.headers["HX-Trigger"] = json.dumps(
        {name.replace("_", "-"): value for name, value in events.items() if value}
    )
    return response


def _page_context() -> dict[str, Any]:
    # The page that says that something broke must not ask the database who is reading it.
    actor = NOBODY if g.get("has_failed") else current_actor()
    return {
        "actor": actor,
        "Capability": Capability,
        "nav_items": [
            (url_for(item.endpoint), item.icon, item.label, item.group, None)
            for item in NAVIGATION
            if actor.can(item.capability) and item.endpoint in current_app.view_functions
        ],
        "zone_name": current_app.config["ZONE_NAME"],
        "is_demo": current_app.config["DEMO"],
        "today": clock.today(),
        "html_lang": str(get_locale() or "zh_CN").replace("_", "-"),
    }


def _security_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        if request.args.get("v"):
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie, HX-Request")
    return response


def _error_page(error: HTTPException | Exception) -> AnyResponse | tuple[str, int]:
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    number = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    if code == 500:
        current_app.logger.error("page failed", extra={"number": number, "path": request.path})
    name = "404" if code == 405 else str(code)
    g.has_failed = code >= 500
    body = render_template(f"errors/{name}.html", number=number, code=code, now=clock.now())
    return body, code


def _domain_error_page(error: DomainError) -> AnyResponse | tuple[str, int]:
    if error.status == 404:
        return render_template("errors/404.html", code=404), 404
    return render_template("errors/refused.html", message=error.message), error.status
