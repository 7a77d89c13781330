"""The filters of the search page and the API, read from an address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.datastructures import MultiDict

from crm.accounts.models import Team, User
from crm.companies.models import Company
from crm.core.labels import N_
from crm.extensions import db
from search.query import Filters, Sort

TYPES = {
    "company": N_("企业"),
    "lead": N_("线索"),
    "interaction": N_("走访接洽"),
}


LONGEST = 400
"""Characters of one parameter."""


@dataclass(frozen=True)
class Request:
    """What a person asks of the search, as the address says it.

    `added` leaves only records that came into the product after that moment.
    """

    q: str = ""
    types: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    team: str = ""
    owner: str = ""
    company: str = ""
    since: date | None = None
    until: date | None = None
    added: datetime | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    per_page: int = 20

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was asked for."""
        return not self.q.strip() and not self.has_filters

    @property
    def has_filters(self) -> bool:
        """Whether the hits are narrowed beyond the words."""
        narrowed = (self.types, self.stages, self.statuses, self.team, self.owner, self.company)
        dates = (self.since, self.until, self.added)
        return any(narrowed) or any(one is not None for one in dates)


def read(args: Mapping[str, str]) -> Request:
    """Read a request from query parameters; a value that makes no sense is left aside."""
    return Request(
        q=args.get("q", ""),
        types=tuple(t for t in _list(args.get("type", "")) if t in {*TYPES, "project"}),
        stages=tuple(_list(args.get("stage", ""))),
        statuses=tuple(_list(args.get("status", ""))),
        team=args.get("team", "").strip(),
        owner=args.get("owner", "").strip(),
        company=args.get("company", "").strip(),
        since=_day(args.get("from", "")),
        until=_day(args.get("to", "")),
        added=_moment(args.get("added", "")),
        sort=Sort.DATE if args.get("sort") == "date" else Sort.RELEVANCE,
        page=_number(args.get("page", ""), 1, 10_000),
        per_page=_number(args.get("per_page", ""), 20, 200),
    )


KEPT = ("q", "type", "stage", "status", "team", "owner", "company", "from", "to", "sort")


def kept(args: MultiDict[str, str]) -> dict[str, str]:
    """The parameters of a search that are worth keeping: those that say something, repeats joined.

    Empty where nothing was asked for.
    """
    joined = {key: ",".join(one for one in args.getlist(key) if one.strip()) for key in KEPT}
    said = {key: value[:LONGEST] for key, value in joined.items() if value.strip()}
    return {} if read(said).is_empty else said


def names_of(searches: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """What the teams, people and firms that searches name by id or account are called."""
    found: dict[tuple[str, str], str] = {}
    for asked in searches:
        for kind, id_column, name_column, shown in (
            ("team", Team.id, Team.name, Team.name),
            ("owner", User.id, User.username, User.name),
            ("company", Company.id, Company.name, Company.name),
        ):
            wanted = asked.get(kind, "")
            if wanted and (kind, wanted) not in found:
                ids = (
                    _companies(wanted)
                    if kind == "company"
                    else _ids(id_column, name_column, wanted)
                )
                name = db.session.scalar(select(shown).where(id_column.in_(ids)).limit(1))
                found[kind, wanted] = name or wanted
    return found


def resolve(request: Request) -> Filters | None:
    """The engine's filters; None where a named team, person or company does not exist."""
    teams = tuple(str(n) for n in _ids(Team.id, Team.name, request.team))
    owners = tuple(str(n) for n in _ids(User.id, User.username, request.owner))
    companies = _companies(request.company)
    asked = ((request.team, teams), (request.owner, owners), (request.company, companies))
    if any(name and not ids for name, ids in asked):
        return None
    return Filters(
        types=request.types,
        stages=request.stages,
        statuses=request.statuses,
        teams=teams,
        owners=owners,
        companies=companies,
        since=request.since,
        until=request.until,
    )


def _companies(word: str) -> tuple[int, ...]:
    """Ids of the firms meant by `ref:…`, an id, a name, or the bare ref as lists take it."""
    wanted = word.removeprefix("ref:")
    by_ref = () if not wanted else _all(Company.id, Company.ref == wanted)
    return by_ref if wanted != word else _ids(Company.id, Company.name, word) or by_ref


def _ids(
    id_column: InstrumentedAttribute[int], name_column: InstrumentedAttribute[Any], wanted: str
) -> tuple[int, ...]:
    """Ids of the rows named `wanted`, which may be a record's id as well."""
    if not wanted:
        return ()
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        condition = id_column == int(wanted)
    else:
        condition = name_column == wanted
    return _all(id_column, condition)


def _all(id_column: InstrumentedAttribute[int], condition: Any) -> tuple[int, ...]:
    return tuple(db.session.scalars(select(id_column).where(condition)))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """A moment of this century in UTC, written as `2026-11-24T02:00:00.123456`."""
    try:
        moment = datetime.fromisoformat(text.strip()).replace(tzinfo=UTC) if text.strip() else None
    except ValueError:
        return None
    return moment if moment and 2000 <= moment.year <= 2100 else None


def _number(text: str, default: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return default
    return max(1, min(int(text), most))
