"""`flask search explain`: what a query was read as and why a record ranks where it does."""

import pytest

from crm import indexing
from crm.core.unit_of_work import unit_of_work
from tests.factories import CompanyFactory, InteractionFactory


@pytest.fixture
def firm(app):
    with unit_of_work():
        firm = CompanyFactory(name="示例坚石重工", aliases=("坚石",), ref="C1")
        InteractionFactory(text="给坚石配套，要热处理", company=CompanyFactory(), ref="N1")
        InteractionFactory(text="皮影戏", company=CompanyFactory(), ref="N2")
    indexing.index().rebuild()
    return firm


def said(cli, query, ref):
    result = cli.invoke(args=["search", "explain", query, ref])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_firm_itself_stands_first(cli, firm):
    output = said(cli, "坚石", "C1")
    assert "企业：示例坚石重工（由“坚石”）" in output
    assert "排第 1" in output
    assert "是企业本身" in output


def test_a_note_behind_it(cli, firm):
    output = said(cli, "坚石", "N1")
    assert "排第 2" in output
    assert "说到“坚石”" in output


def test_the_parts_add_up(cli, firm):
    lines = said(cli, "坚石 热处理", "N1").splitlines()
    total = next(float(line[3:-1]) for line in lines if line.startswith("得分 "))
    parts = [float(line.split()[0]) for line in lines if line.strip().startswith("+")]
    assert sum(parts) == pytest.approx(total, abs=0.02)


def test_what_is_missing_and_what_is_excluded(cli, firm):
    output = said(cli, "坚石 -热处理", "N1")
    assert "含被排除的：排除 热处理" in output
    assert "缺：企业 坚石" in said(cli, "坚石", "N2")


def test_a_record_by_type_and_id(cli, firm):
    assert f"company:{firm.id}" in said(cli, "坚石", f"company:{firm.id}")


@pytest.mark.parametrize(("query", "ref"), [("坚石", "C9"), ("坚石", "lead:9"), ("长" * 201, "C1")])
def test_what_cannot_be_explained_is_said(cli, firm, query, ref):
    result = cli.invoke(args=["search", "explain", query, ref])
    assert result.exit_code == 1
    assert "没有编号" in result.output or "最多 200 个字" in result.output
