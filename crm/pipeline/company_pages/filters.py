"""The filters of the list of companies, read from an address; pages and API use the same names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from crm.companies.kinds import HonourKind, HonourLevel, InvestorNature
from crm.core.labels import N_, LabelledEnum

E = TypeVar("E", bound=LabelledEnum)
MOST_TEXT = 200
HONOUR_STATES = {"valid": N_("今天有效"), "expired": N_("已过期"), "any": N_("不论有效期")}
YES_NO = {"1": True, "0": False}


Args = MultiDict[str, str]


@dataclass(frozen=True)
class CompanyFilters:
    """What narrows the list. `honour_state` says whether the honours must be valid today."""

    q: str = ""
    honours: tuple[HonourKind, ...] = ()
    honour_level: HonourLevel | None = None
    honour_state: str = "valid"
    region: str = ""
    natures: tuple[InvestorNature, ...] = ()
    nodes: tuple[str, ...] = ()
    in_zone: bool | None = None
    is_anchor: bool | None = None
    contact_from: date | None = None
    contact_to: date | None = None
    never_contacted: bool = False
    owner_id: int | None = None


@dataclass
class Asked:
    """The filters that were understood, and by parameter what was wrong with the others."""

    filters: CompanyFilters
    problems: dict[str, str] = field(default_factory=dict)


def read(args: Args, *, own_id: int | None = None) -> Asked:
    """Read the filters; what makes no sense is left out and named in `problems`.

    `owner=me` means the person with `own_id`.
    """
    problems: dict[str, str] = {}
    state = args.get("honour_state", "")
    levels = _enums(args, "honour_level", HonourLevel)
    filters = CompanyFilters(
        q=_text(args, "q"),
        honours=_enums(args, "honour", HonourKind),
        honour_level=levels[0] if levels else None,
        honour_state=state if state in HONOUR_STATES else "valid",
        region=_text(args, "region"),
        natures=_enums(args, "nature", InvestorNature),
        nodes=tuple(word[:40] for word in _words(args, "node"))[:50],
        in_zone=YES_NO.get(args.get("in_zone", "")),
        is_anchor=YES_NO.get(args.get("anchor", "")),
        contact_from=_day(args, "contact_from", problems),
        contact_to=_day(args, "contact_to", problems),
        never_contacted=args.get("never", "") == "1",
        owner_id=_person(args.get("owner", ""), own_id),
    )
    if filters.contact_from and filters.contact_to and filters.contact_from > filters.contact_to:
        problems["contact_to"] = _("结束日期早于开始日期，没有企业符合。")
    return Asked(filters, problems)


def _text(args: Args, name: str) -> str:
    return "".join(c for c in args.get(name, "")[:MOST_TEXT] if c.isprintable()).strip()


def _words(args: Args, name: str) -> list[str]:
    parts = (part.strip() for text in args.getlist(name) for part in text.split(","))
    return ["".join(c for c in part if c.isprintable()) for part in parts if part]


def _enums(args: Args, name: str, kind: type[E]) -> tuple[E, ...]:
    found = (kind.read(word) for word in _words(args, name))
    return tuple(dict.fromkeys(member for member in found if member is not None))


def _day(args: Args, name: str, problems: dict[str, str]) -> date | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[name] = _("“%(text)s”不是日期，请写成 2026-01-31。", text=text[:20])
        return None


def _person(text: str, own_id: int | None) -> int | None:
    if text == "me":
        return own_id
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def in_words(
    filters: CompanyFilters, *, owner: str, node_names: Mapping[str, str]
) -> dict[str, str]:
    """The conditions in force, by filter, as the filter bar shows them."""
    contact = _("从未接触") if filters.never_contacted else ""
    found = {
        "q": filters.q,
        "honour": _honours_in_words(filters),
        "region": filters.region,
        "nature": "、".join(_(one.label) for one in filters.natures),
        "node": "、".join(node_names.get(one, one) for one in filters.nodes),
        "in_zone": _either(filters.in_zone, _("已在区内"), _("不在区内")),
        "anchor": _either(filters.is_anchor, _("是链主"), _("不是链主")),
        "contact": _range_in_words(filters) or contact,
        "owner": owner if filters.owner_id is not None else "",
    }
    return {name: text for name, text in found.items() if text}


def _honours_in_words(filters: CompanyFilters) -> str:
    if not (filters.honours or filters.honour_level or filters.honour_state != "valid"):
        return ""
    text = "、".join(_(kind.label) for kind in filters.honours) or _("任一资质")
    if filters.honour_level:
        text = _("%(level)s级 %(kinds)s", level=_(filters.honour_level.label), kinds=text)
    return f"{text} · {_(HONOUR_STATES[filters.honour_state])}"


def _range_in_words(filters: CompanyFilters) -> str:
    if not (filters.contact_from or filters.contact_to):
        return ""
    return f"{filters.contact_from or '…'} – {filters.contact_to or '…'}"


def _either(value: bool | None, yes: str, no: str) -> str:
    return "" if value is None else yes if value else no
