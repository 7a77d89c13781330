"""Figures for Prometheus: requests of this server, the index queue, documents, sign-ins, the pool.

Labels hold names of views, methods and status codes alone, never a word of the business. Under
gunicorn the counters of all worker processes are added up (files in `PROMETHEUS_MULTIPROC_DIR`,
set by `gunicorn.conf.py`); without that directory they are those of the process that answers.
What is read at each scrape comes from the database and is the same whoever answers, except the
connection pool, which is the answering process's own.
"""

import os
import time
from collections.abc import Iterator

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from crm import indexing
from crm.accounts.models import SignInAttempts
from crm.core.activity import Activity
from crm.core.figures import REGISTRY
from crm.core.outbox import OutboxRow
from crm.extensions import db

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
UNKNOWN = "unknown"

_own = REGISTRY
_requests = Counter(
    "crm_requests", "Requests answered.", ["endpoint", "method", "status"], registry=_own
)
_seconds = Histogram(
    "crm_request_seconds",
    "Time from the arrival of a request to its answer.",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_own,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Count every request of the application."""
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.started_at = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or UNKNOWN
    method = request.method if request.method in _METHODS else UNKNOWN
    _requests.labels(endpoint, method, str(response.status_code)).inc()
    started = g.get("started_at")
    if started is not None:
        _seconds.labels(endpoint).observe(time.perf_counter() - started)
    return response


def text() -> bytes:
    """All figures in Prometheus' text format."""
    registry = _own
    if os.environ.get(MULTIPROCESS):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    now.register(_State())
    return generate_latest(registry) + generate_latest(now)


class _State(Collector):
    """What is read when Prometheus asks; a database that is down leaves its figures out."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("crm_search_up", "Whether the search engine answers.", _search_up())
        try:
            found = list(_from_database())
        except SQLAlchemyError:
            current_app.logger.warning("no figures from the database")
            db.session.rollback()
            yield _gauge("crm_database_up", "Whether the database answers.", 0)
            return
        yield _gauge("crm_database_up", "Whether the database answers.", 1)
        yield from found


def _from_database() -> Iterator[Metric]:
    status = indexing.index().status()
    yield _gauge("crm_outbox_pending", "Documents that wait to be indexed.", status.pending)
    yield _gauge(
        "crm_outbox_oldest_seconds",
        "How long the oldest of them has waited.",
        status.oldest_pending_seconds,
    )
    yield _gauge("crm_search_pending", "Documents that wait to be indexed.", status.pending)
    yield _gauge(
        "crm_search_oldest_pending_seconds",
        "How far the index lags behind: how long the oldest of them has waited.",
        status.oldest_pending_seconds,
    )
    refused = select(func.count()).select_from(OutboxRow).where(OutboxRow.attempts > 0)
    yield _gauge(
        "crm_search_refused",
        "Documents among them that the engine has refused and that are tried again.",
        db.session.scalar(refused) or 0,
    )
    documents = GaugeMetricFamily(
        "crm_search_documents", "Documents in the index by type.", labels=["type"]
    )
    for name, count in status.documents.items():
        documents.add_metric([name], count)
    yield documents
    tries = select(func.coalesce(func.sum(SignInAttempts.count), 0))
    yield _gauge(
        "crm_sign_in_failures",
        "Failed tries to sign in that are remembered now; a success or time forgets them.",
        db.session.scalar(tries) or 0,
    )
    locked = select(func.count()).where(Activity.verb == "account.locked")
    yield _gauge(
        "crm_sign_in_locks", "Accounts locked after failures, ever.", db.session.scalar(locked) or 0
    )
    yield from _pool()


def _pool() -> Iterator[Metric]:
    pool = db.engine.pool
    if isinstance(pool, QueuePool):
        yield _gauge(
            "crm_database_pool_in_use", "Connections in use in this process.", pool.checkedout()
        )
        yield _gauge("crm_database_pool_size", "Connections this process keeps.", pool.size())


def _search_up() -> int:
    return int(indexing.index().available())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
