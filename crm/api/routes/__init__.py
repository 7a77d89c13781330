"""The addresses of the API and of operations, attached to the application here."""

from flask import Flask

from crm.api import blueprint, metrics, problems
from crm.api.routes import companies, find, funnel, health, interactions, leads

VIEWS = (companies, find, funnel, interactions, leads)
"""Importing these defines the views."""


def init_app(app: Flask) -> None:
    """Attach the API, the health checks and the metrics."""
    problems.init_app(app)
    metrics.init_app(app)
    app.register_blueprint(blueprint.bp)
    app.register_blueprint(health.bp)
