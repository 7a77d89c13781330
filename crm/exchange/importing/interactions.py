"""Imports interactions: new ones in bulk, known ones as revisions that keep what stood there."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.companies.models import Company
from crm.core.errors import NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Capability
from crm.exchange.exporting.interactions import interaction_values
from crm.exchange.faults import RowFault
from crm.exchange.headers import Row
from crm.exchange.importing.base import Importer, cells_of
from crm.exchange.importing.context import Context, Results, each_row, faults_of
from crm.exchange.importing.differences import differing
from crm.exchange.importing.lookups import (
    NO_COMPANY,
    NO_LEAD,
    NO_USER,
    chunks,
    ids_by_ref,
    needed,
    user_ids,
)
from crm.extensions import db
from crm.interactions.models import Interaction, Participant
from crm.leads import contacts
from crm.leads.contacts import InteractionValues
from crm.leads.models import Lead


class InteractionImporter(Importer):
    """A lead that the person may not see is named as one that does not exist."""

    batch_size = 2_000

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not context.actor.can(Capability.LOG_CONTACTS):
            raise NotAllowed(N_("您的角色不能记录接洽。"))

    def take(self, rows: Sequence[Row]) -> Results:
        results = Results()
        self.prepare(rows)
        new: list[tuple[Row, InteractionValues]] = []
        for row in rows:
            if row.key in self._known:
                continue
            try:
                new.append((row, self._values(row.values)))
            except RowFault as fault:
                results.fail(row, fault)
        self._create(new, results)
        old = [row for row in rows if row.key in self._known]
        if not self.context.update:
            results.unchanged.update(row.number for row in old)
        else:
            for part in chunks(old):
                self._update(part, results)
        return results

    def prepare(self, rows: Sequence[Row]) -> None:
        self._known = ids_by_ref(Interaction, cells_of(rows, "ref"))
        self._companies = ids_by_ref(Company, cells_of(rows, "company_refs"))
        self._leads = ids_by_ref(Lead, cells_of(rows, "lead_ref"), seen_by=self.context.actor)
        self._users = user_ids(cells_of(rows, "author", "participants"))

    def _create(self, new: Sequence[tuple[Row, InteractionValues]], results: Results) -> None:
        outcome = contacts.log_contacts(
            actor=self.context.actor, on=self.context.on, rows=[values for _, values in new]
        )
        for place, (row, _) in enumerate(new):
            if place in outcome.errors:
                results.fail(row, *faults_of(outcome.errors[place]))
            else:
                results.created.add(row.number)

    def _update(self, rows: Sequence[Row], results: Results) -> None:
        found = _load([self._known[row.key] for row in rows if row.key])
        visible = ids_by_ref(Interaction, cells_of(rows, "ref"), seen_by=self.context.actor)
        context = self.context
        for row in rows:
            with each_row(results, row):
                if row.key not in visible:
                    raise RowFault("ref", N_("这个编号已被占用。"))
                interaction, stored = found[visible[row.key]]
                given = differing(context.layout, row, stored, context.on)
                given.pop("ref", None)
                changed = bool(given) and contacts.revise_contact(
                    actor=context.actor,
                    on=context.on,
                    interaction=interaction,
                    values=self._values(given, is_new=False),
                )
                results.changed(row, changed)

    def _values(self, given: dict[str, Any], *, is_new: bool = True) -> InteractionValues:
        """Values by column as the services take them; nobody is the author unless named."""
        values = dict(given)
        if "company_refs" in values:
            values["company_ids"] = [
                needed(self._companies, "company_refs", ref, NO_COMPANY)
                for ref in values.pop("company_refs")
            ]
        if "lead_ref" in values:
            ref = values.pop("lead_ref")
            values["lead_id"] = needed(self._leads, "lead_ref", ref, NO_LEAD) if ref else None
        if "author" in values or is_new:
            values["author_id"] = self._author(values.pop("author", None))
        if "participants" in values:
            values["participant_ids"] = [
                needed(self._users, "participants", name, NO_USER)
                for name in values.pop("participants")
            ]
        return cast(InteractionValues, values)

    def _author(self, name: str | None) -> int | None:
        """A person writes in their own name alone, as by hand; history may name others."""
        if not name:
            return None
        user_id = needed(self._users, "author", name, NO_USER)
        actor = self.context.actor
        if not (actor.is_system or self.context.historical or user_id == actor.id):
            raise RowFault("author", N_("只能以自己的名义记录；历史数据请由分管领导导入。"))
        return user_id


def _load(ids: Sequence[int]) -> dict[int, tuple[Interaction, dict[str, Any]]]:
    query = (
        select(Interaction)
        .where(Interaction.id.in_(ids))
        .options(
            joinedload(Interaction.author),
            selectinload(Interaction.companies),
            selectinload(Interaction.contacts),
            selectinload(Interaction.participants).joinedload(Participant.user),
            selectinload(Interaction.attachments),
        )
    )
    rows = list(db.session.scalars(query))
    stored = interaction_values(rows)
    return {row.id: (row, stored[row.id]) for row in rows}
