"""The values that forms, API, import and demo data hand in, and what is right about them."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypedDict, cast
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select

from crm.accounts.models import User
from crm.companies import names, uscc
from crm.companies.kinds import HonourKind, HonourLevel, InvestorNature, NameKind, valid_until
from crm.companies.models import CHAIN_NODES, Company
from crm.core.errors import FieldErrors
from crm.extensions import db

CHUNK = 500
LONG_TEXT = 20_000
MOST_NAMES, MOST_HONOURS, MOST_NODES = 100, 100, 100
INDUSTRY_VERSION = "2017"
TEXT_LENGTHS = {
    "ref": 120,
    "name": 200,
    "short_name": 200,
    "country": 200,
    "region": 200,
    "industry_code": 10,
    "industry_version": 10,
    "products": LONG_TEXT,
    "summary": LONG_TEXT,
}
# Control characters and halves of characters, which no keyboard types and no database stores.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_HONOUR_LENGTHS = {"rank_or_code": 40, "issuer": 200, "evidence_url": 500}


class NameValue(TypedDict):
    """Another name; without a kind a known name keeps its own and a new one gets a likely one."""

    name: str
    kind: NameKind | None


class HonourValue(TypedDict, total=False):
    """An honour; without `valid_until` it lasts as long as its kind does (contract.md)."""

    kind: HonourKind
    level: HonourLevel | None
    year: int | None
    rank_or_code: str
    issuer: str
    valid_until: date | None
    evidence_url: str


class CompanyValues(TypedDict, total=False):
    """What a company is made of; keys that are absent stay unchanged.

    `parent_ref` is understood by `create_companies` alone, where it may name a firm of the same
    call.
    """

    ref: str | None
    name: str
    short_name: str
    uscc: str | None
    country: str
    region: str
    investor_nature: InvestorNature | None
    parent_id: int | None
    parent_ref: str | None
    account_owner_id: int | None
    industry_code: str
    industry_version: str
    in_zone: bool
    is_anchor: bool
    products: str
    summary: str
    aliases: Sequence[NameValue]
    honours: Sequence[HonourValue]
    chain_nodes: Sequence[str]
    submission_key: str | None


class CodeTaken(FieldErrors):
    """Another company has this credit code; the page links to it."""

    status = 409

    def __init__(self, errors: dict[str, list[str]], company_id: int, company_name: str) -> None:
        super().__init__(errors)
        self.company_id = company_id
        self.company_name = company_name


class Taken(NamedTuple):
    """The company that holds a unique value."""

    id: int
    name: str


@dataclass
class Known:
    """What rows are checked against, read once for all of them."""

    codes: dict[str, Taken] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)
    nodes: set[str] = field(default_factory=set)
    users: set[int] = field(default_factory=set)
    companies: set[int] = field(default_factory=set)


def read_known(rows: Collection[CompanyValues]) -> Known:
    """Read everything that the values of these rows refer to, a few statements for any number."""
    known = Known()
    codes = {uscc.compact(str(row["uscc"])) for row in rows if row.get("uscc")}
    for part in _parts(code for code in codes if len(code) == 18):
        query = select(Company.uscc, Company.id, Company.name).where(Company.uscc.in_(part))
        known.codes.update(
            (str(code), Taken(company_id, name))
            for code, company_id, name in db.session.execute(query)
        )
    refs = {str(row[key]).strip() for row in rows for key in ("ref", "parent_ref") if row.get(key)}
    for part in _parts(refs):
        found = db.session.execute(select(Company.ref, Company.id).where(Company.ref.in_(part)))
        known.refs.update((str(ref), company_id) for ref, company_id in found)
    nodes = {str(node) for row in rows for node in row.get("chain_nodes", ())}
    for part in _parts(nodes):
        known.nodes.update(
            db.session.scalars(select(CHAIN_NODES.c.id).where(CHAIN_NODES.c.id.in_(part)))
        )
    users = {row["account_owner_id"] for row in rows if row.get("account_owner_id")}
    for part in _parts(users):
        known.users.update(db.session.scalars(select(User.id).where(User.id.in_(part))))
    parents = {row["parent_id"] for row in rows if row.get("parent_id")}
    living = Company.merged_into_id.is_(None)
    for part in _parts(parents):
        known.companies.update(
            db.session.scalars(select(Company.id).where(Company.id.in_(part), living))
        )
    return known


def _parts(wanted: Any) -> list[list[Any]]:
    ordered = list(wanted)
    return [ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK)]


def checked(
    values: CompanyValues, known: Known, *, on: date, company_id: int | None = None
) -> CompanyValues:
    """The values as they are to be stored on this day. `company_id` is the record they are for.

    Raises FieldErrors with everything that is wrong with them; CodeTaken where the credit code
    belongs to another company.
    """
    errors: dict[str, list[str]] = {}
    clean = cast(CompanyValues, dict(values))
    _check_texts(values, clean, errors)
    if (company_id is None or "name" in values) and not clean.get("name"):
        errors.setdefault("name", []).append(_("请填写企业名称。"))
    _check_references(clean, known, errors)
    if "aliases" in values:
        clean["aliases"] = _checked_names(values["aliases"], errors)
    if "honours" in values:
        clean["honours"] = [_checked_honour(honour, on, errors) for honour in values["honours"]]
        _not_too_many("honours", len(clean["honours"]), MOST_HONOURS, errors)
    taken = _check_code(clean, known, company_id, errors)
    if taken is not None:
        raise CodeTaken(errors, taken.id, taken.name)
    if errors:
        raise FieldErrors(errors)
    return clean


def clean_text(text: str, most: int, errors: list[str]) -> str:
    """Text without blanks at its ends; too long or unprintable text adds to the errors."""
    text = text.replace("\r\n", "\n").strip()
    if _UNPRINTABLE.search(text):
        errors.append(_("含有不可见的控制字符，请删去后再保存。"))
    if len(text) > most:
        errors.append(_("最多 %(most)d 个字，您填了 %(count)d 个。", most=most, count=len(text)))
    return text


def _check_texts(values: CompanyValues, clean: CompanyValues, errors: dict[str, list[str]]) -> None:
    given = cast("dict[str, Any]", clean)
    for key, most in TEXT_LENGTHS.items():
        if key not in values:
            continue
        found: list[str] = []
        given[key] = clean_text(given[key] or "", most, found)
        if key in {"name", "short_name", "country", "region"}:
            given[key] = " ".join(given[key].split())
        if found:
            errors[key] = found
    if "ref" in clean:
        clean["ref"] = clean["ref"] or None
    if clean.get("industry_code") and not clean.get("industry_version"):
        clean["industry_version"] = INDUSTRY_VERSION


def _check_references(clean: CompanyValues, known: Known, errors: dict[str, list[str]]) -> None:
    if clean.get("parent_id") and clean["parent_id"] not in known.companies:
        errors.setdefault("parent_id", []).append(_("没有这家上级企业。"))
    if clean.get("account_owner_id") and clean["account_owner_id"] not in known.users:
        errors.setdefault("account_owner_id", []).append(_("没有这位客户负责人。"))
    if "chain_nodes" in clean:
        nodes = list(dict.fromkeys(node.strip() for node in clean["chain_nodes"] if node.strip()))
        unknown = [node for node in nodes if node not in known.nodes]
        if unknown:
            text = _("没有这个产业链环节：%(nodes)s。", nodes="、".join(unknown)[:200])
            errors.setdefault("chain_nodes", []).append(text)
        _not_too_many("chain_nodes", len(nodes), MOST_NODES, errors)
        clean["chain_nodes"] = nodes


def _check_code(
    clean: CompanyValues, known: Known, company_id: int | None, errors: dict[str, list[str]]
) -> Taken | None:
    if "uscc" not in clean:
        return None
    code = uscc.compact(clean["uscc"] or "")
    clean["uscc"] = code or None
    if not code:
        return None
    fault = uscc.find_fault(code)
    if fault is not None:
        errors.setdefault("uscc", []).append(_(fault.text, **fault.values))
        return None
    taken = known.codes.get(code)
    if taken is None or taken.id == company_id:
        return None
    errors.setdefault("uscc", []).append(
        _("这个信用代码已属于“%(name)s”，请打开那家企业，不要重复建档。", name=taken.name)
    )
    return taken


def _checked_names(given: Sequence[NameValue], errors: dict[str, list[str]]) -> list[NameValue]:
    found: dict[str, NameValue] = {}
    for value in given:
        faults: list[str] = []
        name = " ".join(clean_text(value["name"], 200, faults).split())
        if faults:
            errors.setdefault("aliases", []).extend(faults)
        elif name:
            found.setdefault(name, {"name": name, "kind": value.get("kind")})
    _not_too_many("aliases", len(found), MOST_NAMES, errors)
    return list(found.values())


def _checked_honour(given: HonourValue, on: date, errors: dict[str, list[str]]) -> HonourValue:
    faults: list[str] = []
    clean = cast("dict[str, Any]", dict(given))
    for key, most in _HONOUR_LENGTHS.items():
        if key in given:
            clean[key] = clean_text(clean[key] or "", most, faults)
    year = given.get("year")
    if year is not None and not 1900 <= year <= on.year + 1:
        text = _("资质年份应在 1900 至 %(last)d 之间。", last=on.year + 1)
        faults.append(text)
    elif year is not None and given.get("valid_until") is None:
        clean["valid_until"] = valid_until(given["kind"], year)
    address = clean.get("evidence_url")
    if address and not is_web_address(address):
        faults.append(_("佐证链接应以 http:// 或 https:// 开头。"))
    if faults:
        errors.setdefault("honours", []).extend(faults)
    return cast(HonourValue, clean)


def is_web_address(text: str) -> bool:
    """Whether a text is an address that a link may lead to."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _not_too_many(key: str, count: int, most: int, errors: dict[str, list[str]]) -> None:
    if count > most:
        errors.setdefault(key, []).append(_("最多 %(most)d 项。", most=most))


def likely_kind(name: str) -> NameKind:
    """The kind of a name that came without one."""
    if name.isascii() and name.isdigit():
        return NameKind.STOCK
    return NameKind.SHORT if names.has_han(name) else NameKind.ENGLISH


def names_for(
    values: Mapping[str, Any], kept: Mapping[str, NameKind]
) -> list[tuple[str, NameKind]]:
    """All names of a company with their kinds: full, short, others; each name once."""
    found: dict[str, NameKind] = {values["name"]: NameKind.FULL}
    if values.get("short_name"):
        found.setdefault(values["short_name"], NameKind.SHORT)
    for alias in values.get("aliases", ()):
        name = alias["name"]
        found.setdefault(name, alias["kind"] or kept.get(name) or likely_kind(name))
    return list(found.items())


def name_keys(name: str, kind: NameKind) -> dict[str, Any]:
    """The columns of a row of `company_names`, with the keys by which the name is found."""
    return {
        "name": name,
        "kind": kind,
        "key": names.name_key(name),
        "pinyin": names.pinyin_of(name),
        "initials": names.initials_of(name),
    }
