"""Headers and rows: names or labels, unknown and repeated columns, rows that do not fit."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.exchange.faults import FileFault
from crm.exchange.handles import handle, is_handle_of, read_handle
from crm.exchange.headers import chosen_layout, guess, layout, read_row
from crm.exchange.reading import RawRow
from crm.exchange.sheets import COMPANIES, INTERACTIONS, LEADS, SHEETS, STAGE_LOG, USERS, Sheet

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.name)
def test_every_column_is_known_by_one_name_only(sheet: Sheet) -> None:
    words = [w.lower() for c in sheet.columns for w in (c.name, c.label, *c.also)]
    assert len(words) == len(set(words))


def test_the_columns_are_those_of_the_contract() -> None:
    assert [c.name for c in USERS.columns] == ["username", "name", "role", "team"]
    assert [c.name for c in STAGE_LOG.columns] == ["ref", "stage", "entered_on", "by"]
    assert [c.name for c in INTERACTIONS.columns] == [
        "ref", "kind", "occurred_on", "company_refs", "lead_ref", "author", "participants",
        "outcome", "text", "next_step", "next_on",
    ]  # fmt: skip
    assert [c.name for c in LEADS.columns] == [
        "ref", "title", "company_ref", "owner", "team", "visibility", "stage", "status", "source",
        "sector", "investor_kind", "investment_wan_cny", "foreign_capital_wan_usd", "land_mu",
        "fixed_investment_wan_cny", "site_kind", "floor_area_sqm", "energy_tce", "pollutants",
        "output_wan_cny", "tax_wan_cny", "jobs", "character", "is_no1", "agreed_amount",
        "agreed_currency", "investor_registration", "appraisal_passed_on", "chain_nodes",
        "anchor_refs", "received_on", "lost_reason", "lost_to", "summary",
    ]  # fmt: skip


def test_names_and_labels_may_be_mixed() -> None:
    found = layout(COMPANIES, ["外部编号", " NAME ", "信用代码", "出错原因", "", ""])
    assert [c.name if c else None for c in found.columns] == ["ref", "name", "uscc", None]
    assert found.is_chinese
    assert found.title("uscc") == "信用代码"
    assert found.title("region") == "region"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["ref", "name", "colour", "重量"], "colour、重量"),
        (["ref", "name", "企业名称"], "列重复：企业名称"),
        (["ref"], "name（企业名称）"),
        (["ref", "", "name"], "不认识的列：2"),
    ],
)
def test_headers_that_do_not_fit_say_why(header: list[str], message: str) -> None:
    with pytest.raises(FileFault, match=message):
        layout(COMPANIES, header)


def test_one_of_a_group_of_columns_is_needed() -> None:
    with pytest.raises(FileFault, match="company_refs"):
        layout(INTERACTIONS, ["kind", "occurred_on", "text"])
    assert layout(INTERACTIONS, ["kind", "occurred_on", "text", "lead_ref"])


def test_a_person_maps_columns() -> None:
    header = ["公司", "代码", "备注"]
    assert guess(COMPANIES, header) == ["", "", ""]
    chosen = chosen_layout(COMPANIES, header, {0: "name", 2: "summary"})
    row = read_row(chosen, RawRow(2, ["示例公司", "x", "备"]), TODAY)
    assert row.values == {"name": "示例公司", "summary": "备"}
    for mapping in ({0: "name", 1: "name"}, {0: "colour", 1: "name"}, {0: "ref"}):
        with pytest.raises(FileFault):
            chosen_layout(COMPANIES, header, mapping)


def test_all_faults_of_a_row_are_collected() -> None:
    found = layout(LEADS, ["title", "company_ref", "received_on", "investment_wan_cny"])
    row = read_row(found, RawRow(7, ["", "A", "2026-02-30", "-3亿"]), TODAY)
    assert [fault.column for fault in row.faults] == ["title", "received_on", "investment_wan_cny"]
    assert row.number == 7


def test_a_row_with_forty_cells_is_named() -> None:
    found = layout(USERS, ["username", "name", "role"])
    row = read_row(found, RawRow(2, ["x"] * 40), TODAY)
    assert [str(fault) for fault in row.faults] == ["列太多：这一行有 40 格，表头只有 3 列。"]
    assert not read_row(found, RawRow(3, ["a", "b", "officer", "", " "]), TODAY).faults


def test_an_interaction_needs_a_company_or_a_lead() -> None:
    header = ["kind", "occurred_on", "text", "company_refs", "lead_ref"]
    found = layout(INTERACTIONS, header)
    cells = ["call", "2026-11-01", "问了进度"]
    assert read_row(found, RawRow(2, cells), TODAY).faults
    assert not read_row(found, RawRow(2, [*cells, "", "L1"]), TODAY).faults


def test_guarded_cells_are_read_without_their_guard() -> None:
    found = layout(COMPANIES, ["ref", "name"])
    row = read_row(found, RawRow(2, ["'+86", "'=示例"]), TODAY)
    assert row.values == {"ref": "+86", "name": "=示例"}


def test_stand_in_refs_belong_to_one_record_of_one_database() -> None:
    made = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    ref = handle("lead", 12, made)
    assert read_handle("lead", ref) == 12
    assert read_handle("company", ref) is None
    assert read_handle("lead", "L-12") is None
    assert is_handle_of(ref, "lead", 12, made)
    assert not is_handle_of(ref, "lead", 12, made + timedelta(microseconds=1))
