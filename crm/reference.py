"""Reference data that comes with the product: installed once each, never over what people edited.

What has been installed is remembered by name, so that an entry which someone renamed, changed or
deleted stays so, while one that a later version adds still arrives. Gates are code
(`leads/stages.py`), rule values have their defaults in `core/settings.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.chains.models import ChainNode
from crm.companies.models import NameExclusion
from crm.core.calendar import is_workday
from crm.core.settings import ListItem, Setting, Workday
from crm.core.unit_of_work import unit_of_work
from crm.find.models import SynonymGroup

LEDGER = "reference_installed"
_HERE = Path(__file__).parent

Entries = dict[str, Callable[[Session], None]]


def install_reference_data() -> int:
    """Install what has not been installed yet; returns how many entries that were."""
    wanted = _entries()
    with unit_of_work() as session:
        ledger = session.get(Setting, LEDGER)
        installed = set(ledger.value) if ledger else set()
        missing = [name for name in wanted if name not in installed]
        for name in missing:
            wanted[name](session)
        if missing:
            value = sorted(installed.union(missing))
            if ledger is None:
                session.add(Setting(key=LEDGER, value=value))
            else:
                ledger.value = value
    return len(missing)


def _entries() -> Entries:
    return {
        **_list_entries(),
        **_workday_entries(),
        **_node_entries(),
        **_exclusion_entries(),
        **_synonym_entries(),
    }


def _read(path: str) -> Any:
    return yaml.safe_load((_HERE / path).read_text("utf-8"))


def _list_entries() -> Entries:
    def install(kind: str, label: str, position: int) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            query = select(ListItem).where(ListItem.kind == kind, ListItem.label == label)
            if session.scalar(query) is None:
                session.add(ListItem(kind=kind, label=label, position=position, active=True))

        return run

    lists: dict[str, list[str]] = _read("core/reference/lists.yaml")
    return {
        f"{kind}:{label}": install(kind, label, 10 * (place + 1))
        for kind, labels in lists.items()
        for place, label in enumerate(labels)
    }


def _workday_entries() -> Entries:
    """A year at a time: one that people have begun to enter themselves is theirs."""

    def install(days: dict[date, tuple[bool, str]]) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            query = select(Workday.day).where(Workday.day.between(min(days), max(days)))
            if session.scalar(query.limit(1)) is None:
                session.add_all(
                    Workday(day=day, works=works, name=name) for day, (works, name) in days.items()
                )

        return run

    years: dict[int, list[dict[str, Any]]] = _read("core/reference/workdays.yaml")
    return {f"workdays:{year}": install(dict(_days(rows))) for year, rows in years.items()}


def _days(holidays: list[dict[str, Any]]) -> Iterator[tuple[date, tuple[bool, str]]]:
    """The days that differ from the plain week, with whether they are worked and the holiday."""
    for holiday in holidays:
        first, last = holiday["rest"]
        rest = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        for day in rest:
            if is_workday(day, {}):
                yield day, (False, holiday["name"])
        for day in holiday.get("work", []):
            yield day, (True, holiday["name"])


def _node_entries() -> Entries:
    def install(node: ChainNode) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            if session.get(ChainNode, node.id) is None:
                session.add(node)

        return run

    nodes = {}
    for chain in _read("chains/reference/chains.yaml")["chains"]:
        for place, row in enumerate(chain["nodes"]):
            node = ChainNode(
                id=row["id"],
                chain=chain["id"],
                chain_name=chain["name"],
                name=row["n"],
                kind=row["t"],
                aka=[str(name) for name in row.get("aka", [])],
                position=place,
            )
            nodes[f"node:{node.id}"] = install(node)
    return nodes


def _exclusion_entries() -> Entries:
    """A name with each string that contains it and means something else."""

    def install(name: str, excluded: str) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            query = select(NameExclusion).where(
                NameExclusion.name == name, NameExclusion.excluded == excluded
            )
            if session.scalar(query) is None:
                session.add(NameExclusion(name=name, excluded=excluded))

        return run

    return {
        f"exclusion:{name}:{excluded}": install(name, excluded)
        for row in _read("companies/reference/names.yaml")
        for excluded in row.get("not", [])
        for name in _names(row)
        if name in excluded
    }


def _synonym_entries() -> Entries:
    """Trade terms, a group at a time; known by its first term as it was delivered."""

    def install(wider: str, terms: list[str]) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            session.add(SynonymGroup(wider=wider, terms=terms))

        return run

    delivered = _read("find/reference/synonyms.yaml")
    same = {f"synonyms:{group[0]}": install("", group) for group in delivered["same"]}
    wider = {
        f"narrower:{term}": install(term, narrower) for term, narrower in delivered["wider"].items()
    }
    return {**same, **wider}


def _names(row: Mapping[str, Any]) -> list[str]:
    return [row["name"], *(str(alias) for pair in row["aliases"] for alias in pair)]
