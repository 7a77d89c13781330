"""Puts the judged corpus into an empty database, through the services that people use."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crm.accounts.models import Team, User
from crm.accounts.names import pinyin_of
from crm.companies import names
from crm.companies.kinds import NameKind
from crm.companies.models import Company, Contact
from crm.companies.services import create_companies
from crm.core.permissions import SYSTEM, Role, Visibility
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.interactions.kinds import InteractionKind
from crm.leads.contacts import log_contacts
from crm.leads.models import Lead
from crm.leads.services import create_leads
from crm.leads.stages import Stage, Status
from crm.reference import install_reference_data

FOLDER = Path(__file__).parent
NAMES = Path(__file__).parents[3] / "crm" / "companies" / "reference" / "names.yaml"
MOMENT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""What the judged queries take for now: ten in the morning of a Tuesday in the zone."""

DAY = date(2026, 11, 24)
Row = Mapping[str, Any]


@cache
def data(name: str) -> Any:
    """One file of the corpus."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def rows(name: str) -> Any:
    """The records of one file of the corpus."""
    found = data(name)
    return found["firms"] if name == "firms" else found


def fill() -> None:
    """Load firms, leads and notes; the database is migrated and the clock stands at MOMENT."""
    install_reference_data()
    with unit_of_work():
        people = dict(_people())
    with unit_of_work():
        firms = _firms()
    with unit_of_work():
        leads = _leads(firms, people)
    with unit_of_work():
        _notes(firms, leads, people)


def _people() -> Iterator[tuple[str, int]]:
    teams: dict[str, Team] = {}
    for username, name, role, team in data("firms")["people"]:
        if team not in teams:
            teams[team] = Team(name=team)
        person = User(
            username=username, name=name, name_pinyin=pinyin_of(name), role=Role(role),
            team=teams[team],
        )  # fmt: skip
        db.session.add(person)
        db.session.flush()
        yield username, person.id


def _firms() -> dict[str, int]:
    known = yaml.safe_load(NAMES.read_text("utf-8"))
    rows: list[Any] = [
        {
            "ref": f"F{number:02d}",
            "name": row["name"],
            "region": row["region"],
            "aliases": [
                {"name": name, "kind": NameKind(kind)}
                for pair in row["aliases"]
                for name, kind in pair.items()
            ],
        }
        for number, row in enumerate(known, start=1)
    ]
    rows += [_firm(row) for row in data("firms")["firms"]]
    ids = create_companies(actor=SYSTEM, on=DAY, rows=rows)
    assert all(isinstance(one, int) for one in ids), ids
    found = dict(zip((row["ref"] for row in rows), ids, strict=True))
    for ref, name, title, phone in data("firms")["contacts"]:
        key = names.phone_key(phone)
        company = db.session.get_one(Company, found[ref])
        db.session.add(Contact(company=company, name=name, title=title, phone=phone, phone_key=key))
    return found


def _firm(row: Row) -> dict[str, Any]:
    return {
        "ref": row["ref"],
        "name": row["name"],
        "short_name": row["short"],
        "region": row["region"],
        "products": row["products"],
        "uscc": row.get("uscc"),
        "parent_ref": row.get("parent"),
        "chain_nodes": row.get("nodes", []),
        "aliases": [
            {"name": name, "kind": NameKind(kind)} for name, kind in row.get("aliases", [])
        ],
    }


def _leads(firms: Mapping[str, int], people: Mapping[str, int]) -> dict[str, int]:
    given = data("leads")
    rows: list[Any] = [
        {
            "ref": row["ref"],
            "company_id": firms[row["firm"]],
            "title": row["title"],
            "owner_id": people[row["owner"]],
            "stage": Stage(row["stage"]),
            "status": Status(row.get("status", "active")),
            "lost_reason": row.get("lost"),
            "received_on": row["received"],
            "visibility": Visibility(row.get("visibility", "zone")),
            "investment_wan_cny": _amount(row, "cny"),
            "foreign_capital_wan_usd": _amount(row, "usd"),
            "land_mu": _amount(row, "mu"),
            "summary": row["text"],
        }
        for row in given
    ]
    leads = create_leads(actor=SYSTEM, on=DAY, rows=rows, historical=True)
    found: dict[str, int] = {}
    for row, lead in zip(given, leads, strict=True):
        assert isinstance(lead, Lead), (row, lead)
        lead.stage_since = row["since"]
        found[row["ref"]] = lead.id
    return found


def _amount(row: Row, key: str) -> Decimal | None:
    return Decimal(row[key]) if key in row else None


def _notes(firms: Mapping[str, int], leads: Mapping[str, int], people: Mapping[str, int]) -> None:
    given = data("notes")
    rows: list[Any] = [
        {
            "ref": ref,
            "company_ids": [firms[firm]],
            "author_id": people[author],
            "participant_ids": [people[author]],
            "occurred_on": day,
            "kind": InteractionKind(kind),
            "lead_id": leads[lead] if lead else None,
            "text": text,
        }
        for ref, firm, author, day, kind, lead, text in given
    ]
    outcome = log_contacts(actor=SYSTEM, on=DAY, rows=rows)
    assert not outcome.errors, outcome.errors
