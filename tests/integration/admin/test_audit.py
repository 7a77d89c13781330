"""The audit log: everything is there, and no text of business records."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from crm.core import activity, clock
from crm.core.permissions import Role
from tests.factories import LeadFactory, UserFactory
from tests.support.clients import Client

AsUser = Callable[..., Client]


@pytest.fixture
def auditor(as_user: AsUser) -> Client:
    return as_user(Role.AUDITOR, name="审计员甲", team=None)


def rows_of(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_deeds_are_shown_in_words(auditor: Client, db_session: Session) -> None:
    admin = UserFactory(name="管理员", role=Role.ADMIN)
    user = UserFactory(username="zhoumin")
    activity.record(
        actor=admin.as_actor(),
        verb="user.update",
        subject_type="user",
        subject_id=user.id,
        summary="zhoumin",
        changes={"role": ["招商专员", "科室负责人"], "can_export": [False, True]},
    )
    page = auditor.get("/admin/audit").text
    for word in (
        "管理员",
        "修改账户",
        "zhoumin",
        "角色：招商专员 → 科室负责人",
        "可以导出：否 → 是",
    ):
        assert word in page


def test_no_business_text_is_shown(auditor: Client, db_session: Session) -> None:
    officer = UserFactory(name="周敏")
    lead = LeadFactory(owner=officer)
    activity.record(
        actor=officer.as_actor(),
        verb="lead.update",
        subject_type="lead",
        subject_id=lead.id,
        lead_id=lead.id,
        summary="绝密摘要",
        changes={"title": ["绝密旧名", "绝密新名"], "land_mu": ["1", "2"]},
    )
    page = auditor.get("/admin/audit").text
    assert "绝密" not in page
    assert f"第 {lead.id} 号" in page
    assert "改动 2 项" in page


def test_markup_in_the_log_is_text(auditor: Client, db_session: Session) -> None:
    actor = UserFactory(name="<script>alert(1)</script>").as_actor()
    activity.record(
        actor=actor, verb="<i>x</i>", subject_type="team", subject_id=1, summary="<b>科</b>",
        changes={"name": ["<u>a</u>", "{{ 7*7 }}"]},
    )  # fmt: skip
    rows = rows_of(auditor.get("/admin/audit").text)
    assert not any(tag in rows for tag in ("<script>", "<i>x", "<b>科", "<u>a"))
    assert "{{ 7*7 }}" in rows


def test_the_log_is_narrowed(auditor: Client, db_session: Session) -> None:
    one, two = UserFactory(name="周敏"), UserFactory(name="李思")
    days = {
        one: datetime(2026, 11, 20, 15, 59, tzinfo=UTC),
        two: datetime(2026, 11, 20, 16, 0, tzinfo=UTC),
    }
    for user, moment in days.items():
        with clock.frozen(moment):
            activity.record(
                actor=user.as_actor(),
                verb="account.sign_in" if user is one else "team.create",
                subject_type="user" if user is one else "team",
                subject_id=user.id,
            )
            db_session.flush()

    def names(query: str) -> set[str]:
        rows = rows_of(auditor.get(f"/admin/audit?{query}").text)
        return {name for name in ("周敏", "李思") if f">{name}<" in rows}

    assert names("") == {"周敏", "李思"}
    assert names(f"person={one.id}") == {"周敏"}
    assert names("verb=team.create") == {"李思"}
    assert names("subject=user") == {"周敏"}
    # 16:00 UTC is midnight in the zone: the second deed belongs to the 21st.
    assert names("to=2026-11-20") == {"周敏"}
    assert names("from=2026-11-21") == {"李思"}
    assert names("from=2026-11-20&to=2026-11-21") == {"周敏", "李思"}
    assert names("from=2026-02-30&person=x&subject=odd&page=zzz") == {"周敏", "李思"}
    assert names("verb=nothing") == set()


def test_pages_of_the_log_take_the_same_statements(
    auditor: Client, db_session: Session, count_statements: Callable[..., object]
) -> None:
    user = UserFactory()
    auditor.get("/admin/audit")
    for number in range(60):
        activity.record(
            actor=user.as_actor(), verb="user.update", subject_type="user", subject_id=number
        )
    db_session.commit()
    with count_statements() as ran:  # type: ignore[attr-defined]
        page = auditor.get("/admin/audit").text
    assert ran.total <= 6
    assert "第 1 / 2 页" in page
    assert rows_of(auditor.get("/admin/audit?page=2").text).count("<tr>") == 10


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_only_auditors_read_it(as_user: AsUser, role: Role) -> None:
    assert as_user(role).get("/admin/audit").status_code == 404


def test_an_export_is_shown_with_its_filter_but_not_with_words_searched_for(
    auditor: Client, db_session: Session
) -> None:
    activity.record(
        actor=UserFactory(name="周敏").as_actor(),
        verb="data.export",
        subject_type="leads",
        subject_id=None,
        summary="导出线索 12 行",
        changes={"filter": [None, {"q": "绝密企业", "stage": "signed"}], "rows": [None, 12]},
    )
    page = auditor.get("/admin/audit").text
    assert "绝密企业" not in page
    for words in ("线索表", "导出线索 12 行", "stage = signed", "q = （已填）"):
        assert words in page
