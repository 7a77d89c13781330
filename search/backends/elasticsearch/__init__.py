"""The engine for large zones: an Elasticsearch 9 server or cluster, with the official client."""

from search.backends.elasticsearch.client import ServerSettings
from search.backends.elasticsearch.engine import ElasticsearchEngine

__all__ = ["ElasticsearchEngine", "ServerSettings"]
