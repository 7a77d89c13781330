"""The product on an Elasticsearch server: saves, searches, and the server away."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any

import pytest
from flask import Flask

from crm import indexing
from crm.core.permissions import Visibility
from crm.leads.models import Lead
from tests.factories import LeadFactory
from tests.integration.api.caller import Caller
from tests.integration.api.test_find import note, search
from tests.search.servers import remove_indices, server_settings
from tooling.elasticsearch import free_port

pytestmark = pytest.mark.es


@pytest.fixture
def settings(elasticsearch_settings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The server of the tests, with indices of this test's own."""
    server = server_settings(elasticsearch_settings, index=f"test-{secrets.token_hex(6)}")
    yield {
        "ELASTICSEARCH_URL": server.url,
        "ELASTICSEARCH_API_KEY": server.api_key,
        "ELASTICSEARCH_CA_CERTS": server.ca_certs,
        "ELASTICSEARCH_VERIFY": server.verify,
        "ELASTICSEARCH_TIMEOUT": server.timeout,
        "ELASTICSEARCH_INDEX": server.index,
        "ELASTICSEARCH_REPLICAS": 0,
    }
    remove_indices(server)


@pytest.fixture
def lead(officer: Caller) -> Lead:
    """A lead to write notes on."""
    found: Lead = LeadFactory(owner=officer.user)
    return found


@pytest.fixture
def away(app: Flask, settings: dict[str, Any]) -> Callable[[], None]:
    """Lets the product look for its server where none is."""

    def go() -> None:
        index = indexing.index()
        index.engine.close()
        nowhere = {**app.config, "ELASTICSEARCH_URL": f"http://127.0.0.1:{free_port()}"}
        gone = indexing.engines.from_settings(nowhere)
        app.extensions["search_index"] = type(index)(gone, index.registry, index.outbox)

    return go


def test_a_note_is_found_by_its_authors_next_request(officer: Caller, lead: Lead) -> None:
    made = note(officer, "含氟废水要等总部批复", lead_id=lead.id)
    found = search(officer, "q=含氟废水")
    assert [hit["id"] for hit in found["items"]] == [made["id"]]
    assert (found["engine"], found["degraded"]) == ("elasticsearch", False)
    assert "<mark>含氟废水</mark>" in found["items"][0]["snippets"][0]
    assert indexing.index().status().pending == 0


def test_what_others_saved_is_left_to_the_worker(
    officer: Caller, lead: Lead, calls: Callable[..., Caller]
) -> None:
    colleague = calls()
    note(officer, "含氟废水要等总部批复", lead_id=lead.id)
    assert search(colleague, "q=含氟废水")["total"] == 0
    assert indexing.index().drain().pending == 0
    assert search(colleague, "q=含氟废水")["total"] == 1


def test_a_lead_made_confidential_a_moment_ago_is_seen_by_nobody_else(
    officer: Caller, calls: Callable[..., Caller]
) -> None:
    colleague = calls()
    lead = LeadFactory(owner=officer.user, title="隔膜基地项目")
    note(officer, "隔膜湿法工艺", lead_id=lead.id)
    indexing.index().rebuild()
    before = search(colleague, "q=隔膜")
    assert before["total"] == 2
    answer = officer.patch(f"/leads/{lead.id}", {"visibility": Visibility.CONFIDENTIAL.value})
    assert answer.status_code == 200
    after = search(colleague, "q=隔膜")
    assert after["items"] == []
    assert not after["total"]
    assert not any(after["facets"].values())


def test_without_its_server_saves_go_on_and_search_says_so(
    officer: Caller, lead: Lead, away: Callable[[], None]
) -> None:
    up = [_seconds(lambda: note(officer, "含氟废水", lead_id=lead.id)) for _ in range(15)]
    assert search(officer, "q=含氟")["total"] == 15
    away()
    search(officer, "q=含氟")
    down = [_seconds(lambda: note(officer, "含氟废水", lead_id=lead.id)) for _ in range(15)]
    assert median(down) <= 1.25 * median(up) + 0.005
    found = search(officer, "q=含氟")
    assert found["degraded"]
    assert found["items"] == []
    assert found["engine"] == "elasticsearch"
    assert indexing.index().status().pending >= 15


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def test_readiness_is_degraded_without_the_server(
    app: Flask, away: Callable[[], None], client: Any
) -> None:
    assert client.get("/readyz").json["status"] == "ok"
    away()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"


def test_rebuild_and_verify_read_the_database(officer: Caller, lead: Lead) -> None:
    note(officer, "含氟废水", lead_id=lead.id)
    index = indexing.index()
    assert not index.rebuild().failed
    assert index.drain().pending == 0
    assert not index.verify()
    assert index.status().documents == {"company": 1, "interaction": 1, "lead": 1}
