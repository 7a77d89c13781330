"""Firms: those of the zone's report with its facts alone, and the made-up ones with contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.cn.uscc import calc_check_digit

from crm.companies.kinds import DecisionRole, HonourKind, HonourLevel, InvestorNature, NameKind
from crm.companies.models import Company
from crm.companies.services import (
    CompanyValues,
    HonourValue,
    NameValue,
    create_companies,
    save_contact,
)
from crm.core.permissions import SYSTEM, Actor
from crm.demo.dice import Dice
from crm.demo.people import TEAM_OF_TRADE, Cast
from crm.demo.reading import Firm, read, read_reference
from crm.extensions import db

_ISSUERS = {
    HonourKind.LITTLE_GIANT: "工业和信息化部",
    HonourKind.SINGLE_CHAMPION: "工业和信息化部",
    HonourKind.HIGH_TECH: "高新技术企业认定管理机构",
}
_SURNAMES = (
    "林何赵钱孙李吴郑王冯陈褚蒋沈韩杨朱秦许吕施张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁柳"
)
_DECIDERS = ("董事长", "总经理", "总裁", "中国区总经理")
_OTHERS = (
    ("财务总监", DecisionRole.INFLUENCES),
    ("技术总监", DecisionRole.INFLUENCES),
    ("战略投资部部长", DecisionRole.INFLUENCES),
    ("总经办主任", DecisionRole.LIAISES),
    ("项目经理", DecisionRole.LIAISES),
    ("选址顾问", DecisionRole.INTERMEDIARY),
)


@dataclass(frozen=True)
class Person:
    """A contact as notes name them."""

    id: int
    name: str
    title: str

    @property
    def spoken(self) -> str:
        """示例林总, or the name with the title."""
        return self.name if self.name.endswith("总") else f"{self.title}{self.name}"


@dataclass(frozen=True)
class Placed:
    """A made-up firm in the database, with its people, the one who decides first."""

    firm: Firm
    id: int
    people: tuple[Person, ...]
    uscc: str


def must_all(results: Sequence[Any]) -> list[Any]:
    """The results of a bulk service, or its first fault: demo data has to be right."""
    for result in results:
        if isinstance(result, Exception):
            raise result
    return list(results)


def make_zone_firms(on: date) -> dict[str, int]:
    """The firms of the 2024 report; returns all ids by name."""
    zone = read("zone.yaml")
    places = _positions()
    names = {row["name"]: row for row in read_reference("companies/reference/names.yaml")}
    rows = [_zone_row(name, row, zone, places) for name, row in names.items()]
    rows += [
        _zone_row(row["name"], {"region": "", "aliases": [], **row}, zone, places)
        for row in zone["others"]
    ]
    ids = must_all(create_companies(actor=SYSTEM, on=on, rows=rows))
    return {row["name"]: company_id for row, company_id in zip(rows, ids, strict=True)}


def _positions() -> dict[str, list[str]]:
    chains = read_reference("chains/reference/chains.yaml")["chains"]
    return {
        row["name"]: list(row["nodes"])
        for chain in chains
        for row in [*chain["anchors"], *chain.get("firms", [])]
    }


def _zone_row(
    name: str, row: Mapping[str, Any], zone: Mapping[str, Any], places: Mapping[str, list[str]]
) -> CompanyValues:
    aliases: list[NameValue] = [
        {"name": str(alias), "kind": NameKind(kind)}
        for pair in row["aliases"]
        for alias, kind in pair.items()
    ]
    aliases += [
        {"name": alias, "kind": NameKind.SHORT} for alias in zone["further_names"].get(name, ())
    ]
    stated = [
        f"2024 年动员会报告所列{project['tier']}项目：{project['name']}。"
        for project in zone["projects"]
        if project["firm"] == name
    ]
    words = row["region"].split()
    values: CompanyValues = {
        "ref": f"demo-zone-{name}",
        "name": name,
        "aliases": aliases,
        "country": words[0] if words and words[0] in ("中国", "德国", "美国") else "",
        "region": words[1] if len(words) > 1 else "",
        "in_zone": name not in zone["outside"],
        "is_anchor": name in zone["anchors"],
        "chain_nodes": places.get(name, []),
        "summary": "\n".join([*filter(None, [zone["remarks"].get(name)]), *stated]),
    }
    if name in zone["foreign"]:
        values["investor_nature"] = InvestorNature.FOREIGN
    honour = zone["honours"].get(name)
    if honour:
        values["honours"] = [{"kind": HonourKind(honour["kind"]), "year": honour.get("year")}]
    if row.get("parent"):
        values["parent_ref"] = f"demo-zone-{row['parent']}"
    return values


def make_firms(firms: Sequence[Firm], cast: Cast, on: date, today: date) -> list[Placed]:
    """The made-up firms with their contacts."""
    dice = Dice("firms")
    codes = [_code(number) if _has_code(firm, dice) else "" for number, firm in enumerate(firms, 1)]
    rows = [_row(firm, code, cast, dice, today) for firm, code in zip(firms, codes, strict=True)]
    ids = must_all(create_companies(actor=SYSTEM, on=on, rows=rows))
    companies = {company.id: company for company in db.session.query(Company)}
    taken: set[str] = set()
    return [
        Placed(firm, company_id, _people(firm, companies[company_id], cast, dice, taken), code)
        for firm, company_id, code in zip(firms, ids, codes, strict=True)
    ]


def _has_code(firm: Firm, dice: Dice) -> bool:
    return firm.country == "中国" and dice.chance(62)


def _code(number: int) -> str:
    """A credit code with right check digits in the range of the zone's own."""
    organisation = f"{90_000_000 + number * 137:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(organisation, weights, strict=True))
    body = f"91320301{organisation}{'0123456789X'[(11 - total % 11) % 11]}"
    return body + str(calc_check_digit(body))


