"""Rules, lists and the calendar as the zone keeps them."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core import settings
from crm.core.activity import Activity
from crm.core.permissions import Role
from crm.core.settings import RULES, ListItem, ListKind, Workday
from tests.support.clients import Client

AsUser = Callable[..., Client]


@pytest.fixture(params=[Role.MANAGER, Role.ADMIN])
def keeper(as_user: AsUser, request: pytest.FixtureRequest) -> Client:
    """Whoever keeps the rules: manager and administrator."""
    return as_user(request.param)


def changes(db_session: Session) -> list[object]:
    return list(db_session.scalars(select(Activity.changes).order_by(Activity.id)))


def all_rules(**changed: object) -> dict[str, object]:
    return {**settings.rules(), **changed}


def test_a_rule_is_shown_with_unit_and_default(keeper: Client) -> None:
    page = keeper.get("/admin/settings").text
    for _default, label, unit in RULES.values():
        assert label in page
        assert unit in page
    assert "默认 90" in page


def test_a_rule_is_in_force_at_once_and_logged(keeper: Client, db_session: Session) -> None:
    typed = all_rules(protection_days=60, claims_per_day=0)
    assert keeper.post("/admin/settings/rules", data=typed).status_code == 303
    assert settings.rule("protection_days") == 60
    assert settings.rules()["claims_per_day"] == 0
    assert changes(db_session) == [{"首报保护期": [90, 60], "每人每天领取上限": [3, 0]}]
    stored = db_session.get(settings.Setting, "protection_days")
    assert stored is not None
    assert stored.updated_by_id == keeper.user.id
    keeper.post("/admin/settings/rules", data=typed)
    assert len(changes(db_session)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"protection_days": 0}, {"protection_days": -1}, {"protection_days": "x"},
        {"protection_days": ""}, {"protection_days": "1e99"}, {"protection_days": "9" * 400},
        {"protection_days": "3.5"}, {"login_failures": 1}, {"attachment_mb": 31},
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_and_nothing_is_saved(
    keeper: Client, db_session: Session, changed: dict[str, object]
) -> None:
    before = settings.rules()
    response = keeper.post(
        "/admin/settings/rules", data=all_rules(dwell_days_contacted=7, **changed)
    )
    assert response.status_code == 422
    assert "请填" in response.text
    db_session.expire_all()
    assert settings.rules() == before


def item(db_session: Session, label: str) -> ListItem:
    return db_session.scalars(select(ListItem).where(ListItem.label == label)).one()


def labels(kind: ListKind = ListKind.SOURCE) -> list[str]:
    return [one.label for one in settings.list_items(kind)]


def test_a_label_is_added_renamed_moved_and_hidden(keeper: Client, db_session: Session) -> None:
    keeper.post("/admin/settings/lists/source", data={"label": "校友推荐"})
    assert labels()[-1] == "校友推荐"
    url = f"/admin/settings/items/{item(db_session, '校友推荐').id}"
    keeper.post(url, data={"do": "rename", "label": "校友会"})
    keeper.post(url, data={"do": "up", "label": "校友会"})
    assert labels()[-2:] == ["校友会", "产业外溢"]
    keeper.post(url, data={"do": "down", "label": "校友会"})
    keeper.post(url, data={"do": "down", "label": "校友会"})
    assert labels()[-2:] == ["产业外溢", "校友会"]
    keeper.post(url, data={"do": "hide", "label": "校友会"})
    assert "校友会" not in labels()
    assert "校友会" in keeper.get("/admin/settings").text
    keeper.post(url, data={"do": "show", "label": "校友会"})
    assert labels()[-1] == "校友会"
    verbs = db_session.scalars(select(Activity.verb).order_by(Activity.id)).all()
    assert verbs == ["list.add", "list.rename", "list.move", "list.move", "list.hide", "list.show"]


@pytest.mark.parametrize("label", ["", "  ", "商协会", "长" * 61])
def test_a_bad_label_is_refused(keeper: Client, db_session: Session, label: str) -> None:
    before = labels()
    keeper.post("/admin/settings/lists/source", data={"label": label})
    keeper.post(f"/admin/settings/items/{item(db_session, '自行接洽').id}", data={"label": label})
    assert labels() == before
    assert "note err" in keeper.get("/admin/settings").text


def test_one_label_of_a_list_always_stays(keeper: Client, db_session: Session) -> None:
    for one in settings.list_items(ListKind.LOST_REASON):
        keeper.post(f"/admin/settings/items/{one.id}", data={"do": "hide"})
    assert len(labels(ListKind.LOST_REASON)) == 1


def test_the_calendar_can_be_edited(keeper: Client, db_session: Session) -> None:
    assert "国庆节" in keeper.get("/admin/settings/calendar?year=2026").text
    assert "还没有录入" in keeper.get("/admin/settings/calendar?year=2027").text
    typed = {"day": "2027-01-01", "works": "0", "name": "元旦"}
    response = keeper.post("/admin/settings/calendar", data=typed)
    assert response.location == "/admin/settings/calendar?year=2027"
    page = keeper.get(response.location).text
    assert "2027-01-01" in page
    assert "还没有录入" not in page
    keeper.post("/admin/settings/calendar", data={**typed, "works": "1"})
    stored = db_session.get(Workday, date(2027, 1, 1))
    assert stored is not None
    assert stored.works
    assert changes(db_session) == [
        {"2027-01-01": [None, "放假"]},
        {"2027-01-01": ["放假", "上班"]},
    ]
    assert keeper.post("/admin/settings/calendar/2027-01-01/remove").status_code == 303
    assert settings.calendar_exceptions().get(date(2027, 1, 1)) is None
    assert keeper.post("/admin/settings/calendar/2027-01-01/remove").status_code == 404
    assert keeper.post("/admin/settings/calendar/2026-02-30/remove").status_code == 404


@pytest.mark.parametrize("day", ["", "2026-02-30", "tomorrow", "0001-01-01", "9999-12-31"])
def test_a_bad_day_is_refused(keeper: Client, db_session: Session, day: str) -> None:
    before = db_session.query(Workday).count()
    typed = {"day": day, "works": "0", "name": ""}
    response = keeper.post("/admin/settings/calendar", data=typed)
    assert response.status_code == 422
    assert "field-err" in response.text
    assert db_session.query(Workday).count() == before


@pytest.mark.parametrize("year", ["0", "99999", "x", "-1", ""])
def test_an_odd_year_shows_this_one(keeper: Client, year: str) -> None:
    assert keeper.get(f"/admin/settings/calendar?year={year}").status_code == 200


@pytest.mark.parametrize("role", [Role.OFFICER, Role.TEAM_LEAD, Role.REVIEWER, Role.AUDITOR])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/settings"), ("POST", "/admin/settings/rules"),
        ("POST", "/admin/settings/lists/source"), ("POST", "/admin/settings/items/1"),
        ("GET", "/admin/settings/calendar"), ("POST", "/admin/settings/calendar"),
        ("POST", "/admin/settings/calendar/2026-10-01/remove"),
    ],
)  # fmt: skip
def test_others_do_not_get_in(
    as_user: AsUser, db_session: Session, role: Role, method: str, path: str
) -> None:
    before = labels(), settings.calendar_exceptions()
    typed = {"label": "x", "day": "2027-01-01", "works": "0", "do": "hide"}
    assert as_user(role).open(path, method=method, data=typed).status_code == 404
    assert (labels(), settings.calendar_exceptions()) == before


def test_an_unknown_list_is_404(keeper: Client) -> None:
    assert keeper.post("/admin/settings/lists/odd", data={"label": "x"}).status_code == 404
    assert keeper.post("/admin/settings/items/999999", data={"label": "x"}).status_code == 404
