"""Trade terms edited in the product: in force at the next search, logged, never contradictory."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import indexing
from crm.core.activity import Activity
from crm.core.permissions import Role
from crm.find.models import SynonymGroup
from tests.factories import InteractionFactory
from tests.support.clients import Client
from tests.support.html import check_html

AsUser = Callable[..., Client]
PAGE = "/admin/settings/synonyms"


@pytest.fixture(params=[Role.MANAGER, Role.ADMIN])
def keeper(as_user: AsUser, request: pytest.FixtureRequest) -> Client:
    """Whoever keeps the rules: manager and administrator."""
    return as_user(request.param, team=None)


def group(db_session: Session, term: str) -> SynonymGroup:
    db_session.expire_all()
    rows = db_session.scalars(select(SynonymGroup))
    return next(row for row in rows if term in (row.wider, *row.terms))


def deeds(db_session: Session) -> list[tuple[str, object]]:
    rows = db_session.scalars(
        select(Activity).where(Activity.subject_type == "synonym").order_by(Activity.id)
    )
    return [(row.verb, row.changes) for row in rows]


def test_a_group_counts_at_the_next_search_without_a_rebuild(
    keeper: Client, as_user: AsUser, db_session: Session
) -> None:
    InteractionFactory(text="谈了示例甲料。")
    db_session.commit()
    indexing.index().rebuild()
    officer = as_user()
    found = "<mark>示例甲料</mark>"
    assert found not in officer.get("/search?q=示例乙料").text
    answer = keeper.post(PAGE, data={"terms": "示例甲料、示例乙料"})
    assert answer.status_code == 303
    assert "下一次搜索就生效" in keeper.get(PAGE).text
    page = officer.get("/search?q=示例乙料").text
    assert found in page
    assert "含 示例甲料" in page
    row = group(db_session, "示例甲料")
    keeper.post(f"{PAGE}/{row.id}", data={"terms": "示例丙料、示例乙料"})
    assert found not in officer.get("/search?q=示例乙料").text
    keeper.post(f"{PAGE}/{row.id}", data={"do": "delete"})
    assert deeds(db_session) == [
        ("synonym.add", {"terms": [None, "示例甲料、示例乙料"]}),
        ("synonym.change", {"terms": ["示例甲料、示例乙料", "示例丙料、示例乙料"]}),
        ("synonym.remove", {"terms": ["示例丙料、示例乙料", None]}),
    ]


def test_a_wider_term_finds_the_narrower_not_the_reverse(
    keeper: Client, as_user: AsUser, db_session: Session
) -> None:
    InteractionFactory(text="谈了示例大类。")
    InteractionFactory(text="谈了示例小类。")
    db_session.commit()
    indexing.index().rebuild()
    keeper.post(PAGE, data={"wider": "示例大类", "terms": "示例小类"})
    officer = as_user()
    wide, narrow = (officer.get(f"/search?q={q}").text for q in ("示例大类", "示例小类"))
    assert "<mark>示例小类</mark>" in wide
    assert "<mark>示例大类</mark>" in wide
    assert "示例大类" not in narrow.split('class="hits"')[1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"terms": ""}, "请填写词。"),
        ({"terms": "示例甲"}, "至少要两个"),
        ({"terms": "示例甲、——"}, "没有字或数字"),
        ({"terms": "示例甲、示例甲"}, "“示例甲”重复了"),
        ({"terms": "示例甲、" + "长" * 61}, "最多 60 个字"),
        ({"terms": "、".join(f"示例{n}号" for n in range(51))}, "最多 50 个词"),
        ({"wider": "示例甲", "terms": "示例甲"}, "“示例甲”重复了"),
        ({"wider": "长" * 61, "terms": "示例甲"}, "最多 60 个字"),
        ({"wider": "示例甲、示例乙", "terms": "示例丙"}, "只填一个"),
        ({"wider": "负极", "terms": "示例丙"}, "已有一组下位词"),
        ({"terms": "标厂、示例丙"}, "一组里"),
        ({"wider": "硬碳", "terms": "负极"}, "成为自己的下位词"),
        ({"terms": "氮化镓、第三代半导体"}, "成为自己的下位词"),
    ],
)
def test_a_group_that_cannot_be_is_refused_with_a_reason(
    keeper: Client, db_session: Session, typed: dict[str, str], said: str
) -> None:
    before = len(db_session.scalars(select(SynonymGroup)).all())
    answer = keeper.post(PAGE, data=typed)
    assert answer.status_code == 422
    check_html(answer.text)
    assert said in answer.text
    row = group(db_session, "颗粒硅")
    wanted = list(row.terms)
    answer = keeper.post(f"{PAGE}/{row.id}", data=typed)
    assert answer.status_code == 422
    check_html(answer.text)
    assert group(db_session, "颗粒硅").terms == wanted
    assert len(db_session.scalars(select(SynonymGroup)).all()) == before
    assert deeds(db_session) == []


def test_the_page_lists_and_finds_groups(keeper: Client) -> None:
    page = keeper.get(PAGE).text
    check_html(page)
    assert "硬碳" in page
    narrowed = keeper.get(f"{PAGE}?q=標廠").text
    assert "标厂" in narrowed
    assert "硬碳" not in narrowed.split("增加一组")[0]
    assert keeper.post(f"{PAGE}/999999", data={"terms": "a、b"}).status_code == 404
