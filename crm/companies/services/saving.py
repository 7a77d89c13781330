"""Adding and changing one company."""

from datetime import date
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from crm.companies.kinds import NameKind
from crm.companies.models import Company, CompanyName, CompanyNode, Honour
from crm.companies.queries import node_names, subtree_ids
from crm.companies.services.documents import company_changed
from crm.companies.services.values import (
    CompanyValues,
    HonourValue,
    NameValue,
    checked,
    name_keys,
    names_for,
    read_known,
)
from crm.core import activity
from crm.core.clock import now
from crm.core.errors import Conflict, FieldErrors, StaleVersion
from crm.core.labels import N_
from crm.core.permissions import Actor
from crm.extensions import db

COLUMNS = (
    "ref", "name", "short_name", "uscc", "country", "region", "investor_nature", "parent_id",
    "account_owner_id", "industry_code", "industry_version", "in_zone", "is_anchor", "products",
    "summary",
)  # fmt: skip
HONOUR_COLUMNS = ("level", "year", "rank_or_code", "issuer", "valid_until", "evidence_url")
_SHOWN = 200


def create_company(*, actor: Actor, on: date, values: CompanyValues) -> Company:
    """Add a company with its names, honours and chain nodes.

    Raises FieldErrors (CodeTaken for a credit code that another company has), Conflict where the
    key of another system is taken.
    """
    known = read_known([values])
    clean = checked(values, known, on=on)
    if clean.get("ref") and clean["ref"] in known.refs:
        raise FieldErrors({"ref": [_("已有企业使用编号“%(ref)s”。", ref=clean["ref"])]})
    plain = {key: value for key, value in clean.items() if key in COLUMNS}
    company = Company(
        **plain,
        created_by_id=actor.id,
        submission_key=clean.get("submission_key") or None,
        names=[],
        honours=[],
        nodes=[],
    )
    db.session.add(company)
    db.session.flush()
    _set_names(company, clean, was_short="")
    if "honours" in clean:
        _set_honours(company, list(clean["honours"]))
    if "chain_nodes" in clean:
        _set_nodes(company, list(clean["chain_nodes"]), actor)
    db.session.flush()
    activity.record(
        actor=actor,
        verb="company.create",
        subject_type="company",
        subject_id=company.id,
        summary=company.name,
    )
    company_changed([company.id])
    return company


def update_company(
    *,
    actor: Actor,
    on: date,
    company: Company,
    values: CompanyValues,
    version: int | None = None,
) -> bool:
    """Change a company; False where the values say what is stored already.

    `version` is the row version that the values were made from. Raises StaleVersion where the
    company has changed since, FieldErrors, Conflict for a company that was merged away.
    """
    if company.merged_into_id is not None:
        raise Conflict(N_("这家企业已并入另一家，不能再修改。"))
    if version is not None and version != company.version:
        raise StaleVersion(N_("这条记录刚被别人改过，请核对后再保存。"))
    known = read_known([values])
    clean = checked(values, known, on=on, company_id=company.id)
    _check_own(company, clean, known.refs)
    was_short = company.short_name
    changes = _set_columns(company, clean)
    renamed = bool({"name", "short_name"} & changes.keys())
    if renamed or "aliases" in clean:
        renamed |= _note(changes, "aliases", *_set_names(company, clean, was_short))
    if "honours" in clean:
        _note(changes, "honours", *_set_honours(company, list(clean["honours"])))
    if "chain_nodes" in clean:
        _note(changes, "chain_nodes", *_set_nodes(company, list(clean["chain_nodes"]), actor))
    if not changes:
        return False
    # Names and honours are rows of their own: the company's version must count their changes too.
    company.updated_at = now()
    flag_modified(company, "updated_at")
    db.session.flush()
    activity.record(
        actor=actor,
        verb="company.update",
        subject_type="company",
        subject_id=company.id,
        summary=company.name,
        changes=changes,
    )
    company_changed([company.id], renamed=renamed)
    return True