def _row(firm: Firm, code: str, cast: Cast, dice: Dice, today: date) -> CompanyValues:
    officers = cast.officers["wz" if firm.is_foreign else TEAM_OF_TRADE[firm.trade]]
    values: CompanyValues = {
        "ref": f"demo-{firm.name}",
        "name": firm.name,
        "short_name": firm.short,
        "uscc": code or None,
        "country": firm.country,
        "region": firm.city if firm.country != "中国" else firm.at,
        "investor_nature": firm.nature,
        "in_zone": firm.in_zone,
        "products": firm.products,
        "chain_nodes": firm.nodes,
        "aliases": [{"name": name, "kind": NameKind(kind)} for kind, name in firm.aka.items()],
        "honours": [_honour(text, today, dice) for text in firm.honours],
        "summary": f"主营{firm.products}。示例企业，纯属虚构。",
        "account_owner_id": dice.pick(officers).id,
    }
    if firm.parent:
        values["parent_ref"] = f"demo-{firm.parent}"
    return values


def _honour(text: str, today: date, dice: Dice) -> HonourValue:
    kind_text, ago = text.split(":")
    kind = HonourKind(kind_text)
    by_province = ago.endswith("p")
    honour: HonourValue = {
        "kind": kind,
        "level": HonourLevel.PROVINCIAL if by_province else HonourLevel.NATIONAL,
        "year": today.year - int(ago.rstrip("p")),
        "issuer": "" if by_province else _ISSUERS.get(kind, ""),
    }
    if kind in (HonourKind.FORTUNE_GLOBAL_500, HonourKind.CHINA_500):
        honour["rank_or_code"] = str(dice.between(30, 490))
    if kind is HonourKind.LISTED:
        honour["rank_or_code"] = f"示例{dice.between(1000, 9999)}"
    if kind in (HonourKind.LISTED, HonourKind.MULTINATIONAL, HonourKind.UNICORN):
        honour["level"] = None
    return honour


def _people(
    firm: Firm, company: Company, cast: Cast, dice: Dice, taken: set[str]
) -> tuple[Person, ...]:
    team = "wz" if firm.is_foreign else TEAM_OF_TRADE[firm.trade]
    actor: Actor = dice.pick(cast.officers[team])
    posts = [(dice.pick(_DECIDERS if firm.is_foreign else _DECIDERS[:3]), DecisionRole.DECIDES)]
    posts += dice.some(_OTHERS, dice.between(0, 2) if firm.has_lead else 0)
    found = []
    for title, role in posts:
        name = _name(role, dice)
        number = len(taken)
        taken.add(f"{company.id}{name}{title}")
        contact = save_contact(
            actor=actor,
            company=company,
            values={
                "name": name,
                "title": title,
                "decision_role": role,
                # 199 0000 xxxx: plainly not a number that anyone has.
                "phone": f"199 0000 {number + 1:04d}",
                "email": f"contact{number + 1}@example.com" if dice.chance(40) else "",
            },
        )
        found.append(Person(contact.id, name, title))
    return tuple(found)


def _name(role: DecisionRole, dice: Dice) -> str:
    surname = dice.pick(_SURNAMES)
    if role is DecisionRole.DECIDES:
        return f"示例{surname}总"
    return f"示例{surname}{dice.pick(('女士', '先生', '工', '经理', '主任'))}"
