"""Adding many companies at once, for imports and demo data."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, cast

from flask_babel import gettext as _
from sqlalchemy import bindparam, insert, select

from crm.companies.models import Company, CompanyName, CompanyNode, Honour
from crm.companies.services.documents import company_changed
from crm.companies.services.saving import COLUMNS
from crm.companies.services.values import (
    CompanyValues,
    Known,
    Taken,
    checked,
    name_keys,
    names_for,
    read_known,
)
from crm.core.activity import Activity
from crm.core.clock import now
from crm.core.errors import FieldErrors
from crm.core.permissions import Actor
from crm.extensions import db

_EMPTY: dict[str, Any] = {
    "ref": None, "name": "", "short_name": "", "uscc": None, "country": "", "region": "",
    "investor_nature": None, "parent_id": None, "account_owner_id": None, "industry_code": "",
    "industry_version": "", "in_zone": False, "is_anchor": False, "products": "", "summary": "",
}  # fmt: skip
_EMPTY_HONOUR: dict[str, Any] = {
    "level": None,
    "year": None,
    "rank_or_code": "",
    "issuer": "",
    "valid_until": None,
    "evidence_url": "",
}
_NEW = 0
"""Stands for the id of a company of the same call, which it does not have yet."""


def create_companies(
    *, actor: Actor, on: date, rows: Sequence[CompanyValues]
) -> list[int | FieldErrors]:
    """Add companies in a handful of statements; for each row its new id or what is wrong with it.

    Good rows are added, bad ones are left out. `parent_ref` may name a company of the database or
    of another row, in any order; a row whose parent is bad is bad too, and so is a loop.
    """
    known = read_known(rows)
    results = _check_all(rows, known, on)
    _check_parents(rows, results, known)
    good = [place for place, result in enumerate(results) if isinstance(result, dict)]
    values = [cast(CompanyValues, results[place]) for place in good]
    ids = _insert_all(values, actor)
    _link_parents(values, ids, known)
    company_changed(ids)
    found = dict(zip(good, ids, strict=True))
    return [
        found[place] if place in found else cast(FieldErrors, result)
        for place, result in enumerate(results)
    ]


Results = list[CompanyValues | FieldErrors]


def _check_all(rows: Sequence[CompanyValues], known: Known, on: date) -> Results:
    """Each row checked against the database and the rows before it."""
    results: Results = []
    refs = dict(known.refs)
    for row in rows:
        try:
            clean = checked(row, known, on=on)
            ref = clean.get("ref")
            if ref and ref in refs:
                text = (
                    _("编号“%(ref)s”在这批数据里出现了两次。", ref=ref)
                    if refs[ref] == _NEW
                    else _("已有企业使用编号“%(ref)s”。", ref=ref)
                )
                raise FieldErrors({"ref": [text]})
        except FieldErrors as error:
            results.append(error)
            continue
        if ref:
            refs[ref] = _NEW
        code = clean.get("uscc")
        if code:
            known.codes[code] = Taken(_NEW, clean["name"])
        results.append(clean)
    return results


def _check_parents(rows: Sequence[CompanyValues], results: Results, known: Known) -> None:
    """Replace rows by faults where the parent is missing or bad, or a tree runs in a circle."""
    places: dict[str, int] = {}
    for place, row in enumerate(rows):
        # A second row of the same key is refused already: the first is the one meant.
        places.setdefault(_ref(row, "ref"), place)
    places.pop("", None)
    parents = {place: ref for place, row in enumerate(rows) if (ref := _ref(row, "parent_ref"))}
    for place, ref in parents.items():
        if ref not in places and ref not in known.refs:
            _refuse(results, place, _("没有编号为“%(ref)s”的上级企业。", ref=ref))
    for place in _circles(parents, places):
        _refuse(results, place, _("上级企业不能是这家企业自己或它的下级。"))
    below: dict[str, list[int]] = {}
    for place, ref in parents.items():
        if ref not in known.refs:
            below.setdefault(ref, []).append(place)
    bad = [place for place, result in enumerate(results) if isinstance(result, FieldErrors)]
    while bad:
        place = bad.pop()
        ref = _ref(rows[place], "ref")
        if places.get(ref) != place:
            continue
        text = _("上级企业“%(ref)s”那一行有误。", ref=ref)
        bad += [child for child in below.pop(ref, ()) if _refuse(results, child, text)]


def _ref(row: CompanyValues, key: Literal["ref", "parent_ref"]) -> str:
    return (row.get(key) or "").strip()


def _refuse(results: Results, place: int, text: str) -> bool:
    """Put a fault in a row's place, unless it has one already."""
    if isinstance(results[place], FieldErrors):
        return False
    results[place] = FieldErrors({"parent_ref": [text]})
    return True


