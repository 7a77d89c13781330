"""Honours in one cell: `kind[:level[:year[:valid_until]]]`, several separated by semicolons. Pure."""

import re
from dataclasses import dataclass
from datetime import date

from crm.companies.kinds import HonourKind, HonourLevel, valid_until
from crm.core.labels import N_
from crm.exchange.cells import SEPARATORS, Choice, read_day, shown
from crm.exchange.faults import CellFault


@dataclass(frozen=True)
class HonourLine:
    """One honour as a file names it; a missing end is filled in by kind and year."""

    kind: HonourKind
    level: HonourLevel | None = None
    year: int | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Honours:
    """The cell of all honours of a company."""

    empty: tuple[HonourLine, ...] = ()

    def read(self, text: str, today: date) -> tuple[HonourLine, ...]:
        lines = (_read_line(part, today) for part in SEPARATORS.split(text) if part.strip())
        return tuple(dict.fromkeys(lines))

    def write(self, value: tuple[HonourLine, ...]) -> str:
        return ";".join(_write_line(line) for line in value)


def _read_line(text: str, today: date) -> HonourLine:
    parts = [part.strip() for part in re.split("[:：]", text)]
    if len(parts) > 4:
        raise CellFault(
            N_("“%(text)s”不对，写法是 类别:级别:年份:有效期止，后三项可省。"), text=shown(text)
        )
    kind, level, year, end = (*parts, "", "", "")[:4]
    found = Choice(HonourKind).read(kind, today)
    if found is None:
        raise CellFault(N_("“%(text)s”缺少资质类别。"), text=shown(text))
    awarded = _read_year(year, today)
    last = read_day(end) if end else None
    if last is None and awarded is not None:
        last = valid_until(found, awarded)  # type: ignore[arg-type]
    return HonourLine(found, Choice(HonourLevel).read(level, today), awarded, last)  # type: ignore[arg-type]


def _read_year(text: str, today: date) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{4}年?", text) or not 1900 <= int(text[:4]) <= today.year + 1:
        raise CellFault(N_("资质年份“%(text)s”不对。"), text=shown(text))
    return int(text[:4])


def _write_line(line: HonourLine) -> str:
    parts = [
        line.kind.value,
        line.level.label if line.level else "",
        str(line.year) if line.year else "",
        line.valid_until.isoformat() if line.valid_until else "",
    ]
    while parts and not parts[-1]:
        parts.pop()
    return ":".join(parts)
