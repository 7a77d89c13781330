"""Indices of tests on an Elasticsearch server."""

from collections.abc import Mapping

from elasticsearch import Elasticsearch

from search.backends.elasticsearch import ServerSettings


def server_settings(
    given: Mapping[str, str], *, index: str, timeout: float = 30.0
) -> ServerSettings:
    """The engine's settings for the server of the tests; its copies are none of theirs."""
    return ServerSettings(
        url=given["ELASTICSEARCH_URL"],
        api_key=given.get("ELASTICSEARCH_API_KEY"),
        ca_certs=given.get("ELASTICSEARCH_CA_CERTS"),
        verify=given.get("ELASTICSEARCH_VERIFY", "1") != "0",
        replicas=0,
        timeout=timeout,
        index=index,
    )


def client_of(server: ServerSettings) -> Elasticsearch:
    """A client of the tests' own, to look behind the engine."""
    tls = {"ca_certs": server.ca_certs} if server.ca_certs else {}
    if not server.verify:
        tls = {"verify_certs": False, "ssl_show_warn": False}
    return Elasticsearch(server.url, api_key=server.api_key, request_timeout=30, **tls)


def remove_indices(server: ServerSettings) -> None:
    """Delete whatever an engine with these settings has made."""
    with client_of(server) as client:
        names = [*client.indices.get(index=f"{server.index}-*", features="aliases").body]
        for name in names:
            client.indices.delete(index=name)
