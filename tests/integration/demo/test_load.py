"""The demo data: what there is, that it keeps the rules, that it never mixes with other data."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.accounts import passwords
from crm.accounts.models import User
from crm.companies import uscc
from crm.companies.kinds import DecisionRole, HonourKind, InvestorNature
from crm.companies.models import Company, Contact, Honour
from crm.core import clock
from crm.core.activity import Activity
from crm.core.notices import Notice
from crm.core.permissions import Role, Visibility
from crm.demo import load, sign_ins
from crm.demo.people import PASSWORD
from crm.extensions import db
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.models import Interaction
from crm.leads.kinds import Character, Sector, SiteKind
from crm.leads.models import Collision, FirstReport, Lead, StageEntry
from crm.leads.stages import Stage, Status
from tests.conftest import PRESENT, app_for

TODAY = clock.day_of(PRESENT)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def demo(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Flask]:
    """An application on a database with demo data, loaded once for all tests of the module."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    folder = tmp_path_factory.mktemp("demo")
    with databases.fresh(folder) as url:
        app = app_for(url, folder)
        with app.app_context():
            with clock.frozen(PRESENT):
                load()
            yield app
            db.session.remove()
            db.engine.dispose()
        app.extensions["search_index"].engine.close()


def seen(column: Any) -> set[Any]:
    """All values of a column."""
    return set(db.session.scalars(select(column).distinct()))


def count(model: Any, *where: Any) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_there_is_enough_of_everything(demo: Flask) -> None:
    assert count(User) >= 20
    assert count(Company, Company.name.startswith("示例")) >= 100
    assert count(Lead) >= 105
    assert count(Interaction) >= 400
    assert count(Collision) >= 4
    assert count(Notice) >= 20
    texts = list(db.session.scalars(select(Interaction.text)))
    assert len(set(texts)) > len(texts) * 0.9
    assert not [text for text in texts if "{" in text or "}" in text]
    per_kind = db.session.execute(
        select(Honour.kind, func.count(Honour.company_id.distinct()))
        .join(Company)
        .where(Company.name.startswith("示例"))
        .group_by(Honour.kind)
    )
    assert {kind: n for kind, n in per_kind if n >= 12}.keys() == set(HonourKind)
    assert count(Honour, Honour.valid_until < TODAY) >= 10
    assert {"德国", "日本", "韩国", "美国"} <= seen(Company.country)
    assert count(Company, Company.parent_id.is_not(None)) >= 5


def test_every_word_of_the_product_occurs(demo: Flask) -> None:
    assert seen(User.role) == set(Role)
    assert seen(Lead.stage) == set(Stage)
    assert seen(Lead.status) == set(Status)
    assert seen(Lead.visibility) == set(Visibility)
    assert seen(Lead.sector) == set(Sector)
    assert set(Character) <= seen(Lead.character)
    assert set(SiteKind) <= seen(Lead.site_kind)
    assert set(DecisionRole) <= seen(Contact.decision_role)
    assert set(InvestorNature) <= seen(Company.investor_nature)
    assert seen(Interaction.kind) == set(InteractionKind)
    assert set(Outcome) <= seen(Interaction.outcome)
    assert len(seen(Lead.source_id)) == 12
    assert count(Lead, Lead.is_no1) >= 3
    assert count(Lead, Lead.owner_id.is_(None)) >= 4
    assert count(Lead, Lead.people.any()) >= 5
    assert count(Lead, Lead.anchors.any()) >= 20


def test_real_firms_have_no_leads_contacts_or_notes(demo: Flask) -> None:
    real = select(Company.id).where(Company.name.not_like("示例%"))
    assert count(Company, Company.id.in_(real)) == 20
    assert not count(Lead, Lead.company_id.in_(real))
    assert not count(Contact, Contact.company_id.in_(real))
    assert not count(Interaction, Interaction.companies.any(Company.id.in_(real)))
    anchors = select(Company.name).where(Company.is_anchor)
    assert set(db.session.scalars(anchors)) == {
        "徐工集团", "协鑫集团", "卡特彼勒", "弘元绿能", "恢弘", "比亚迪",
    }  # fmt: skip
    plain = list(db.session.scalars(select(Contact.name).where(Contact.name.not_like("示例%"))))
    assert not plain


def test_stamps_are_in_the_past_and_the_log_is_whole(demo: Flask) -> None:
    assert count(FirstReport) == count(Lead)
    assert count(StageEntry, StageEntry.override_reason != "") == 2
    assert not count(Interaction, Interaction.occurred_on > TODAY)
    assert not count(StageEntry, StageEntry.entered_on > TODAY)
    assert not count(Lead, Lead.received_on > TODAY)
    for stamp in (Interaction.created_at, Lead.created_at, Activity.at, Notice.at):
        assert not count(stamp.class_, stamp > PRESENT)
    assert count(Interaction, Interaction.next_on > TODAY) >= 10
    for lead in db.session.scalars(select(Lead)):
        entries = sorted(
            db.session.scalars(select(StageEntry).where(StageEntry.lead_id == lead.id)),
            key=lambda entry: entry.id,
        )
        assert [entry.to_stage for entry in entries] == list(Stage)[: lead.stage.position + 1]
        assert [entry.entered_on for entry in entries] == sorted(e.entered_on for e in entries)
        assert bool(lead.lost_to and lead.lost_reason) is (lead.status is Status.LOST), lead.title


def test_the_officer_has_a_day_before_them(demo: Flask) -> None:
    officer = db.session.scalars(select(User).where(User.username == "zhoumin")).one()
    assert passwords.matches(officer.password_hash, PASSWORD)
    assert not officer.must_change_password
    open_steps = (
        Interaction.next_owner_id == officer.id,
        Interaction.next_step != "",
        Interaction.next_done_on.is_(None),
    )
    assert count(Interaction, *open_steps, Interaction.next_on < TODAY)
    assert count(Interaction, *open_steps, Interaction.next_on == TODAY)
    assert count(Interaction, *open_steps, Interaction.next_on > TODAY)
    assert count(Interaction, Interaction.next_done_on.is_not(None)) >= 100
    assert count(Lead, Lead.owner_id == officer.id, Lead.status == Status.ACTIVE) >= 5
    assert count(Lead, Lead.received_on >= TODAY.replace(day=23), Lead.responded_on.is_(None)) >= 3


def test_codes_are_valid_and_the_password_is_good(demo: Flask) -> None:
    codes = [code for code in seen(Company.uscc) if code]
    assert len(codes) >= 40
    assert not [str(fault) for code in codes if (fault := uscc.find_fault(code))]
    assert not [code for code in codes if uscc.inner_check_fails(code)]
    assert not passwords.weaknesses(PASSWORD, "zhoumin")


def test_a_second_load_is_refused(demo: Flask) -> None:
    before = count(Lead)
    result = demo.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 1
    assert "数据库里已有数据" in result.output
    assert count(Lead) == before


def test_the_sign_ins_are_named(demo: Flask) -> None:
    lines = "\n".join(sign_ins())
    assert PASSWORD in lines
    for username in ("zhoumin", "teamlead", "manager", "reviewer", "admin", "auditor"):
        assert username in lines


def test_without_demo_data_no_sign_ins_are_named(app: Flask) -> None:
    assert sign_ins() == []
