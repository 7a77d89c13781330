"""Which blueprints, commands and listeners make up the product; one line each."""

from functools import cache

from babel import Locale
from flask import Flask, has_request_context, request
from flask_login import current_user

from crm import cli, indexing
from crm.accounts import models as accounts_models, sign_in, signed_out
from crm.accounts.routes import account, admin, auth
from crm.api import problems, routes as api
from crm.chains import models as chains_models, routes as chain_pages
from crm.companies import models as companies_models
from crm.core import activity, notices, outbox, settings
from crm.demo.commands import demo
from crm.exchange import (
    commands as exchange_commands,
    models as exchange_models,
    routes as exchange_pages,
)
from crm.find import commands as find_commands, models as find_models, routes as find, watching
from crm.interactions import models as interactions_models, routes as interaction_pages
from crm.leads import contact_routes as contact_pages, models as leads_models, routes as leads_pages
from crm.pipeline import funnel_routes as funnel_pages, routes as desk
from crm.pipeline.company_pages import routes as company_pages
from search.cli import search_group

# Every module with tables, so that the metadata is complete whatever is imported first.
TABLES = (
    accounts_models,
    activity,
    chains_models,
    companies_models,
    exchange_models,
    find_models,
    interactions_models,
    leads_models,
    notices,
    outbox,
    settings,
)


def register(app: Flask) -> None:
    """Attach blueprints and commands to the application."""
    sign_in.init_app(app)
    signed_out.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(account.bp)
    app.register_blueprint(admin.bp)
    app.register_blueprint(desk.bp)
    app.register_blueprint(funnel_pages.bp)
    app.register_blueprint(find.bp)
    app.register_blueprint(chain_pages.bp)
    app.register_blueprint(company_pages.bp)
    app.register_blueprint(leads_pages.bp)
    app.register_blueprint(interaction_pages.bp)
    app.register_blueprint(contact_pages.bp)
    app.register_blueprint(exchange_pages.bp)
    api.init_app(app)
    indexing.init_app(app)
    cli.init_app(app)
    app.cli.add_command(exchange_commands.data)
    app.cli.add_command(demo)
    search = search_group(indexing.index, beside=watching.beside_worker)
    search.add_command(find_commands.explain)
    app.cli.add_command(search)


def select_locale() -> Locale:
    """The signed-in person's language; Chinese for everyone else, and for programs."""
    if not has_request_context() or request.path.startswith(problems.PREFIX):
        return _locale("zh_CN")
    if not current_user.is_authenticated:
        return _locale("zh_CN")
    return _locale(current_user.locale)


@cache
def _locale(code: str) -> Locale:
    """Read once: Babel goes through all the languages it knows each time it reads a code."""
    return Locale.parse(code)
