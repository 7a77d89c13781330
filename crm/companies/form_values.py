"""Between the form of a company and its services: values out, a company in, words for both."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from crm.companies.forms import CompanyForm, is_blank
from crm.companies.kinds import HonourKind, HonourLevel, InvestorNature, NameKind
from crm.companies.models import Company
from crm.companies.services import CompanyValues, HonourValue, NameValue

TEXTS = (
    "name", "short_name", "uscc", "country", "region", "industry_code", "industry_version",
    "products", "summary",
)  # fmt: skip
HONOUR_TEXTS = ("rank_or_code", "issuer", "evidence_url")


def values_of(form: CompanyForm) -> CompanyValues:
    """The values of a form but for parent, owner and nodes, which the route looks up."""
    values: dict[str, Any] = {name: form[name].data or "" for name in TEXTS}
    nature = form.investor_nature.data
    values["investor_nature"] = InvestorNature(nature) if nature else None
    values["in_zone"] = bool(form.in_zone.data)
    values["is_anchor"] = bool(form.is_anchor.data)
    values["aliases"] = [
        NameValue(name=row.form["name"].data, kind=_kind(row.form.kind.data))
        for row in form.aliases
        if not is_blank(row)
    ]
    values["honours"] = [_honour(row.form) for row in form.honours if row.form.kind.data]
    return cast(CompanyValues, values)


def _kind(text: str | None) -> NameKind | None:
    return NameKind(text) if text else None


def _honour(row: Any) -> HonourValue:
    value = HonourValue(
        kind=HonourKind(row.kind.data),
        level=HonourLevel(row.level.data) if row.level.data else None,
        year=row.year.data,
        valid_until=row.valid_until.data,
    )
    for name in HONOUR_TEXTS:
        cast("dict[str, Any]", value)[name] = row[name].data or ""
    return value


def stored(company: Company) -> dict[str, Any]:
    """A company as the data that its form is drawn with."""
    data: dict[str, Any] = {name: getattr(company, name) or "" for name in TEXTS}
    data["investor_nature"] = company.investor_nature.value if company.investor_nature else ""
    data["in_zone"] = company.in_zone
    data["is_anchor"] = company.is_anchor
    data["aliases"] = [{"name": row.name, "kind": row.kind.value} for row in other_names(company)]
    data["honours"] = [
        {
            "kind": row.kind.value,
            "level": row.level.value if row.level else "",
            "year": row.year,
            "valid_until": row.valid_until,
            **{name: getattr(row, name) for name in HONOUR_TEXTS},
        }
        for row in company.honours
    ]
    data["version"] = str(company.version)
    return data


def other_names(company: Company) -> list[Any]:
    """The names besides the full and the short one."""
    own = {(company.name, NameKind.FULL), (company.short_name, NameKind.SHORT)}
    return [row for row in company.names if (row.name, row.kind) not in own]


def present_values(company: Company) -> CompanyValues:
    """A company as the values that a form of it would give, for comparing two versions."""
    values: dict[str, Any] = {name: getattr(company, name) or "" for name in TEXTS}
    for name in ("investor_nature", "in_zone", "is_anchor", "parent_id", "account_owner_id"):
        values[name] = getattr(company, name)
    values["aliases"] = [NameValue(name=row.name, kind=row.kind) for row in other_names(company)]
    values["honours"] = [
        HonourValue(
            kind=row.kind, level=row.level, year=row.year, valid_until=row.valid_until,
            rank_or_code=row.rank_or_code, issuer=row.issuer, evidence_url=row.evidence_url,
        )
        for row in company.honours
    ]  # fmt: skip
    values["chain_nodes"] = [row.node_id for row in company.nodes]
    return cast(CompanyValues, values)


def in_words(
    name: str, value: Any, *, labels: Mapping[str, str], records: Mapping[tuple[str, Any], str]
) -> str:
    """A value as the compare table shows it; `labels` are of chain nodes, `records` of links."""
    if name in ("parent_id", "account_owner_id"):
        return records.get((name, value), "")
    if name == "aliases":
        return "；".join(sorted(alias["name"] for alias in value))
    if name == "honours":
        return "；".join(sorted(_honour_in_words(honour) for honour in value))
    if name == "chain_nodes":
        return "、".join(sorted(labels.get(node, node) for node in cast(Sequence[str], value)))
    if isinstance(value, bool):
        return "✓" if value else "—"
    return str(getattr(value, "label", value or ""))


def _honour_in_words(honour: HonourValue) -> str:
    parts = [honour["kind"].label, str(honour.get("year") or "")]
    level, until = honour.get("level"), honour.get("valid_until")
    return " ".join(
        part for part in [*parts, level.label if level else "", str(until or "")] if part
    )
