"""The containers: what compose.yaml brings up agrees with what is tested and set."""

import re
from typing import Any

import elasticsearch
import pytest
import yaml

import config
from tests.support.sources import text_of
from tooling.layout import ROOT


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_everything_says_whether_it_works_and_comes_back(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"database", "search", "app", "worker"}
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy", (name, needed)


def test_nothing_is_open_to_the_world(compose: dict[str, Any]) -> None:
    ports = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert all(port.startswith("127.0.0.1:") for listed in ports.values() for port in listed)
    assert [name for name, listed in ports.items() if listed] == ["app"]


def test_no_secret_has_a_default() -> None:
    text = text_of(ROOT / "compose.yaml")
    secrets = re.findall(r"\$\{(SECRET_KEY|POSTGRES_PASSWORD)([^}]*)\}", text)
    assert {name for name, _ in secrets} == {"SECRET_KEY", "POSTGRES_PASSWORD"}
    assert all(rest.startswith(":?") for _, rest in secrets)


def test_the_servers_version_is_the_one_that_is_tested(compose: dict[str, Any]) -> None:
    image = compose["services"]["search"]["image"].split(":")[1]
    pom = text_of(ROOT / "tests" / "elasticsearch" / "pom.xml")
    assert f"<es.version>{image}</es.version>" in pom
    assert image.split(".")[0] == str(elasticsearch.__version__[0])


def test_the_settings_are_the_products(compose: dict[str, Any]) -> None:
    known = set(re.findall(r'"([A-Z][A-Z_]+)"', text_of(ROOT / "config.py")))
    known |= {"CRM_WORKER_THREAD"}
    assert set(compose["services"]["app"]["environment"]) <= known
    assert compose["services"]["worker"]["environment"] == compose["services"]["app"]["environment"]
    assert config.from_environment()["ELASTICSEARCH_INDEX"] == "crm"
