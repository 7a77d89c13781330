"""The search page: what was understood, tabs and facets, results that open at the very words."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from html5lib import parse
from sqlalchemy.orm import Session

from crm import indexing
from crm.core.clock import now
from crm.core.permissions import Role, Visibility
from crm.find.routes.search import ENGINES
from search.errors import EngineUnavailable
from tests.factories import CompanyFactory, InteractionFactory, LeadFactory
from tests.support.clients import Client
from tests.support.html import check_html

AsUser = Callable[..., Client]


@pytest.fixture
def officer(as_user: AsUser) -> Client:
    return as_user(Role.OFFICER, team="项目一科")


def built(db_session: Session) -> None:
    db_session.commit()
    indexing.index().rebuild()


def links(page: str, text: str) -> list[str]:
    """The addresses of the links that say so."""
    tree = parse(page, namespaceHTMLElements=False)
    return [
        one.get("href") or ""
        for one in tree.iter("a")
        if "".join(one.itertext()).strip() == text or one.get("aria-label") == text
    ]


def asked(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("q", [""])[0]


def test_what_was_understood_can_be_taken_off_or_read_as_words(
    officer: Client, db_session: Session
) -> None:
    InteractionFactory(company=CompanyFactory(name="示例彭门机电有限公司"), text="履带要 200 亩。")
    built(db_session)
    page = officer.get("/search", query_string={"q": "示例彭门机电 200亩左右 履带"}).text
    check_html(page)
    (firm, amount) = links(page, "按原词")
    assert asked(firm) == '"示例彭门机电" 200亩左右 履带'
    assert asked(amount) == '示例彭门机电 "200亩左右" 履带'
    assert [asked(one) for one in links(page, "去掉 履带")] == ["示例彭门机电 200亩左右"]
    quoted = officer.get(firm).text
    assert "原样" in quoted
    assert len(links(quoted, "按原词")) == 1
    assert "160–240" not in links(page, "按原词")
    assert "亩" in page.split("数量范围", 1)[1][:80]


def test_tabs_and_facets_count_within_the_viewers_access(
    officer: Client, db_session: Session
) -> None:
    company = CompanyFactory(name="示例彭门机电有限公司", summary="含氟废水")
    lead = LeadFactory(company=company, title="含氟废水处理", owner=officer.user)
    InteractionFactory(lead=lead, text="谈了含氟废水。", author=officer.user)
    hidden = LeadFactory(title="含氟废水密项", visibility=Visibility.CONFIDENTIAL)
    InteractionFactory(lead=hidden, text="含氟废水密谈。")
    built(db_session)
    page = officer.get("/search?q=含氟废水").text
    check_html(page)
    for tab in ("全部3", "企业1", "线索1", "走访接洽1"):
        assert links(page, tab), tab
    narrowed = officer.get(links(page, "线索1")[0]).text
    assert "含氟废水</mark>处理" in narrowed
    assert "谈了" not in narrowed
    assert links(narrowed, "走访接洽1")
    assert "密" not in page.split('class="hits"')[1]


def test_a_result_says_who_when_which_firm_and_which_stage_and_opens_at_the_words(
    officer: Client, db_session: Session
) -> None:
    lead = LeadFactory(owner=officer.user, title="示例云龙项目")
    text = "第一行。\n<b>含氟废水</b> & 要等批复。"
    note = InteractionFactory(lead=lead, text=text, author=officer.user)
    built(db_session)
    page = officer.get("/search?q=含氟废水").text
    hit = page.split('class="hits"')[1]
    for said in (officer.user.name, "项目一科", lead.company.label, lead.title, lead.stage.label):
        assert said in hit, said
    (address,) = {
        unescape(one) for one in links(page, lead.company.label) if "/interactions/" in one
    }
    assert address.startswith(f"/interactions/{note.id}?q=")
    assert address.endswith("#hit")
    opened = officer.get(address).text
    check_html(opened)
    assert '&lt;b&gt;<mark id="hit">含氟废水</mark>&lt;/b&gt; &amp; 要等批复。' in opened
    assert opened.count('id="hit"') == 1
    plain = officer.get(f"/interactions/{note.id}").text
    assert "<mark" not in plain
    assert officer.get(f"/interactions/{note.id}?q=" + "长" * 400).status_code == 200


def test_the_page_names_the_engine_that_answered(officer: Client, db_session: Session) -> None:
    built(db_session)
    assert "内置引擎 · " in officer.get("/search?q=废水").text
    assert ENGINES["elasticsearch"] == "Elasticsearch"


def test_without_an_engine_the_page_says_so_and_leads_to_the_lists(
    officer: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search_index"].engine, "search", away)
    answer = officer.get("/search?q=废水")
    check_html(answer.text)
    assert answer.status_code == 200
    assert "搜索暂时不可用" in answer.text
    assert any("/leads/?q=" in one for one in links(answer.text, "线索"))


def test_a_slip_is_mended_and_said(officer: Client, db_session: Session) -> None:
    CompanyFactory(name="示例卡斯特尔机械有限公司", short_name="示例卡斯特尔")
    built(db_session)
    page = officer.get("/search?q=示例卡斯特耳").text
    assert "您要找的是不是" in page
    assert "示例卡斯特尔" in page


def test_a_lead_turned_confidential_is_neither_shown_nor_counted(
    officer: Client, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = LeadFactory(title="含氟废水项目")
    LeadFactory(title="含氟废水另一个")
    built(db_session)
    lead.visibility = Visibility.CONFIDENTIAL
    db_session.commit()
    page = officer.get("/search?q=含氟废水").text
    assert "废水</mark>项目" not in page
    assert ">1 条<" in " ".join(page.split()).replace("> ", ">").replace(" <", "<")
    assert not links(page, "线索2")


def test_what_came_in_after_a_moment_is_asked_for_by_the_address(
    officer: Client, db_session: Session
) -> None:
    moment = now() - timedelta(days=2)
    LeadFactory(title="含氟废水旧", created_at=moment - timedelta(seconds=1))
    LeadFactory(title="含氟废水新", created_at=moment + timedelta(seconds=1))
    built(db_session)
    stamp = moment.replace(tzinfo=None).isoformat()
    page = officer.get("/search", query_string={"q": "含氟废水", "added": stamp}).text
    assert "废水</mark>新" in page
    assert "废水</mark>旧" not in page
    assert links(page, "线索1")
    for odd in (
        "昨天",
        "9999-12-31T23:59:59",
        "0001-01-01",
        "2099-01-01",
        "2026-11-24T00:00:00+99:00",
    ):
        assert (
            officer.get("/search", query_string={"q": "含氟废水", "added": odd}).status_code == 200
        )
    future = officer.get("/search?q=含氟废水&added=2099-01-01").text
    assert 'class="hits"' not in future
