"""Imports past rows of the stage log: history, which comes in only as such."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from crm.core.errors import DomainError
from crm.core.labels import N_
from crm.exchange.faults import RowFault
from crm.exchange.headers import Row
from crm.exchange.importing.base import Importer, cells_of
from crm.exchange.importing.context import Results, faults_of
from crm.exchange.importing.lookups import NO_LEAD, NO_USER, ids_by_ref, needed, user_ids
from crm.extensions import db
from crm.leads.models import Lead, StageEntry
from crm.leads.services import PastStage, add_stage_histories
from crm.leads.stages import Stage


class StageLogImporter(Importer):
    """A row is known by lead, stage and day; an equal one is not repeated."""

    def prepare(self, rows: Sequence[Row]) -> None:
        self._ids = ids_by_ref(Lead, cells_of(rows, "ref"), seen_by=self.context.actor)
        self._users = user_ids(cells_of(rows, "by"))
        wanted = set(self._ids.values())
        leads = db.session.scalars(select(Lead).where(Lead.id.in_(wanted)))
        self._leads = {lead.id: lead for lead in leads}
        known = select(StageEntry.lead_id, StageEntry.to_stage, StageEntry.entered_on)
        self._known: set[tuple[int, Stage, date]] = {
            (lead_id, stage, day)
            for lead_id, stage, day in db.session.execute(
                known.where(StageEntry.lead_id.in_(wanted))
            )
        }

    def take(self, rows: Sequence[Row]) -> Results:
        results = Results()
        self.prepare(rows)
        new: list[tuple[Row, PastStage]] = []
        for row in rows:
            try:
                past = self._past_stage(row, results)
            except RowFault as fault:
                results.fail(row, fault)
                continue
            if past is not None:
                new.append((row, past))
        outcomes = add_stage_histories(actor=self.context.actor, rows=[past for _row, past in new])
        for (row, _past), outcome in zip(new, outcomes, strict=True):
            if isinstance(outcome, DomainError):
                results.fail(row, *faults_of(outcome))
            elif outcome:
                results.created.add(row.number)
            else:
                results.unchanged.add(row.number)
        return results

    def _past_stage(self, row: Row, results: Results) -> PastStage | None:
        """The row as the service takes it; None for one that the log has already."""
        lead = self._leads[needed(self._ids, "ref", row.values["ref"], NO_LEAD)]
        by = row.values.get("by")
        by_id = needed(self._users, "by", by, NO_USER) if by else None
        entry = (lead.id, row.values["stage"], row.values["entered_on"])
        if entry in self._known:
            results.changed(row, False)
            return None
        if not self.context.historical:
            raise RowFault("stage", N_("阶段记录只能作为历史数据导入（--historical）。"))
        return PastStage(lead=lead, stage=entry[1], on=entry[2], by_id=by_id)