def _check_own(company: Company, clean: CompanyValues, refs: dict[str, int]) -> None:
    """What depends on the record itself: no loop in the group tree, no key of another company."""
    ref = clean.get("ref")
    if ref and refs.get(ref, company.id) != company.id:
        raise FieldErrors({"ref": [_("已有企业使用编号“%(ref)s”。", ref=ref)]})
    parent_id = clean.get("parent_id")
    if parent_id and parent_id != company.parent_id and parent_id in subtree_ids(company.id):
        text = _("上级企业不能是这家企业自己或它的下级。")
        raise FieldErrors({"parent_id": [text]})


Changes = dict[str, list[Any]]


def _note(changes: Changes, key: str, before: str, after: str) -> bool:
    if before == after:
        return False
    changes[key] = [before, after]
    return True


def _set_columns(company: Company, clean: CompanyValues) -> Changes:
    changes: Changes = {}
    for key in COLUMNS:
        if key not in clean:
            continue
        before, after = getattr(company, key), cast("dict[str, Any]", clean)[key]
        if before != after:
            setattr(company, key, after)
            changes[key] = [_shown(before), _shown(after)]
    return changes


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return str(getattr(value, "label", value))[:_SHOWN]
    return value


def _set_names(company: Company, clean: CompanyValues, was_short: str) -> tuple[str, str]:
    """Make the rows of names agree with the values; returns all names before and after."""
    rows = list(company.names)
    # A name that was the full one and is listed among the others now is a former one.
    kept = {row.name: NameKind.FORMER if row.kind is NameKind.FULL else row.kind for row in rows}
    others = clean.get("aliases")
    if others is None:
        own_short = (was_short, NameKind.SHORT)
        others = [
            NameValue(name=row.name, kind=row.kind)
            for row in rows
            if row.kind is not NameKind.FULL and (row.name, row.kind) != own_short
        ]
    values = {"name": company.name, "short_name": company.short_name, "aliases": others}
    wanted = names_for(values, kept)
    before = _names_shown(rows)
    for row in rows:
        if (row.name, row.kind) not in wanted:
            company.names.remove(row)
    present = {(row.name, row.kind) for row in company.names}
    for name, kind in wanted:
        if (name, kind) not in present:
            company.names.append(CompanyName(**name_keys(name, kind)))
    return before, _names_shown(company.names)


def _names_shown(rows: list[CompanyName]) -> str:
    return "；".join(sorted(f"{row.kind.label} {row.name}" for row in rows))


def _set_honours(company: Company, wanted: list[HonourValue]) -> tuple[str, str]:
    """Make the honours agree with the values; what a value does not mention stays as it is."""
    before = _honours_shown(company)
    unused = list(company.honours)
    for value in wanted:
        same = [row for row in unused if _is_same(row, value)]
        if same:
            unused.remove(same[0])
            for key in HONOUR_COLUMNS:
                given = cast("dict[str, Any]", value)
                if key in given and getattr(same[0], key) != given[key]:
                    setattr(same[0], key, given[key])
        else:
            company.honours.append(Honour(**value))
    for row in unused:
        company.honours.remove(row)
    return before, _honours_shown(company)


def _is_same(row: Honour, value: HonourValue) -> bool:
    return (row.kind, row.year, row.level) == (
        value["kind"],
        value.get("year"),
        value.get("level"),
    )


def _honours_shown(company: Company) -> str:
    rows = (
        [row.kind.label, *(_honour_part(getattr(row, key)) for key in HONOUR_COLUMNS)]
        for row in company.honours
    )
    return "；".join(sorted(" ".join(part for part in parts if part) for parts in rows))


def _honour_part(value: Any) -> str:
    return "" if value is None else str(getattr(value, "label", value))


def _set_nodes(company: Company, wanted: list[str], actor: Actor) -> tuple[str, str]:
    """Make the chain nodes agree with the values; those that stay keep who set them."""
    before = [row.node_id for row in company.nodes]
    for row in list(company.nodes):
        if row.node_id not in wanted:
            company.nodes.remove(row)
    for node_id in wanted:
        if node_id not in before:
            company.nodes.append(CompanyNode(node_id=node_id, set_by_id=actor.id))
    labels = node_names([*before, *wanted])
    texts = ["、".join(sorted(labels.get(node, node) for node in ids)) for ids in (before, wanted)]
    return texts[0], texts[1]
