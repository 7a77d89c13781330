"""Counters that more than one part of the product counts up; `crm.api.metrics` shows them."""

from prometheus_client import CollectorRegistry, Counter

REGISTRY = CollectorRegistry()

SEARCH_FAILURES = Counter(
    "crm_search_failures",
    "What went wrong in search: a document refused, the engine away for writing or for a query.",
    ["kind"],
    registry=REGISTRY,
)
for _kind in ("document", "write", "query"):
    SEARCH_FAILURES.labels(_kind)
