"""How bodies and queries are read, without a database."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import HealthCheck, given, settings, strategies as st

from crm.api import reading
from crm.api.problems import Problem
from crm.api.schemas.companies import CompanyBody, CompanyQuery
from crm.api.schemas.interactions import InteractionBody
from crm.api.schemas.leads import LeadPatch, LeadQuery, StageMove
from crm.companies.kinds import HonourKind
from crm.core.errors import FieldErrors
from crm.core.quantity import Money
from crm.leads.kinds import Sector
from crm.leads.stages import Stage


@pytest.fixture(scope="module")
def bare() -> Flask:
    """An application with nothing in it."""
    app = Flask(__name__)
    Babel(app, default_locale="zh_CN")
    return app


def sent(app: Flask, text: str | bytes, model: Any) -> Any:
    with app.test_request_context(method="POST", data=text, content_type="application/json"):
        return reading.body(model)


def asked(app: Flask, query: str, model: Any) -> Any:
    with app.test_request_context(f"/?{query}"):
        return reading.query(model)


def test_values_are_typed_and_exact(bare: Flask) -> None:
    lead = sent(
        bare,
        '{"investment_wan_cny": 12345678.123456, "land_mu": "13公顷", "jobs": 5, "is_no1": 1,'
        ' "sector": "制造业", "stage": "contacted", "received_on": "2026-11-02", "source": null,'
        ' "agreed_amount": "3000万美元", "energy_tce": "暂不能提供", "chain_nodes": "a; b；a"}',
        LeadPatch,
    )
    assert lead.given == {
        "investment_wan_cny": Decimal("12345678.123456"),
        "land_mu": Decimal(195),
        "jobs": 5,
        "is_no1": True,
        "sector": Sector.MANUFACTURING,
        "stage": Stage.CONTACTED,
        "received_on": date(2026, 11, 2),
        "source": None,
        "agreed_amount": Money(Decimal(3000), "USD"),
        "energy_tce": "unavailable",
        "chain_nodes": ["a", "b"],
    }


def test_honours_come_in_three_forms(bare: Flask) -> None:
    forms = (
        '"little_giant:国家:2025"',
        '["little_giant:国家:2025"]',
        '[{"kind": "little_giant", "level": "national", "year": 2025}]',
    )
    for form in forms:
        body = sent(bare, f'{{"name": "x", "honours": {form}}}', CompanyBody)
        (honour,) = body.honours
        assert honour["kind"] is HonourKind.LITTLE_GIANT
        assert (honour["level"].value, honour["year"]) == ("national", 2025)


@pytest.mark.parametrize(
    ("model", "text", "fields"),
    [
        (StageMove, "{}", {"stage", "on"}),
        (StageMove, '{"stage": "signed", "on": "2026-02-30"}', {"on"}),
        (StageMove, '{"stage": 4, "on": 20261124}', {"stage", "on"}),
        (InteractionBody, '{"kind": "visit", "occurred_on": "2026-11-24", "text": ""}', {"text"}),
        (
            LeadPatch,
            '{"jobs": 1.5, "likelihood": true, "title": 5}',
            {"jobs", "likelihood", "title"},
        ),
        (LeadPatch, '{"anchor_ids": [0], "anchor_refs": {"a": 1}}', {"anchor_ids", "anchor_refs"}),
        (LeadPatch, '{"summary": {"deep": ["\\u0000"]}}', {"summary"}),
        (CompanyBody, '{"name": "x", "nom": 1, "\\u0007": 2}', {"�"}),
    ],
)
def test_faults_are_named_by_field(bare: Flask, model: Any, text: str, fields: set[str]) -> None:
    with pytest.raises(FieldErrors) as raised:
        sent(bare, text, model)
    assert set(raised.value.errors) == fields
    assert all(text[-1] in "。：" for texts in raised.value.errors.values() for text in texts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(bare: Flask, data: bytes) -> None:
    with suppress(Problem, FieldErrors):
        assert isinstance(sent(bare, data, LeadPatch), LeadPatch)


def test_parameters_are_converted_and_split(bare: Flask) -> None:
    query = asked(bare, "honour=listed,little_giant&honour=独角兽&in_zone=0&page=2", CompanyQuery)
    assert [kind.value for kind in query.honour] == ["listed", "little_giant", "unicorn"]
    assert (query.in_zone, query.anchor, query.page, query.per_page) == (False, None, 2, 50)
    leads = asked(bare, "from=2026-11-01&stage=签约", LeadQuery)
    assert (leads.from_, leads.stage) == (date(2026, 11, 1), (Stage.SIGNED,))


@pytest.mark.parametrize(
    ("text", "field"),
    [("from_=2026-11-01", "from_"), ("page=1&page=2", "page"), ("x%0a=1", "x\n"), ("q=%7f", "q")],
)
def test_parameters_at_fault_are_named(bare: Flask, text: str, field: str) -> None:
    with pytest.raises(FieldErrors) as raised:
        asked(bare, text, LeadQuery)
    assert set(raised.value.errors) == {field}
