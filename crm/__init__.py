"""The investment-attraction CRM. `create_app` wires the parts and decides nothing."""

import secrets
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from crm import extensions, wiring
from crm.core import web


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application from the environment, `overrides` going first."""
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_mapping(config.from_environment())
    app.config.update(overrides or {})
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secrets.token_urlsafe(32)
    Path(app.config["DATA_DIR"]).mkdir(parents=True, exist_ok=True)
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        # Only with a proxy before us: anyone else could write any address into these headers.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(config.ROOT / "migrations"))
    extensions.login_manager.init_app(app)
    extensions.csrf.init_app(app)
    # A ready Locale does as well as its code, whatever the annotation says.
    extensions.babel.init_app(app, locale_selector=wiring.select_locale)  # type: ignore[arg-type]
    extensions.limiter.init_app(app)
    web.init_app(app)
    wiring.register(app)
    return app
