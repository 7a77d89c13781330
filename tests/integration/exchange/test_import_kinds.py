"""`flask data import`, kind by kind, on both databases."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.accounts.models import Team, User
from crm.companies.kinds import DecisionRole, HonourKind
from crm.companies.models import Company, Contact
from crm.core.activity import Activity
from crm.core.outbox import OutboxRow
from crm.core.permissions import Role, Visibility
from crm.core.settings import ListItem
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Collision, FirstReport, Lead, StageEntry, StatusEntry
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, LeadFactory, UserFactory, make_uscc
from tests.integration.exchange.conftest import Ran, rows_of

Write = Callable[..., Path]
Data = Callable[..., Ran]
LEAD = "ref title company_ref owner source received_on"


def one(model: type, **values: object) -> object:
    return db.session.scalars(select(model).filter_by(**values)).one()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_users_come_without_password_and_make_their_teams(write: Write, data: Data) -> None:
    path = write(
        "u.csv", "username name role team",
        ["lixm", "示例小李", "officer", "示例新科"],
        ["wangl", "示例王", "科室负责人", "示例新科"],
    )  # fmt: skip
    ran = data("import", "users", path)
    assert ran.counts == {
        "kind": "users", "created": 2, "updated": 0, "unchanged": 0, "failed": 0,
    }  # fmt: skip
    assert ran.exit_code == 0
    user = db.session.scalars(select(User).where(User.username == "wangl")).one()
    assert (user.role, user.password_hash) == (Role.TEAM_LEAD, None)
    assert user.team is not None
    assert user.team.name == "示例新科"
    assert db.session.scalar(select(func.count()).where(Team.name == "示例新科")) == 1
    assert data("import", "users", path).counts["unchanged"] == 2
    moved = write("u2.csv", "username name role team", ["lixm", "示例小李", "officer", "示例二科"])
    assert data("import", "users", moved, "--update").counts["updated"] == 1


def test_companies_with_everything(write: Write, data: Data) -> None:
    path = write(
        "c.csv",
        "ref name short_name aliases uscc country region parent_ref honours in_zone is_anchor "
        "chain_nodes products summary",
        ["A", "示例甲有限公司", "示例甲", "Sample A;甲厂", make_uscc(7), "中国", "江苏 徐州", "B",
         "little_giant:国家:2025;unicorn", "1", "0", "cm.hyd;cm.pump", "泵", "一家\n示例"],
        ["B", "示例乙集团有限公司", *[""] * 12],
    )  # fmt: skip
    ran = data("import", "companies", path)
    assert ran.counts["created"] == 2, ran.stderr
    company = db.session.scalars(select(Company).where(Company.ref == "A")).one()
    assert company.parent is not None
    assert company.parent.ref == "B"
    assert {row.name for row in company.names} == {"示例甲有限公司", "示例甲", "Sample A", "甲厂"}
    assert [(h.kind, h.valid_until) for h in company.honours] == [
        (HonourKind.LITTLE_GIANT, date(2028, 12, 31)), (HonourKind.UNICORN, None),
    ]  # fmt: skip
    assert {node.node_id for node in company.nodes} == {"cm.hyd", "cm.pump"}
    assert (company.in_zone, company.is_anchor) == (True, False)
    assert data("import", "companies", path, "--update").counts["unchanged"] == 2
    changed = write("c2.csv", "ref name summary parent_ref", ["A", "示例甲有限公司", "新", ""])
    assert data("import", "companies", changed).counts["unchanged"] == 1
    assert data("import", "companies", changed, "--update").counts["updated"] == 1
    db.session.expire_all()
    assert (company.summary, company.parent_id, company.region) == ("新", None, "江苏 徐州")


def test_parents_may_come_later_and_in_a_circle_fail(
    write: Write, data: Data, errors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.exchange.importing.companies.CompanyImporter.batch_size", 2)
    path = write(
        "c.csv", "ref name parent_ref",
        ["A", "示例一", "E"], ["B", "示例二", "A"], ["C", "示例三", "D"], ["D", "示例四", "C"],
        ["E", "示例五", ""], ["F", "示例六", "none"], ["G", "示例七", "F"],
    )  # fmt: skip
    for option in ("--dry-run", "--update"):
        ran = data("import", "companies", path, option, "--errors", errors)
        assert (ran.counts["created"], ran.counts["failed"]) == (3, 4), ran.stderr
        assert {row["ref"] for row in rows_of(errors)} == {"C", "D", "F", "G"}
    by_ref = {
        c.ref: c.parent.ref if c.parent else None for c in db.session.scalars(select(Company))
    }
    assert by_ref == {"A": "E", "B": "A", "E": None}


def test_bad_companies_are_named_and_good_ones_kept(write: Write, data: Data, errors: Path) -> None:
    path = write(
        "c.csv", "ref name uscc chain_nodes",
        ["A", "示例一", make_uscc(1), ""],
        ["A", "示例又一", "", ""],
        ["B", "示例二", "91320301", ""],
        ["C", "示例三", "", "no.node"],
        ["D", "示例四", make_uscc(1), ""],
        ["E", "示例\x00五", "", ""],
        ["F", *["x"] * 39],
    )  # fmt: skip
    ran = data("import", "companies", path, "--errors", errors)
    assert (ran.counts["created"], ran.counts["failed"], ran.exit_code) == (1, 6, 1)
    told = {row["error_row"]: (row["error_column"], row["error_reason"]) for row in rows_of(errors)}
    assert told["3"] == ("ref", "“A”与第 2 行重复。")
    assert told["4"][0] == told["6"][0] == "uscc"
    assert told["5"][0] == "chain_nodes"
    assert "no.node" in told["5"][1]
    assert told["7"][0] == "name"
    assert "40" in told["8"][1]
    assert "第 3 行 ref" in ran.stderr


def test_a_corrected_error_file_is_imported_as_it_is(
    write: Write, data: Data, errors: Path, tmp_path: Path
) -> None:
    path = write("c.csv", "编号 企业名称 信用代码", ["A", "示例一", "12"], ["B", "'=示例", "12"])
    data("import", "companies", path, "--errors", errors)
    text = errors.read_text("utf-8-sig").replace(",12,", f",{make_uscc(3)},", 1)
    corrected = tmp_path / "again.csv"
    corrected.write_text(text.replace(",12,", ",,", 1), "utf-8")
    assert "出错原因" in text
    assert data("import", "companies", corrected).counts["created"] == 2
    assert one(Company, name="=示例")


def test_contacts(write: Write, data: Data, errors: Path) -> None:
    CompanyFactory(ref="A")
    CompanyFactory(ref="B")
    header = "ref company_ref name title decision_role phone email"
    path = write(
        "k.csv", header,
        ["K1", "A", "示例王总", "副总经理", "决策人", "'+86 13800000000", "a@example.com"],
        ["K2", "none", "示例李总", "", "", "", ""],
        ["K3", "A", "示例赵总", "", "boss", "", "not-an-address"],
    )  # fmt: skip
    ran = data("import", "contacts", path, "--errors", errors)
    assert (ran.counts["created"], ran.counts["failed"]) == (1, 2)
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.decision_role, contact.phone) == (DecisionRole.DECIDES, "+86 13800000000")
    assert [row["error_column"] for row in rows_of(errors)] == ["company_ref", "decision_role"]
    moved = write("k2.csv", "ref company_ref name", ["K1", "B", "示例王总"])
    assert "另一家" in data("import", "contacts", moved, "--update").stderr
    title = write("k3.csv", "ref company_ref name title", ["K1", "A", "示例王总", "总经理"])
    assert data("import", "contacts", title, "--update").counts["updated"] == 1


def test_leads_are_registered_as_by_hand_but_not_by_the_runner(write: Write, data: Data) -> None:
    firm = CompanyFactory(ref="A")
    CompanyFactory(ref="ANCHOR")
    other = LeadFactory(company=firm)
    owner = UserFactory(username="lixm")
    path = write(
        "l.csv",
        LEAD + " visibility investment_wan_cny land_mu energy_tce chain_nodes anchor_refs is_no1",
        ["L1", "示例泵项目", "A", "lixm", "示例新来源", "2026-03-01", "confidential", "3.5亿",
         "13公顷", "unavailable", "cm.pump", "ANCHOR", "1"],
    )  # fmt: skip
    ran = data("import", "leads", path)
    assert ran.counts["created"] == 1, ran.stderr
    lead = db.session.scalars(select(Lead).where(Lead.ref == "L1")).one()
    assert (lead.stage, lead.status, lead.visibility) == (
        Stage.IDENTIFIED, Status.ACTIVE, Visibility.CONFIDENTIAL,
    )  # fmt: skip
    assert (lead.owner_id, lead.registrar_id, lead.team_id) == (owner.id, owner.id, owner.team_id)
    assert (lead.investment_wan_cny, lead.land_mu) == (Decimal(35000), Decimal(195))
    assert (lead.energy_tce, lead.unavailable) == (None, ["energy_tce"])
    assert [company.ref for company in lead.anchors] == ["ANCHOR"]
    assert lead.source is not None
    assert lead.source.label == "示例新来源"
    assert db.session.scalar(select(ListItem).where(ListItem.label == "示例新来源"))
    log = db.session.scalars(select(StageEntry).where(StageEntry.lead_id == lead.id)).all()
    assert [(row.to_stage, row.entered_on) for row in log] == [(Stage.IDENTIFIED, date(2026, 3, 1))]
    report = db.session.scalars(select(FirstReport).where(FirstReport.lead_id == lead.id)).one()
    assert (report.reporter_id, report.company_name) == (owner.id, firm.name)
    clash = db.session.scalars(select(Collision)).one()
    assert (clash.lead_id, clash.other_lead_id) == (lead.id, other.id)


def test_an_owner_is_never_made_up(write: Write, data: Data) -> None:
    CompanyFactory(ref="A")
    path = write("l.csv", "ref title company_ref team", ["L1", "示例项目", "A", "示例某科"])
    assert data("import", "leads", path).counts["created"] == 1
    lead = db.session.scalars(select(Lead)).one()
    assert (lead.owner_id, lead.registrar_id) == (None, None)
    assert lead.team is not None
    assert lead.team.name == "示例某科"


def test_bad_leads_are_named_by_row_column_and_reason(
    write: Write, data: Data, errors: Path, today: date
) -> None:
    CompanyFactory(ref="A")
    header = LEAD + " stage status lost_reason lost_to investment_wan_cny investor_registration"
    bad = [
        (["1", "", "A", *[""] * 9], "title"),
        (["2", "示例", "none", *[""] * 9], "company_ref"),
        (["3", "示例", "A", "nobody", *[""] * 8], "owner"),
        (["4", "示例", "A", "", "", "2026-02-30", *[""] * 6], "received_on"),
        (["5", "示例", "A", "", "", "2026-11-25", *[""] * 6], "received_on"),
        (["6", "示例", "A", "", "", "", "contacted", *[""] * 5], "stage"),
        (["7", "示例", "A", "", "", "", "", "lost", *[""] * 4], "lost_reason;lost_to"),
        (["8", "示例", "A", "", "", "", "", "active", "太贵", *[""] * 3], "lost_reason"),
        (["9", "示例", "A", *[""] * 7, "-3亿", ""], "investment_wan_cny"),
        (["10", "示例", "A", *[""] * 7, "1e99", ""], "investment_wan_cny"),
        (["11", "示例", "A", *[""] * 8, "unavailable"], "investor_registration"),
    ]
    path = write("l.csv", header, *(row for row, _ in bad), ["12", "示例好的", "A", *[""] * 9])
    ran = data("import", "leads", path, "--errors", errors)
    assert (ran.counts["created"], ran.counts["failed"], ran.exit_code) == (1, len(bad), 1)
    told = [row["error_column"].replace("；", ";") for row in rows_of(errors)]
    assert told == [column for _, column in bad]
    assert "还差" in rows_of(errors)[5]["error_reason"]
    assert db.session.scalars(select(Lead.title)).all() == ["示例好的"]
    assert count(FirstReport) == 1


def test_past_stages_come_in_as_history_only(write: Write, data: Data, today: date) -> None:
    CompanyFactory(ref="A")
    UserFactory(username="lixm")
    leads = write(
        "l.csv", LEAD + " stage status lost_reason lost_to",
        ["L1", "示例一", "A", "lixm", "", "2026-01-05", "signed", "active", "", ""],
        ["L2", "示例二", "A", "lixm", "", "2026-01-05", "negotiating", "lost", "示例原因", "外地"],
    )  # fmt: skip
    assert data("import", "leads", leads).counts["failed"] == 2
    ran = data("import", "leads", leads, "--historical")
    assert ran.counts["created"] == 2, ran.stderr
    first, second = db.session.scalars(select(Lead).order_by(Lead.id))
    assert (first.stage, second.stage, second.status) == (
        Stage.SIGNED, Stage.NEGOTIATING, Status.LOST,
    )  # fmt: skip
    assert count(StageEntry) == 2
    assert db.session.scalars(select(StatusEntry)).one().lead_id == second.id
    deed = db.session.scalars(
        select(Activity).where(Activity.verb == "data.import_historical")
    ).one()
    assert "l.csv" in deed.summary
    assert deed.changes is not None
    assert deed.changes["flags"] == [[], ["historical"]]


def test_the_stage_log_adds_to_the_first_row(write: Write, data: Data, today: date) -> None:
    CompanyFactory(ref="A")
    UserFactory(username="lixm")
    data("import", "leads", write("l.csv", LEAD, ["L1", "示例", "A", "", "", "2026-01-05"]))
    path = write(
        "s.csv", "ref stage entered_on by",
        ["L1", "identified", "2026-01-05", ""],
        ["L1", "negotiating", "2026-03-01", "lixm"],
        ["L1", "contacted", "2026-02-01", ""],
        ["L1", "appraising", "2026-04-01", ""],
        ["L1", "negotiating", "2026-04-01", ""],
        ["L1", "negotiating", "2026-04-01", ""],
        ["none", "contacted", "2026-02-01", ""],
        ["L1", "signed", "2026-12-01", ""],
        ["L1", "signed", "2026-03-02", "nobody"],
    )  # fmt: skip
    refused = data("import", "stage_log", path)
    assert (refused.counts["unchanged"], refused.counts["failed"]) == (1, 8)
    assert "历史数据" in refused.stderr
    ran = data("import", "stage_log", path, "--historical")
    assert (ran.counts["created"], ran.counts["unchanged"], ran.counts["failed"]) == (4, 2, 3)
    lead = db.session.scalars(select(Lead)).one()
    assert (lead.stage, lead.stage_since) == (Stage.NEGOTIATING, date(2026, 4, 1))
    log = db.session.scalars(select(StageEntry).order_by(StageEntry.entered_on, StageEntry.id))
    assert [(row.to_stage.value, row.from_stage and row.from_stage.value) for row in log] == [
        ("identified", None), ("contacted", "identified"), ("negotiating", "identified"),
        ("appraising", "negotiating"), ("negotiating", "appraising"),
    ]  # fmt: skip
    again = data("import", "stage_log", path, "--historical")
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 6)


def test_interactions_keep_the_facts_of_their_lead(
    write: Write, data: Data, errors: Path, today: date
) -> None:
    CompanyFactory(ref="A")
    CompanyFactory(ref="B")
    UserFactory(username="lixm")
    UserFactory(username="wangl")
    data("import", "leads", write("l.csv", LEAD, ["L1", "示例", "A", "lixm", "", "2026-01-05"]))
    header = (
        "ref kind occurred_on company_refs lead_ref author participants outcome text "
        "next_step next_on"
    )
    rows = [
        ["I1", "走出去", "2026-02-01", "B", "L1", "lixm", "wangl", "推进", "看了老厂。\n两条线。",
         "约来看地", "2026-12-01"],
        ["I2", "call", "2026-02-03", "", "L1", "", "", "", "'=1 谈了价", "", ""],
        ["I3", "call", "2026-02-03", "A;B", "", "wangl", "", "", "问进度", "", ""],
        ["I4", "call", "2026-11-25", "A", "", "", "", "", "明天的事", "", ""],
        ["I5", "call", "2026-02-03", "A;none", "", "", "", "", "问", "", ""],
        ["I6", "call", "2026-02-03", "", "none", "", "", "", "问", "", ""],
        ["I7", "call", "2026-02-03", "A", "", "nobody", "", "", "问", "", ""],
        ["I8", "call", "2026-02-03", "", "", "", "", "", "问", "", ""],
        ["I9", "call", "2026-02-03", "A", "", "", "", "", "长" * 20_001, "", ""],
        ["I1", "call", "2026-02-03", "A", "", "", "", "", "重复", "", ""],
    ]  # fmt: skip
    path = write("i.csv", header, *rows)
    ran = data("import", "interactions", path, "--errors", errors)
    assert (ran.counts["created"], ran.counts["failed"]) == (3, 7), ran.stderr
    assert [row["error_column"] for row in rows_of(errors)] == [
        "occurred_on", "company_refs", "lead_ref", "author", "company_refs", "text", "ref",
    ]  # fmt: skip
    lead = db.session.scalars(select(Lead)).one()
    assert (lead.contact_count, lead.face_count, lead.last_contact_on) == (2, 1, date(2026, 2, 3))
    assert (lead.next_step, lead.next_on) == ("约来看地", date(2026, 12, 1))
    first = db.session.scalars(select(Interaction).where(Interaction.ref == "I1")).one()
    assert sorted(company.ref or "" for company in first.companies) == ["A", "B"]
    assert [one.user.username for one in first.participants] == ["wangl"]
    second = db.session.scalars(select(Interaction).where(Interaction.ref == "I2")).one()
    assert (second.author_id, second.text) == (None, "=1 谈了价")
    good = write("i2.csv", header, *rows[:3])
    assert data("import", "interactions", good).counts["unchanged"] == 3
    assert data("import", "interactions", good, "--update").counts["unchanged"] == 3
    rows[1][8] = "改过的内容"
    changed = write("i3.csv", header, *rows[:3])
    assert data("import", "interactions", changed, "--update").counts["updated"] == 1
    db.session.expire_all()
    assert [revision.before["text"] for revision in second.revisions] == ["=1 谈了价"]


def test_a_known_lead_changes_through_the_doors_of_the_page(
    write: Write, data: Data, today: date
) -> None:
    firm = CompanyFactory(ref="A")
    lead = LeadFactory(ref="L1", company=firm, stage=Stage.CONTACTED)
    UserFactory(username="lixm")
    path = write("l.csv", "ref title company_ref stage", ["L1", lead.title, "A", "negotiating"])
    assert "还差" in data("import", "leads", path, "--update").stderr
    path = write(
        "l.csv", "ref title company_ref owner status lost_reason lost_to",
        ["L1", "示例新题", "A", "lixm", "lost", "示例原因", "外地"],
    )  # fmt: skip
    assert data("import", "leads", path, "--update").counts["updated"] == 1
    db.session.expire_all()
    assert (lead.title, lead.status, lead.stage) == ("示例新题", Status.LOST, Stage.CONTACTED)
    assert lead.owner is not None
    assert lead.owner.username == "lixm"
    assert db.session.scalars(select(StatusEntry)).one().to_status is Status.LOST
    blank = write("l2.csv", "ref title company_ref status stage", ["L1", "示例新题", "A", "", ""])
    assert data("import", "leads", blank, "--update").counts["unchanged"] == 1


@pytest.mark.parametrize("kind", ["companies", "leads"])
def test_a_trial_changes_nothing(write: Write, data: Data, kind: str) -> None:
    CompanyFactory(ref="A")
    db.session.commit()
    tables = (Company, Lead, StageEntry, FirstReport, Activity, OutboxRow, ListItem, Team)
    before = [count(model) for model in tables]
    paths = {
        "companies": write("c.csv", "ref name", ["B", "示例"], ["", ""], ["", "示例二"]),
        "leads": write("l.csv", LEAD + " team", ["L", "示例", "A", "", "新来源", "", "新科"]),
    }
    ran = data("import", kind, paths[kind], "--dry-run")
    assert ran.counts["created"] == (2 if kind == "companies" else 1)
    assert ran.exit_code == 0
    assert [count(model) for model in tables] == before
