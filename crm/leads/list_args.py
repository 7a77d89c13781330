"""The list's filters as an address says them; pages and the API read the same names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from crm.accounts.models import Team, User
from crm.companies.kinds import HonourKind
from crm.companies.models import Company
from crm.core.labels import LabelledEnum
from crm.core.permissions import Visibility
from crm.core.quantity import QuantityError, parse_area_mu, parse_wan
from crm.core.settings import ListItem, ListKind
from crm.extensions import db
from crm.leads.kinds import InvestorKind, Sector
from crm.leads.lights import Color
from crm.leads.queries import LeadFilters
from crm.leads.stages import OPEN_STATUSES, Stage, Status

E = TypeVar("E", bound=LabelledEnum)
NOBODY_ID = -1  # a name that nobody bears finds nothing, instead of not narrowing
MOST_TEXT = 200


Args = MultiDict[str, str]


@dataclass
class Asked:
    """The filters that were understood, and by parameter what was wrong with the others."""

    filters: LeadFilters
    problems: dict[str, str] = field(default_factory=dict)


def read(args: Args, *, default_open: bool = False) -> Asked:
    """Read the filters; what makes no sense is left out and named in `problems`.

    With `default_open` an address that names no status means the open ones, as the page does; the
    value `all` takes that back.
    """
    problems: dict[str, str] = {}
    statuses = _enums(args, "status", Status)
    if default_open and not args.getlist("status"):
        statuses = OPEN_STATUSES
    return Asked(
        problems=problems,
        filters=LeadFilters(
            q=args.get("q", "").strip()[:MOST_TEXT].replace("\x00", ""),
            stages=_enums(args, "stage", Stage),
            statuses=statuses,
            teams=_ids(args, "team", _team_id),
            owners=_ids(args, "owner", _user_id),
            sources=_ids(args, "source", _source_id),
            visibilities=_enums(args, "visibility", Visibility),
            sectors=_enums(args, "sector", Sector),
            investor_kinds=_enums(args, "investor_kind", InvestorKind),
            lights=_enums(args, "light", Color),
            honours=_enums(args, "honour", HonourKind),
            node=args.get("node", "").strip()[:40].replace("\x00", ""),
            anchor=_company_id(args.get("anchor", "")),
            company=_company_id(args.get("company", "")),
            amount_min=_amount(args, "amount_min", parse_wan, problems),
            amount_max=_amount(args, "amount_max", parse_wan, problems),
            land_min=_amount(args, "land_min", parse_area_mu, problems),
            land_max=_amount(args, "land_max", parse_area_mu, problems),
            received_from=day(args, "from", problems),
            received_to=day(args, "to", problems),
            quiet_days=_days(args, "quiet", problems),
            mine=args.get("mine", "") == "1",
            no_next=args.get("no_next", "") == "1",
            unowned=args.get("unowned", "") == "1",
        ),
    )


def words(args: Args, name: str) -> list[str]:
    """The values of a parameter, repeated or separated by commas."""
    parts = [part.strip() for text in args.getlist(name) for part in text.split(",")]
    return [part.replace("\x00", "")[:MOST_TEXT] for part in parts if part][:60]


def _enums(args: Args, name: str, kind: type[E]) -> tuple[E, ...]:
    found = (kind.read(word) for word in words(args, name))
    return tuple(dict.fromkeys(member for member in found if member is not None))


def _ids(args: Args, name: str, look_up: Callable[[str], int | None]) -> tuple[int, ...]:
    return tuple(_id_of(word, look_up) for word in words(args, name))


def _id_of(word: str, look_up: Callable[[str], int | None]) -> int:
    if is_id(word):
        return int(word)
    found = look_up(word)
    return NOBODY_ID if found is None else found


def is_id(word: str) -> bool:
    """Whether a word can be the id of a record."""
    return word.isascii() and word.isdigit() and len(word) < 10


def _team_id(word: str) -> int | None:
    return db.session.scalar(select(Team.id).where(Team.name == word))


def _user_id(word: str) -> int | None:
    return db.session.scalar(select(User.id).where(User.username == word))


def _source_id(word: str) -> int | None:
    query = select(ListItem.id).where(
        ListItem.kind == ListKind.SOURCE.value, ListItem.label == word
    )
    return db.session.scalar(query)


def _company_id(word: str) -> int | None:
    word = word.strip()[:MOST_TEXT].replace("\x00", "")
    if not word:
        return None
    if is_id(word):
        return int(word)
    found = _by_ref(word.removeprefix("ref:"))
    return NOBODY_ID if found is None else found


def _by_ref(ref: str) -> int | None:
    return db.session.scalar(select(Company.id).where(Company.ref == ref))


def _amount(
    args: Args, name: str, parse: Callable[[str], Decimal], problems: dict[str, str]
) -> Decimal | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        return parse(text)
    except QuantityError as error:
        problems[name] = _(error.template, **error.params)
        return None


def day(args: Args, name: str, problems: dict[str, str]) -> date | None:
    """A day of the address; one that makes no sense is named in `problems`."""
    text = "".join(filter(str.isprintable, args.get(name, ""))).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[name] = _("“%(text)s”不是日期，请写成 2026-01-31。", text=text[:20])
        return None


def _days(args: Args, name: str, problems: dict[str, str]) -> int | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    if not (is_id(text) and int(text) <= 36500):
        problems[name] = _("“%(text)s”不是天数。", text=text[:20])
        return None
    return int(text)


def labels(members: Iterable[LabelledEnum]) -> str:
    """Members in words, for a filter that is set."""
    return "、".join(_(member.label) for member in members)
