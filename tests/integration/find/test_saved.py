"""Saved searches, and what they tell: nothing but what the owner may see at that moment."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import indexing
from crm.core import clock
from crm.core.notices import Notice
from crm.core.permissions import Role, Visibility
from crm.find import watching
from crm.find.models import SavedSearch
from crm.leads.models import Lead
from search.errors import EngineUnavailable
from tests.factories import InteractionFactory, LeadFactory, UserFactory, team_named
from tests.search.servers import remove_indices, server_settings
from tests.support.clients import Client
from tests.support.html import check_html

AsUser = Callable[..., Client]
BEGIN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.es)])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Each engine in turn."""
    if request.param == "embedded":
        yield {}
        return
    found: Mapping[str, str] = request.getfixturevalue("elasticsearch_settings")
    server = server_settings(found, index=f"test-{secrets.token_hex(6)}")
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


class Moments:
    """Lets time pass for the test and what it calls."""

    def __init__(self) -> None:
        self.at = BEGIN
        self._held: Any = None

    def after(self, **span: float) -> datetime:
        """Go on by so much; the new present."""
        self.close()
        self.at += timedelta(**span)
        self._held = clock.frozen(self.at)
        self._held.__enter__()
        return self.at

    def close(self) -> None:
        """Let the clock go."""
        if self._held is not None:
            self._held.__exit__(None, None, None)
            self._held = None


@pytest.fixture
def moments() -> Iterator[Moments]:
    found = Moments()
    found.after()
    yield found
    found.close()


@pytest.fixture
def officer(app: Flask, moments: Moments, as_user: AsUser) -> Client:
    indexing.index().rebuild()
    return as_user(Role.OFFICER, team="项目一科")


def save(client: Client, name: str = "氟", notify: bool = True, **asked: str) -> SavedSearch:
    typed = {"name": name, **(asked or {"q": "含氟废水"}), **({"notify": "y"} if notify else {})}
    answer = client.post("/search/saved", data=typed)
    assert answer.status_code == 303, answer.text
    return only_saved(client)


def only_saved(client: Client) -> SavedSearch:
    from crm.extensions import db

    query = select(SavedSearch).where(SavedSearch.user_id == client.user.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def checked(db_session: Session) -> list[str]:
    """Check, and the texts of the unread notices."""
    db_session.commit()
    index = indexing.index()
    index.repair(index.verify())
    watching.check_all()
    query = select(Notice.text).where(Notice.read_at.is_(None)).order_by(Notice.id)
    return list(db_session.scalars(query))


def test_what_is_new_is_told_once_with_its_number(
    officer: Client, db_session: Session, moments: Moments
) -> None:
    LeadFactory(title="含氟废水旧", created_at=BEGIN - timedelta(days=1))
    kept = save(officer)
    assert checked(db_session) == []
    moments.after(minutes=3)
    LeadFactory(title="含氟废水新")
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]
    moments.after(minutes=3)
    LeadFactory(title="含氟废水更新")
    LeadFactory(title="光伏组件")
    assert checked(db_session) == ["“氟”有 2 条新的匹配"]
    assert checked(db_session) == ["“氟”有 2 条新的匹配"]
    notice = db_session.scalars(select(Notice)).one()
    assert notice.user_id == officer.user.id
    opened = officer.post(f"/notices/{notice.id}", follow_redirects=True).text
    check_html(opened)
    assert "废水</mark>新" in opened
    assert "废水</mark>旧" not in opened
    assert "2 条" in opened
    # Read: only what comes now is told.
    moments.after(seconds=1)
    assert checked(db_session) == []
    moments.after(minutes=3)
    LeadFactory(title="含氟废水最新")
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]
    assert kept.id == only_saved(officer).id


def test_nothing_is_told_that_the_owner_may_not_see(
    officer: Client, db_session: Session, moments: Moments
) -> None:
    save(officer)
    moments.after(minutes=3)
    other = team_named("项目二科")
    for visibility in (Visibility.TEAM, Visibility.CONFIDENTIAL):
        lead = LeadFactory(title="含氟废水密", visibility=visibility, team=other)
        InteractionFactory(lead=lead, text="谈了含氟废水。")
    assert checked(db_session) == []
    assert only_saved(officer).told == []
    LeadFactory(title="含氟废水明", visibility=Visibility.ZONE, team=other)
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]
    page = officer.get("/search/saved").text
    check_html(page)
    assert "1 条新的" in page


