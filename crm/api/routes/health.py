"""Whether this server lives, is ready for work, and how it fares. Open: they say no secrets."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm import indexing
from crm.accounts.guards import public
from crm.api import answers, metrics
from crm.extensions import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def live() -> Response:
    """The process answers; nothing else is asked."""
    return answers.respond({"status": "ok"})


@bp.get("/readyz")
@public
def ready() -> Response:
    """Whether work can be done: 503 without the database, `degraded` without the search engine."""
    database = _database_answers()
    index = indexing.index()
    search = index.available()
    status = "unavailable" if not database else "ok" if search else "degraded"
    body = {
        "status": status,
        "database": "ok" if database else "down",
        "search": "ok" if search else "down",
        "engine": index.engine.name,
    }
    return answers.respond(body, 200 if database else 503)


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


@bp.get("/metrics")
@public
def figures() -> Response:
    """Figures for Prometheus; see `crm.api.metrics` for what they count."""
    return Response(metrics.text(), content_type=CONTENT_TYPE_LATEST)
