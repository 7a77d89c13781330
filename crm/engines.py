"""Which search engine the settings ask for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from search.backends.base import Engine
from search.backends.embedded import EmbeddedEngine


def from_settings(config: Mapping[str, Any]) -> Engine:
    """Elasticsearch where ELASTICSEARCH_URL names a server, else the embedded engine."""
    if not config["ELASTICSEARCH_URL"]:
        return EmbeddedEngine(Path(config["DATA_DIR"]) / "search")
    from search.backends.elasticsearch import ElasticsearchEngine, ServerSettings

    return ElasticsearchEngine(
        ServerSettings(
            url=config["ELASTICSEARCH_URL"],
            api_key=config["ELASTICSEARCH_API_KEY"] or None,
            ca_certs=config["ELASTICSEARCH_CA_CERTS"] or None,
            verify=config["ELASTICSEARCH_VERIFY"],
            shards=config["ELASTICSEARCH_SHARDS"],
            replicas=config["ELASTICSEARCH_REPLICAS"],
            timeout=config["ELASTICSEARCH_TIMEOUT"],
            index=config["ELASTICSEARCH_INDEX"],
        )
    )
