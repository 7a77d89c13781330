"""The texts and facts of the demo, read from YAML beside the code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crm.companies.kinds import InvestorNature
from crm.leads.kinds import Sector

_DATA = Path(__file__).parent / "data"
_CRM = Path(__file__).parents[1]
# The loader written in C is ten times as fast; not every platform's wheel has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TRADES = ("hyd", "under", "equip", "bat", "si", "semi", "svc")
ABROAD = ("德国", "日本", "韩国", "美国", "意大利", "法国", "英国")


@dataclass(frozen=True)
class Firm:
    """A made-up firm; `size` runs from 1 (tens of millions) to 5 (tens of 亿)."""

    name: str
    short: str
    at: str
    nature: InvestorNature
    trade: str
    nodes: tuple[str, ...]
    products: str
    plan: str
    size: int
    honours: tuple[str, ...]
    aka: Mapping[str, str]
    parent: str
    has_lead: bool
    in_zone: bool
    sector: Sector

    @property
    def country(self) -> str:
        """The first word of the place when it is abroad."""
        first = self.at.split()[0]
        return first if first in ABROAD else "中国"

    @property
    def city(self) -> str:
        """The last word of the place."""
        return self.at.split()[-1]

    @property
    def is_foreign(self) -> bool:
        """Whether the money comes from abroad."""
        return self.nature is InvestorNature.FOREIGN


@dataclass(frozen=True)
class Fragment:
    """A piece of a note with the conditions under which it fits (see data/notes)."""

    key: int
    text: str
    phases: str
    trades: tuple[str, ...]
    outcome: str
    steps: tuple[str, ...]
    kinds: str
    needs: str
    foreign_only: bool
    honour: str
    nodes: frozenset[str]
    source: str
    theme: str
    reason: str

    @classmethod
    def of(cls, key: int, theme: str, row: Mapping[str, Any]) -> "Fragment":
        """A fragment from its row."""
        return cls(
            key=key,
            text=row["t"],
            phases=row.get("p", ""),
            trades=tuple(row.get("tr", TRADES)),
            outcome=row.get("o", "flat"),
            steps=tuple(row.get("n", ())),
            kinds=row.get("k", ""),
            needs=row.get("l", ""),
            foreign_only=bool(row.get("f", False)),
            honour=row.get("h", ""),
            nodes=frozenset(row.get("nd", ())),
            source=row.get("src", ""),
            theme=theme,
            reason=row.get("reason", ""),
        )


def read(path: str) -> Any:
    """One YAML file of the demo."""
    return _parsed(_DATA / path)


def read_reference(path: str) -> Any:
    """One YAML file of the reference data."""
    return _parsed(_CRM / path)


@cache
def _parsed(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - safe either way


def firms() -> list[Firm]:
    """All made-up firms, trade by trade."""
    return [_firm(trade, row) for trade in TRADES for row in read(f"firms/{trade}.yaml")]


def _firm(trade: str, row: Mapping[str, Any]) -> Firm:
    services = Sector.SERVICES if trade == "svc" else Sector.MANUFACTURING
    return Firm(
        name=row["name"],
        short=row["short"],
        at=row["at"],
        nature=InvestorNature(row["nature"]),
        trade=trade,
        nodes=tuple(row["nodes"]),
        products=row["products"],
        plan=row.get("plan", ""),
        size=row["size"],
        honours=tuple(row["honours"]),
        aka=row.get("aka", {}),
        parent=row.get("parent", ""),
        has_lead=row.get("lead", True),
        in_zone=row.get("in_zone", False),
        sector=Sector(row.get("sector", services)),
    )


def fragments() -> list[Fragment]:
    """All pieces of notes that may stand in the course of a lead."""
    names = ("first", "plant", "site", "terms", "appraisal", "short")
    rows = [(name, row) for name in names for row in read(f"notes/{name}.yaml")]
    return [Fragment.of(key, theme, row) for key, (theme, row) in enumerate(rows)]


def endings() -> dict[str, list[Fragment]]:
    """The last notes of leads that came to nothing, by status."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = read("notes/ends.yaml")
    return {
        status: [Fragment.of(1000 + key, status, row) for key, row in enumerate(given)]
        for status, given in rows.items()
    }