def test_a_notice_is_taken_back_where_a_lead_turns_confidential(
    officer: Client, db_session: Session, moments: Moments
) -> None:
    save(officer)
    moments.after(minutes=3)
    lead: Lead = LeadFactory(title="含氟废水", team=team_named("项目二科"))
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]
    notice = db_session.scalars(select(Notice)).one()
    lead.visibility = Visibility.CONFIDENTIAL
    db_session.commit()
    opened = officer.get(notice.url, follow_redirects=True).text
    assert 'class="hits"' not in opened
    assert checked(db_session) == []
    assert db_session.scalars(select(Notice)).all() == []
    assert only_saved(officer).notice_id is None


def test_only_what_is_asked_for_is_told(
    officer: Client, db_session: Session, moments: Moments
) -> None:
    save(officer, q="含氟废水 硬碳", type="lead")
    moments.after(minutes=3)
    lead = LeadFactory(title="含氟废水")
    InteractionFactory(lead=lead, text="含氟废水 硬碳")
    assert checked(db_session) == []
    LeadFactory(title="硬碳含氟废水")
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]


def test_without_the_wish_or_the_right_nothing_is_told(
    officer: Client, db_session: Session, moments: Moments
) -> None:
    kept = save(officer, notify=False)
    moments.after(minutes=3)
    LeadFactory(title="含氟废水")
    assert checked(db_session) == []
    officer.post(f"/search/saved/{kept.id}", data={"do": "notify"})
    assert checked(db_session) == []
    moments.after(minutes=3)
    LeadFactory(title="含氟废水二")
    officer.user.role = Role.ADMIN
    assert checked(db_session) == []
    officer.user.role = Role.OFFICER
    officer.user.is_enabled = False
    assert checked(db_session) == []
    officer.user.is_enabled = True
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]
    officer.post(f"/search/saved/{kept.id}", data={"do": "quiet"})
    assert checked(db_session) == []


def test_a_notice_stays_as_it_is_while_the_engine_is_away(
    officer: Client,
    db_session: Session,
    moments: Moments,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(officer)
    moments.after(minutes=3)
    LeadFactory(title="含氟废水")
    assert len(checked(db_session)) == 1

    def away(*_: object, **__: object) -> None:
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search_index"].engine, "search", away)
    watching.check_all()
    assert len(db_session.scalars(select(Notice)).all()) == 1


def test_searches_are_listed_renamed_and_deleted_by_their_owner_alone(
    officer: Client, db_session: Session, as_user: AsUser
) -> None:
    kept = save(
        officer, name="氟水", q="含氟废水", stage="negotiating", team=str(team_named("项目一科").id)
    )
    page = officer.get("/search/saved").text
    check_html(page)
    for said in ("氟水", "含氟废水", "深度洽谈", "项目一科"):
        assert said in page
    other = as_user(Role.MANAGER, team=None)
    assert "氟水" not in other.get("/search/saved").text
    address = f"/search/saved/{kept.id}"
    assert other.get(address).status_code == 404
    assert other.post(address, data={"do": "delete"}).status_code == 404
    opened = officer.get(address)
    assert opened.status_code == 303
    assert "stage=negotiating" in opened.location
    officer.post(address, data={"do": "rename", "name": "废水"})
    assert only_saved(officer).name == "废水"
    assert officer.get("/suggest.json?q=").json["items"][0]["name"] == "废水"
    assert officer.get("/suggest.json?q=废水").json["items"][0]["type"] == "saved"
    officer.post(address, data={"do": "delete"})
    assert "废水" not in officer.get("/search/saved").text.split("toasts")[0].split("已删除")[0]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "q": "氟"}, "请填写名称。"),
        ({"name": "长" * 61, "q": "氟"}, "60"),
        ({"name": "已有", "q": "氟"}, "已有"),
        ({"name": "空", "q": " "}, "请先输入要找的内容"),
    ],
)
def test_a_search_that_cannot_be_kept_is_refused_with_a_reason(
    officer: Client, typed: dict[str, str], said: str
) -> None:
    save(officer, name="已有")
    answer = officer.post("/search/saved", data=typed)
    assert answer.status_code == 422
    check_html(answer.text)
    assert said in answer.text


def test_two_checks_at_once_leave_one_notice(
    officer: Client, db_session: Session, moments: Moments, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(officer)
    moments.after(minutes=3)
    LeadFactory(title="含氟废水")
    UserFactory()
    first = watching._found

    def both(*args: Any) -> Any:
        monkeypatch.setattr(watching, "_found", first)
        found = first(*args)
        assert watching.check(args[0].id)
        return found

    monkeypatch.setattr(watching, "_found", both)
    assert checked(db_session) == ["“氟”有 1 条新的匹配"]
