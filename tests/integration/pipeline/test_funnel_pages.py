"""The funnel's pages: every figure opens its rows, and neither shows what a person may not see."""

import re
from datetime import date, timedelta
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.core.permissions import SYSTEM, Role, Visibility
from crm.leads import services
from crm.leads.stages import Stage, Status
from tests.factories import LeadFactory, UserFactory, team_named

HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(db_session: Session, today: date) -> User:
    """An officer with leads at every stage, one of them lost, beside a hidden one."""
    officer = UserFactory(team=team_named("装备制造招商科"))
    for stage in Stage:
        LeadFactory(owner=officer, stage=stage, title=f"示例{stage.label}项目", next_step="")
    lost = LeadFactory(owner=officer, title="示例<i>流失</i>项目")
    services.set_status(
        actor=SYSTEM, lead=lost, to=Status.LOST, on=today - timedelta(days=1),
        lost_reason="土地指标 & 能耗", lost_to="示例市",
    )  # fmt: skip
    LeadFactory(
        owner=UserFactory(team=team_named("外资招商科")), title="秘密项目",
        visibility=Visibility.CONFIDENTIAL, stage=Stage.SIGNED,
    )  # fmt: skip
    db_session.commit()
    return officer


def test_every_figure_opens_as_many_rows_as_it_counts(as_user, officer: User) -> None:
    client = as_user(user=officer)
    page = client.get("/funnel/").text
    links = re.findall(r'<a href="(/funnel/rows\?[^"]+)">([\d,]+)</a>', page)
    assert len(links) > 15
    for address, count in links:
        rows = client.get(unescape(address))
        assert rows.status_code == 200
        assert rows.text.count("data-row-link") == int(count.replace(",", "")), address
        assert "秘密" not in rows.text
    assert any("reason=" in address for address, _ in links)


def test_the_page_shows_what_it_rests_on_and_no_hidden_lead(as_user, officer: User) -> None:
    page = as_user(user=officer).get("/funnel/?by=owner").text
    for word in ("只依阶段日志", "Kaplan–Meier", "土地指标 &amp; 能耗", "没有下一步的线索"):
        assert word in page
    assert "秘密" not in page
    part = as_user(user=officer).get("/funnel/?by=honour", headers=HTMX).text
    assert "<html" not in part
    assert 'id="funnel-view"' in part
    everything = as_user(Role.MANAGER).get("/funnel/rows?stage=signed&figure=entered").text
    assert "秘密项目" in everything


def test_the_picture_is_a_sound_drawing(as_user, officer: User) -> None:
    picture = as_user(user=officer).get("/funnel/picture.svg?within_days=")
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert "attachment" in picture.headers["Content-Disposition"]
    root = ET.fromstring(picture.data)  # noqa: S314 - of our own making
    assert len(root.findall("{*}rect")) == 1 + 2 * len(Stage) - 1


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-02-30", "as_of=%00", "within_days=1e9", "within_days=-1", "by=nothing", "team=abc",
        "owner=99999999999999", "from=2026-05-01&to=2026-01-01", "from=0001-01-01&as_of=9999-12-31",
        "anchor=%F0%9F%98%80", "as_of=0001-01-01", "sector=%27%3B--", "team=" + "9," * 500,
    ],
)  # fmt: skip
def test_any_address_gets_a_page(as_user, officer: User, query: str) -> None:
    client = as_user(user=officer)
    assert client.get(f"/funnel/?{query}").status_code == 200
    assert client.get(f"/funnel/picture.svg?{query}").status_code == 200
    assert client.get(f"/funnel/rows?stage=contacted&figure=waiting&{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["stage=x&figure=entered", "figure=entered", "reason=x&place=y",
     "stage=contacted&figure=amount", "stage=contacted&figure=__class__"],
)  # fmt: skip
def test_rows_of_no_figure_are_not_there(as_user, officer: User, query: str) -> None:
    assert as_user(user=officer).get(f"/funnel/rows?{query}").status_code == 404


def test_rows_without_a_figure_lead_back_to_the_funnel(as_user, officer: User) -> None:
    answer = as_user(user=officer).get("/funnel/rows?stage=contacted&within_days=30")
    assert answer.status_code == 303
    assert answer.location == "/funnel/?within_days=30"
