"""Imports companies: new ones in bulk, parents in whatever order they come."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crm.companies.models import Company
from crm.companies.services import CompanyValues, create_companies, update_company
from crm.core.errors import FieldErrors, NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Capability
from crm.exchange.exporting.companies import values_of
from crm.exchange.faults import RowFault
from crm.exchange.headers import Row
from crm.exchange.honours import HonourLine
from crm.exchange.importing.base import Importer, cells_of
from crm.exchange.importing.context import Context, Results, each_row, faults_of
from crm.exchange.importing.differences import differing
from crm.exchange.importing.lookups import NO_COMPANY, chunks, ids_by_ref
from crm.extensions import db


class CompanyImporter(Importer):
    """Rows whose parent is not there yet wait until the end of the file."""

    batch_size = 2_000

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not context.actor.can(Capability.EDIT_COMPANIES):
            raise NotAllowed(N_("您的角色不能新增或修改企业。"))
        self._waiting: list[Row] = []
        # Refs that a trial would have created: later rows may name them as parents.
        self._tried: set[str] = set()

    def take(self, rows: Sequence[Row]) -> Results:
        results = Results()
        known = ids_by_ref(Company, cells_of(rows, "ref", "parent_ref"))
        self._take(self._ready(rows, known), known, results)
        return results

    def finish(self) -> Results:
        results = Results()
        rows, self._waiting = self._waiting, []
        self._take(rows, ids_by_ref(Company, cells_of(rows, "ref", "parent_ref")), results)
        return results

    def _ready(self, rows: Sequence[Row], known: Mapping[str, int]) -> list[Row]:
        """The rows whose parent is stored or in this very batch; the others are put aside."""
        ready = list(rows)
        while True:
            there = known.keys() | self._tried | {row.key for row in ready}
            waiting = [
                row
                for row in ready
                if (parent := row.values.get("parent_ref")) and parent not in there
            ]
            if not waiting:
                return ready
            self._waiting += waiting
            put_aside = {row.number for row in waiting}
            ready = [row for row in ready if row.number not in put_aside]

    def _take(self, rows: Sequence[Row], known: Mapping[str, int], results: Results) -> None:
        new = [row for row in rows if row.key is None or row.key not in known]
        self._create(new, known, results)
        old = [row for row in rows if row.key is not None and row.key in known]
        if not self.context.update:
            results.unchanged.update(row.number for row in old)
        elif old:
            parents = ids_by_ref(Company, cells_of(old, "parent_ref"))
            for part in chunks(old):
                self._update(part, known, parents, results)

    def _create(self, rows: Sequence[Row], known: Mapping[str, int], results: Results) -> None:
        if not rows:
            return
        values = [self._values(row.values, known) for row in rows]
        outcomes = create_companies(actor=self.context.actor, on=self.context.on, rows=values)
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, FieldErrors):
                results.fail(row, *faults_of(outcome))
                continue
            results.created.add(row.number)
            if self.context.dry_run and row.key:
                self._tried.add(row.key)

    def _update(
        self,
        rows: Sequence[Row],
        known: Mapping[str, int],
        parents: Mapping[str, int],
        results: Results,
    ) -> None:
        companies = _load([known[row.key] for row in rows if row.key])
        stored = values_of(list(companies.values()))
        for row in rows:
            company = companies[known[cast(str, row.key)]]
            with each_row(results, row):
                context = self.context
                given = differing(context.layout, row, stored[company.id], context.on)
                given.pop("ref", None)
                if "parent_ref" in given:
                    self._check_parent(given["parent_ref"], parents)
                values = self._values(given, parents)
                results.changed(
                    row,
                    bool(given)
                    and update_company(
                        actor=context.actor, on=context.on, company=company, values=values
                    ),
                )

    def _check_parent(self, ref: str | None, parents: Mapping[str, int]) -> None:
        if ref and ref not in parents and ref not in self._tried:
            raise RowFault("parent_ref", NO_COMPANY, ref=ref)

    def _values(self, given: Mapping[str, Any], parents: Mapping[str, int]) -> CompanyValues:
        """Values by column as the services of companies take them."""
        values: dict[str, Any] = dict(given)
        if "aliases" in values:
            values["aliases"] = [{"name": name, "kind": None} for name in values["aliases"]]
        if "honours" in values:
            values["honours"] = [_honour(line) for line in values["honours"]]
        if "parent_ref" in values:
            parent = values["parent_ref"]
            if not parent or parent in parents:
                values["parent_id"] = parents[parent] if parent else None
                del values["parent_ref"]
            elif parent in self._tried:
                del values["parent_ref"]
        return cast(CompanyValues, values)


def _honour(line: HonourLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "level": line.level,
        "year": line.year,
        "valid_until": line.valid_until,
    }


def _load(ids: Sequence[int]) -> dict[int, Company]:
    query = (
        select(Company)
        .where(Company.id.in_(ids))
        .options(
            selectinload(Company.names),
            selectinload(Company.honours),
            selectinload(Company.nodes),
            selectinload(Company.parent),
        )
    )
    return {company.id: company for company in db.session.scalars(query)}