def _circles(parents: Mapping[int, str], places: Mapping[str, int]) -> list[int]:
    """The rows that come back to themselves when one follows their parents."""
    found: list[int] = []
    done: set[int] = set()
    for start in parents:
        path: dict[int, int] = {}
        at: int | None = start
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = places.get(parents.get(at, ""))
        if at is not None and at in path:
            found += [place for place, order in path.items() if order >= path[at]]
        done.update(path)
    return found


def _insert_all(rows: Sequence[CompanyValues], actor: Actor) -> list[int]:
    if not rows:
        return []
    moment = now()
    shared = {"created_by_id": actor.id, "created_at": moment, "updated_at": moment, "version": 1}
    data = [
        {**_EMPTY, **{key: value for key, value in row.items() if key in COLUMNS}, **shared}
        for row in rows
    ]
    statement = insert(Company).returning(Company.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(statement, data))
    pairs = list(zip(ids, rows, strict=True))
    _insert(
        CompanyName,
        [
            {"company_id": company_id, **name_keys(name, kind)}
            for company_id, row in pairs
            for name, kind in names_for(row, {})
        ],
    )
    _insert(
        Honour,
        [
            {"company_id": company_id, **_EMPTY_HONOUR, **honour}
            for company_id, row in pairs
            for honour in row.get("honours", ())
        ],
    )
    _insert(
        CompanyNode,
        [
            {
                "company_id": company_id,
                "node_id": node_id,
                "confidence": 100,
                "set_by_id": actor.id,
                "set_at": moment,
            }
            for company_id, row in pairs
            for node_id in row.get("chain_nodes", ())
        ],
    )
    _insert(Activity, [_deed(actor, moment, company_id, row["name"]) for company_id, row in pairs])
    return ids


def _deed(actor: Actor, moment: Any, company_id: int, name: str) -> dict[str, Any]:
    return {
        "at": moment,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "verb": "company.create",
        "subject_type": "company",
        "subject_id": company_id,
        "summary": name,
    }


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    """All rows in one statement; the mapped class would make one for each set of empty columns."""
    if rows:
        db.session.execute(insert(model.__table__), rows)


def _link_parents(rows: Sequence[CompanyValues], ids: Sequence[int], known: Known) -> None:
    new = {ref: id_ for row, id_ in zip(rows, ids, strict=True) if (ref := _ref(row, "ref"))}
    by_ref = {**known.refs, **new}
    links = {
        company_id: by_ref[parent]
        for company_id, row in zip(ids, rows, strict=True)
        if (parent := _ref(row, "parent_ref"))
    }
    if not links:
        return
    kept = _living(set(links.values()))
    table = Company.__table__
    statement = (
        table.update()  # type: ignore[attr-defined]
        .where(table.c.id == bindparam("child"))
        .values(parent_id=bindparam("parent"))
    )
    db.session.connection().execute(
        statement,
        [{"child": child, "parent": kept.get(parent, parent)} for child, parent in links.items()],
    )


def _living(ids: set[int]) -> dict[int, int]:
    """For companies that were merged away: the one that was kept."""
    query = select(Company.id, Company.merged_into_id).where(
        Company.id.in_(ids), Company.merged_into_id.is_not(None)
    )
    return {gone: kept for gone, kept in db.session.execute(query) if kept is not None}
