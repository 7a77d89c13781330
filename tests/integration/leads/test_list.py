"""The list of leads: access, filters, sums, order, and the light in SQL as in Python."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from crm.companies.kinds import HonourKind
from crm.core.permissions import SYSTEM, Visibility, may_see_lead
from crm.core.settings import Workday
from crm.leads import list_args
from crm.leads.lights import Color
from crm.leads.models import Lead, LeadNode
from crm.leads.queries import SORT_KEYS, LeadFilters, Standards, lead_rows, whole_leads
from crm.leads.queries.lights import color_rank
from crm.leads.stages import OPEN_STATUSES, Stage, Status
from tests.factories import CompanyFactory, HonourFactory, LeadFactory, UserFactory
from tests.integration.leads.conftest import People
from tests.support.statements import Statements

Count = Callable[[], AbstractContextManager[Statements]]


def found(actor: Any = SYSTEM, **filters: Any) -> set[str]:
    return {lead.title for lead in lead_rows(actor, LeadFilters(**filters)).items}


def test_lists_counts_and_sums_hold_only_what_the_person_may_see(
    db_session: Session, people: People
) -> None:
    owners = (people.officer, people.colleague, people.stranger, None)
    for visibility, owner in product(Visibility, owners):
        LeadFactory(visibility=visibility, owner=owner, investment_wan_cny=Decimal(10000))
    everything = list(db_session.scalars(select(Lead)))
    everyone = [getattr(people, name) for name in people.__dataclass_fields__ if "team" not in name]
    for person in [*everyone, people.team_lead]:
        actor = person.as_actor()
        allowed = {lead.id for lead in everything if may_see_lead(actor, lead)}
        page = lead_rows(actor, LeadFilters())
        assert {lead.id for lead in page.items} == allowed, person.role
        assert page.total == len(allowed)
        assert page.amount == 10000 * len(allowed)


@pytest.fixture
def leads(people: People, today: date) -> dict[str, Lead]:
    """Some leads that differ in everything that can be asked for."""
    champion = CompanyFactory(name="示例恒履底盘科技有限公司")
    HonourFactory(company=champion, kind=HonourKind.SINGLE_CHAMPION)
    child = CompanyFactory(name="示例子公司有限公司", parent=champion)
    HonourFactory(company=child, kind=HonourKind.LISTED, valid_until=today - timedelta(days=1))
    anchor = CompanyFactory(is_anchor=True, ref="ANCHOR-1")
    made = {
        "a": LeadFactory(
            title="a", company=champion, owner=people.officer, stage=Stage.NEGOTIATING,
            investment_wan_cny=Decimal(50000), land_mu=Decimal(200),
            received_on=today - timedelta(days=40), visibility=Visibility.TEAM,
        ),
        "b": LeadFactory(
            title="b_百分%", company=child, owner=people.stranger, status=Status.LOST,
            investment_wan_cny=Decimal(3000), next_step="约见",
        ),
        "c": LeadFactory(title="c", owner=None, received_on=today, land_mu=Decimal(50)),
    }  # fmt: skip
    made["a"].last_contact_on = today - timedelta(days=30)
    made["a"].nodes = [LeadNode(node_id="cm.under")]
    made["a"].anchors = [anchor]
    return made


@pytest.mark.parametrize(
    ("args", "titles"),
    [
        ("", "abc"),
        ("stage=negotiating", "a"),
        ("stage=深度洽谈", "a"),
        ("stage=negotiating,identified", "abc"),
        ("status=lost", "b"),
        ("status=流失&status=active", "abc"),
        ("team=外资招商科", "b"),
        ("team=no-such-team", ""),
        ("visibility=team", "a"),
        ("source=自行接洽", "abc"),
        ("source=没有的来源", ""),
        ("amount_min=3亿", "a"),
        ("amount_max=3000", "b"),
        ("amount_min=3000&amount_max=5亿", "ab"),
        ("land_min=10公顷", "a"),
        ("land_max=50亩", "c"),
        ("quiet=30", "a"),
        ("quiet=0", "abc"),
        ("from=2026-11-24", "c"),
        ("to=2026-11-14", "ab"),
        ("node=cm.under", "a"),
        ("anchor=ANCHOR-1", "a"),
        ("anchor=ref:ANCHOR-1", "a"),
        ("anchor=none", ""),
        ("honour=single_champion", "ab"),
        ("honour=listed", ""),
        ("unowned=1", "c"),
        ("no_next=1", "c"),
        ("q=恒履", "a"),
        ("q=henglv", "a"),
        ("q=百分%25", "b"),
        ("q=%25", "b"),
        ("q=%27 OR 1=1 --", ""),
        ("q=%00", "abc"),
        ("owner=-1", ""),
        ("owner=999999999999", ""),
    ],
)
def test_filters(leads: dict[str, Lead], args: str, titles: str) -> None:
    from urllib.parse import parse_qsl

    asked = list_args.read(MultiDict(parse_qsl(args, keep_blank_values=True)))
    assert asked.problems == {}
    page = lead_rows(SYSTEM, asked.filters)
    assert sorted(lead.title[0] for lead in page.items) == sorted(titles)
    assert page.total == len(titles)


def test_mine_and_owner_by_name(people: People, leads: dict[str, Lead]) -> None:
    assert found(people.officer.as_actor(), mine=True) == {"a"}
    asked = list_args.read(MultiDict({"owner": people.stranger.username}))
    assert found(owners=asked.filters.owners) == {"b_百分%"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount_min", "-3亿"), ("amount_max", "1e99"), ("land_min", "3亿"), ("from", "2026-02-30"),
        ("to", "x"), ("quiet", "-1"), ("quiet", "1e3"), ("quiet", "99999999"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named_and_left_out(name: str, value: str, app: Any) -> None:
    with app.test_request_context():
        asked = list_args.read(MultiDict({name: value}))
    assert list(asked.problems) == [name]
    assert asked.filters == LeadFilters()


def test_the_page_begins_with_the_open_ones() -> None:
    empty: MultiDict[str, str] = MultiDict()
    assert list_args.read(empty, default_open=True).filters.statuses == OPEN_STATUSES
    every = MultiDict({"status": "all"})
    assert list_args.read(every, default_open=True).filters.statuses == ()
    assert list_args.read(empty).filters.statuses == ()


@pytest.mark.parametrize("key", sorted(SORT_KEYS))
def test_every_sort_key_sorts_both_ways(leads: dict[str, Lead], key: str) -> None:
    up = [lead.id for lead in lead_rows(SYSTEM, LeadFilters(), key).items]
    down = [lead.id for lead in lead_rows(SYSTEM, LeadFilters(), f"-{key}").items]
    assert sorted(up) == sorted(down) == sorted(lead.id for lead in leads.values())
    if key in ("investment", "received", "id", "title"):
        assert up[0] != down[0]


def test_an_unknown_sort_key_falls_back(leads: dict[str, Lead]) -> None:
    default = [lead.id for lead in lead_rows(SYSTEM, LeadFilters()).items]
    for key in ("summary", "id; DROP TABLE leads", "-owner_id", ""):
        assert [lead.id for lead in lead_rows(SYSTEM, LeadFilters(), key).items] == default


def test_stages_sort_in_their_order_and_pages_do_not_overlap(people: People) -> None:
    for stage in reversed(Stage):
        LeadFactory(stage=stage, owner=people.officer)
    page = lead_rows(SYSTEM, LeadFilters(), "stage")
    assert [lead.stage for lead in page.items] == list(Stage)
    parts = [lead_rows(SYSTEM, LeadFilters(), "stage", n, 2).items for n in (1, 2, 3, 4)]
    assert [len(part) for part in parts] == [2, 2, 1, 0]
    assert [lead.stage for part in parts for lead in part] == list(Stage)
    assert lead_rows(SYSTEM, LeadFilters(), "stage", 10**9, 10**9).total == 5


def test_the_light_in_sql_is_the_light_in_python(
    db_session: Session, people: People, today: date
) -> None:
    """Every day around every dividing line, for every stage and status."""
    db_session.add_all(
        [Workday(day=date(2026, 11, 20), works=False), Workday(day=date(2026, 11, 22), works=True)]
    )
    company, user = CompanyFactory(), UserFactory()
    days = (0, 1, 2, 4, 5, 20, 21, 22, 29, 30, 31, 33, 34, 44, 45, 46, 60, 61, 100)
    rows = []
    for stage, status in product(Stage, (Status.ACTIVE, Status.PAUSED)):
        for back in days:
            day = today - timedelta(days=back)
            for column in ("stage_since", "last_contact_on", "received_on", "next_on"):
                row = {
                    "stage_since": today, "last_contact_on": today, "received_on": today,
                    "next_on": None,
                }  # fmt: skip
                row[column] = day
                if column == "received_on":
                    row["last_contact_on"] = None
                rows.append(
                    Lead(
                        title="t",
                        company=company,
                        owner=user,
                        stage=stage,
                        status=status,
                        unavailable=[],
                        typed={},
                        **row,
                    )
                )
    db_session.add_all(rows)
    db_session.flush()
    standards = Standards.of(today)
    ranked = dict(
        db_session.execute(select(Lead.id, color_rank(standards.cutoffs))).all()  # type: ignore[arg-type]
    )
    wrong = [
        (lead.stage, lead.status, lead.stage_since, lead.last_contact_on, lead.next_on)
        for lead in rows
        if ranked[lead.id] != standards.light(lead).color.position
    ]
    assert not wrong
    assert set(ranked.values()) == {color.position for color in Color}
    for color in Color:
        wanted = {lead.id for lead in rows if standards.light(lead).color is color}
        page = lead_rows(SYSTEM, LeadFilters(lights=(color,)), per_page=200, standards=standards)
        assert page.total == len(wanted)
    order = [
        standards.light(lead).color.position
        for lead in lead_rows(SYSTEM, LeadFilters(), "-light", per_page=200).items
    ]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("whole", [False, True])
def test_statements_do_not_grow_with_the_rows(
    db_session: Session, people: People, count_statements: Count, whole: bool
) -> None:
    actor = people.officer.as_actor()

    def read() -> int:
        db_session.expire_all()
        db_session.expunge_all()
        with count_statements() as ran:
            if not whole:
                assert all(row.owner for row in lead_rows(actor, LeadFilters()).items)
            for lead in whole_leads(actor, LeadFilters()).items if whole else ():
                assert lead.company.label
                assert lead.owner is None or lead.owner.name
                assert lead.team is None or lead.team.name
                assert lead.source is None or lead.source.label
                assert not [*lead.nodes, *lead.anchors, *lead.people]
        return ran.total

    LeadFactory(owner=UserFactory())
    db_session.commit()
    few = read()
    for _ in range(12):
        LeadFactory(owner=UserFactory())
    db_session.commit()
    assert read() == few <= (7 if whole else 4)


def test_a_row_shows_what_the_whole_lead_has(people: People, leads: dict[str, Lead]) -> None:
    actor = people.manager.as_actor()
    whole = {lead.id: lead for lead in whole_leads(actor, LeadFilters(), per_page=200).items}
    rows = lead_rows(actor, LeadFilters(), per_page=200).items
    assert {row.id for row in rows} == set(whole)
    for row in rows:
        lead = whole[row.id]
        assert row.company == lead.company.label
        assert row.owner == (lead.owner.name if lead.owner else None)
        assert row.team == (lead.team.name if lead.team else None)
        assert row.source == (lead.source.label if lead.source else None)
        alike = set(row._fields) - {"company", "owner", "team", "source"}
        assert all(getattr(row, name) == getattr(lead, name) for name in alike)
