"""The OpenAPI document: complete, and true under requests that it generates itself."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings, strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories import CompanyFactory, HonourFactory, InteractionFactory, LeadFactory
from tests.integration.api.caller import Caller, Json
from tests.support.clients import Client, apart

CHECKS = (
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
EXAMPLES = {GenerationMode.POSITIVE: 25, GenerationMode.NEGATIVE: 10}
# What must have come about, or the requests were not worth sending.
EXPECTED = {
    GenerationMode.POSITIVE: {200, 201, 404, 422},
    GenerationMode.NEGATIVE: {400, 404, 422},
}
METHODS = ("get", "post", "patch")


@pytest.fixture
def document(client: Client) -> Json:
    """The document as anyone gets it."""
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    found: Json = response.json
    return found


def operations(document: Json) -> Iterable[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_address_of_the_contract_is_described(document: Json, app: Flask) -> None:
    assert document["openapi"].startswith("3.1")
    described = {name.replace("/api/v1", "") for name, _one in operations(document)}
    assert described == {
        "GET /search", "GET /suggest", "GET /funnel", "GET /companies", "POST /companies",
        "GET /companies/collisions", "GET /companies/{id}", "PATCH /companies/{id}", "GET /leads",
        "POST /leads", "GET /leads/{id}", "PATCH /leads/{id}", "POST /leads/{id}/stage",
        "POST /leads/{id}/status", "GET /interactions", "POST /interactions",
        "GET /interactions/{id}", "PATCH /interactions/{id}",
    }  # fmt: skip
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    assert len(rules) == len(described) + 1, "the document describes all but itself"


def test_every_operation_says_how_it_fails_and_who_may_call(document: Json) -> None:
    assert document["security"] == [{"token": []}]
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for name, one in operations(document):
        assert one["summary"], name
        assert {"401", "403", "422", "429", "500", "503"} <= set(one["responses"]), name
        for code, answer in one["responses"].items():
            media = {"application/problem+json"} if code >= "400" else {"application/json"}
            assert code == "304" or set(answer["content"]) == media, (name, code)
        if name.startswith("PATCH"):
            assert {"404", "409", "412", "428"} <= set(one["responses"]), name
            headers = [p["name"] for p in one["parameters"] if p["in"] == "header"]
            assert headers == ["If-Match"], name
        if "{id}" in name:
            assert "404" in one["responses"], name


def test_references_lead_somewhere(document: Json) -> None:
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(schemas)
    assert "/work" not in text


def test_there_are_no_pages_that_call_elsewhere(client: Client) -> None:
    for path in ("/apidoc/swagger/", "/api/v1/apidoc/swagger/", "/api/v1/apidoc/openapi.json"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_are_as_described(
    app: Flask, calls: Callable[..., Caller], mode: GenerationMode
) -> None:
    caller = calls("manager", team=None)
    lead = LeadFactory(ref="R/1")
    note = InteractionFactory(lead=lead)
    HonourFactory(company=CompanyFactory(aliases=("示例别名",)))
    ids = [str(lead.id), str(lead.company.id), str(note.id), "ref:R/1", "99999"]

    def served(environ: Any, start_response: Any) -> Any:
        return apart(lambda: app.wsgi_app(environ, start_response))

    answered: Counter[int] = Counter()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served)
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode), key=st.sampled_from([*ids, ""]))
        @hypothesis_settings(
            max_examples=EXAMPLES[mode], derandomize=True, database=None, deadline=None,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def try_one(case: Any, key: str) -> None:
            if key and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = key
            if case.method == "PATCH" and mode is GenerationMode.POSITIVE:
                case.headers["If-Match"] = "*"
            response = case.call_and_validate(headers=caller.headers, checks=CHECKS)
            answered[response.status_code] += 1

        try_one()
    assert answered.total() >= EXAMPLES[mode] * 15
    assert set(answered) >= EXPECTED[mode], answered
