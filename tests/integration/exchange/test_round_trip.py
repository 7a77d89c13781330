"""What export writes, import takes back without a change, for both formats and any text."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from crm.companies.kinds import HonourKind, NameKind
from crm.companies.models import Company, CompanyName, CompanyNode, Contact, Honour
from crm.core import clock
from crm.core.activity import Activity
from crm.extensions import db
from crm.interactions.models import Interaction, InteractionRevision, Participant
from crm.leads.kinds import Currency
from crm.leads.models import Lead, LeadNode
from crm.leads.stages import Stage, Status
from tests.factories import CompanyFactory, ContactFactory, InteractionFactory, LeadFactory
from tests.factories.companies import name_row
from tests.integration.exchange.conftest import Ran, rows_of
from tests.support.clients import CliRunner

Data = Callable[..., Ran]
KINDS = ("users", "companies", "contacts", "leads", "stage_log", "interactions")
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60) | st.from_regex(
    r"\A'{0,2}[=+\-@|][ -~一-龥]{0,8}\Z"
)


def fill() -> None:
    """Records typed in by hand, which have no refs, with all that a file can hold."""
    parent = CompanyFactory(name="=示例集团")
    firm = CompanyFactory(
        name="示例;甲", short_name="甲", parent=parent, in_zone=True, summary="'=1\n二行",
        nodes=[CompanyNode(node_id="cm.hyd")], aliases=("'+86", "示例，厂"),
    )  # fmt: skip
    firm.names.append(name_row("旧名", NameKind.FORMER))
    firm.honours = [
        Honour(kind=HonourKind.LISTED, year=2020, rank_or_code="000000", valid_until=None),
        Honour(kind=HonourKind.LISTED, year=2020, rank_or_code="111111"),
    ]
    ContactFactory(company=firm, phone="+49 123 456789")
    for stage in Stage:
        LeadFactory(company=firm, stage=stage)
    lead = LeadFactory(
        company=firm, title="@示例", unavailable=["energy_tce", "chain_nodes"],
        investment_wan_cny=Decimal("35000.000001"), agreed_amount=Decimal(3),
        agreed_currency=Currency.USD, summary="|x\n\n y", anchors=[parent],
        pollutants="-无", nodes=[], owner=None, registrar=None, team=None,
    )  # fmt: skip
    lead.nodes = [LeadNode(node_id="cm.pump")]
    lead.unavailable = ["energy_tce"]
    noted = InteractionFactory(
        lead=lead, text="'=2\n“引号”,逗号", next_step="约", next_on=clock.today() + timedelta(9)
    )
    noted.companies.append(parent)
    InteractionFactory(company=parent, author=None, participants=[])
    db.session.commit()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_comes_back_unchanged(
    data: Data, tmp_path: Path, ending: str, today: date
) -> None:
    fill()
    versions = {
        model: sorted(tuple(row) for row in db.session.execute(select(model.id, model.version)))
        for model in (Company, Contact, Lead, Interaction)
    }
    for kind in KINDS:
        path = tmp_path / f"{kind}.{ending}"
        rows = data("export", kind, path).counts["rows"]
        assert rows > 0
        ran = data("import", kind, path, "--update")
        assert ran.counts == {
            "kind": kind, "created": 0, "updated": 0, "unchanged": rows, "failed": 0,
        }, ran.stderr  # fmt: skip
    db.session.expire_all()
    for model, before in versions.items():
        after = db.session.execute(select(model.id, model.version))
        assert sorted(tuple(row) for row in after) == before
    assert db.session.scalar(select(func.count()).select_from(InteractionRevision)) == 0


def test_an_export_fills_an_empty_database(
    data: Data, tmp_path: Path, cli: CliRunner, today: date
) -> None:
    """The same columns come out of the copy."""
    fill()
    for kind in KINDS:
        data("export", kind, tmp_path / f"{kind}.csv")
    before = {kind: rows_of(tmp_path / f"{kind}.csv") for kind in KINDS}
    _empty()
    for kind in KINDS:
        ran = data("import", kind, tmp_path / f"{kind}.csv", "--historical")
        assert ran.counts["failed"] == 0, ran.stderr
        data("export", kind, tmp_path / f"{kind}-2.csv")
    after = {kind: rows_of(tmp_path / f"{kind}-2.csv") for kind in KINDS}
    for row in (*before["interactions"], *after["interactions"]):
        # An author is no participant beside themself; the companies' order is the database's.
        row["participants"] = row["participants"].replace(row["author"], "")
        row["company_refs"] = ";".join(sorted(row["company_refs"].split(";")))
    for kind in ("users", "contacts", "leads", "interactions"):
        assert after[kind] == before[kind]
    by_name = {row["name"]: row for row in before["companies"]}
    assert {row["name"] for row in after["companies"]} == set(by_name)


def _empty() -> None:
    """Take the records away under the triggers that guard the logs."""
    names = [
        "stage_log", "status_log", "first_reports", "activities", "interaction_revisions",
    ]  # fmt: skip
    connection = db.session.connection()
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        for name in names:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}_no_{verb}")
    else:
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    keep = {"chain_nodes", "settings", "list_items", "workdays"}
    connection.execute(Company.__table__.update().values(parent_id=None))  # type: ignore[attr-defined]
    for table in reversed(db.metadata.sorted_tables):
        if table.name not in keep:
            connection.execute(table.delete())
    db.session.commit()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(texts, min_size=9, max_size=9))
def test_any_text_comes_back_unchanged(
    data: Data, tmp_path: Path, today: date, parts: list[str]
) -> None:
    firm = CompanyFactory(name="示例" + parts[0], short_name=parts[1], summary=parts[2])
    firm.names.append(name_row("别名" + parts[3], NameKind.BRAND))
    lead = LeadFactory(company=firm, title=parts[4] or "题", summary=parts[5], pollutants=parts[6])
    InteractionFactory(lead=lead, text=parts[7] or "文", next_step=parts[8])
    db.session.commit()
    for kind in ("companies", "leads", "interactions"):
        for ending in ("csv", "xlsx"):
            path = tmp_path / f"{kind}.{ending}"
            rows = data("export", kind, path).counts["rows"]
            ran = data("import", kind, path, "--update")
            assert ran.counts["unchanged"] == rows, ran.stderr


def test_an_export_is_logged_and_guarded(data: Data, tmp_path: Path) -> None:
    CompanyFactory(name="=HYPERLINK(1)")
    db.session.commit()
    data("export", "companies", tmp_path / "c.csv")
    assert "'=HYPERLINK(1)" in (tmp_path / "c.csv").read_text("utf-8-sig")
    deed = db.session.scalars(select(Activity).where(Activity.verb == "data.export")).one()
    assert deed.changes == {"filter": [None, {}], "rows": [None, 1]}


def test_a_stand_in_ref_of_another_database_is_a_new_record(
    data: Data, tmp_path: Path, today: date
) -> None:
    CompanyFactory(name="示例本地")
    db.session.commit()
    row_id = db.session.scalar(select(Company.id))
    path = tmp_path / "c.csv"
    path.write_text(f"ref,name\ncrm-company-{row_id}-00000000,示例外来\n", "utf-8")
    assert data("import", "companies", path, "--update").counts["created"] == 1
    assert set(db.session.scalars(select(Company.name))) == {"示例本地", "示例外来"}


def test_merged_companies_and_their_names_stay_out(data: Data, tmp_path: Path) -> None:
    kept = CompanyFactory()
    CompanyFactory(merged_into_id=kept.id)
    db.session.commit()
    assert data("export", "companies", tmp_path / "c.csv").counts["rows"] == 1
    assert db.session.scalar(select(func.count()).select_from(CompanyName)) == 2


def test_participants_keep_the_team_of_their_time(data: Data, tmp_path: Path, today: date) -> None:
    note = InteractionFactory()
    team_id = note.participants[0].team_id
    note.participants[0].user.team_id = None
    db.session.commit()
    data("export", "interactions", tmp_path / "i.csv")
    assert data("import", "interactions", tmp_path / "i.csv", "--update").counts["unchanged"] == 1
    assert db.session.scalars(select(Participant.team_id)).one() == team_id


def test_status_of_lost_leads_survives(data: Data, tmp_path: Path, today: date) -> None:
    LeadFactory(status=Status.LOST, lost_to="外地")
    db.session.commit()
    data("export", "leads", tmp_path / "l.csv")
    assert data("import", "leads", tmp_path / "l.csv", "--update").counts["unchanged"] == 1
