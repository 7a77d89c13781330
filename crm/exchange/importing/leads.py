"""Imports leads. Past stages come in as history only; otherwise the gates hold for a file too."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.chains.models import ChainNode
from crm.companies.models import Company
from crm.core.errors import DomainError, NotAllowed
from crm.core.labels import N_
from crm.core.permissions import Capability, may_change_lead
from crm.core.quantity import Money
from crm.core.settings import ListItem
from crm.exchange.cells import UNAVAILABLE
from crm.exchange.exporting.leads import lead_values
from crm.exchange.faults import RowFault
from crm.exchange.headers import Row
from crm.exchange.importing.base import Importer, cells_of
from crm.exchange.importing.context import Context, Results, each_row, faults_of
from crm.exchange.importing.differences import differing
from crm.exchange.importing.lookups import (
    NO_COMPANY,
    NO_USER,
    ids_by_ref,
    needed,
    team_id,
    user_ids,
)
from crm.extensions import db
from crm.leads.kinds import Currency
from crm.leads.models import Lead
from crm.leads.services import create_leads, update_lead
from crm.leads.stages import Status
from crm.leads.values import LeadValues

# Left out, a column means the usual; blank, it leaves a known lead as it is.
_KEPT_WHEN_BLANK = ("visibility", "stage", "status", "received_on", "team")
_LOSS = ("lost_reason", "lost_to")


class LeadImporter(Importer):
    """One lead a row, by the services that pages use."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not context.actor.can(Capability.ADD_LEADS):
            raise NotAllowed(N_("您的角色不能登记线索。"))

    def prepare(self, rows: Sequence[Row]) -> None:
        self._known = ids_by_ref(Lead, cells_of(rows, "ref"))
        self._companies = ids_by_ref(Company, cells_of(rows, "company_ref", "anchor_refs"))
        self._users = user_ids(cells_of(rows, "owner"))
        self._teams: dict[str, int | None] = {}
        nodes = {node for node in cells_of(rows, "chain_nodes") if node != UNAVAILABLE}
        query = select(ChainNode.id).where(ChainNode.id.in_(nodes))
        self._nodes = set(db.session.scalars(query))
        known = set(self._known.values()) if self.context.update else set()
        self._leads = _load(known)
        self._stored = lead_values(list(self._leads.values()))
        # Held here, so that rows find companies, people and lists without a statement each.
        self._held = [
            list(db.session.scalars(select(model).where(model.id.in_(ids))))
            for model, ids in ((Company, self._companies.values()), (User, self._users.values()))
        ] + [list(db.session.scalars(select(ListItem)))]

    def take(self, rows: Sequence[Row]) -> Results:
        results = Results()
        self.prepare(rows)
        new: list[tuple[Row, LeadValues]] = []
        for row in rows:
            if row.key in self._known:
                with each_row(results, row):
                    self._take_known(row, results)
                continue
            try:
                new.append((row, self._new_values(row)))
            except (DomainError, RowFault) as error:
                results.fail(row, *faults_of(error))
        self._create(new, results)
        return results

    def _take_known(self, row: Row, results: Results) -> None:
        if not self.context.update:
            results.changed(row, False)
        else:
            results.changed(row, self._update(row, self._leads[self._known[cast(str, row.key)]]))

    def _create(self, new: Sequence[tuple[Row, LeadValues]], results: Results) -> None:
        outcomes = create_leads(
            actor=self.context.actor,
            on=self.context.on,
            rows=[values for _row, values in new],
            historical=self.context.historical,
        )
        for (row, _values), outcome in zip(new, outcomes, strict=True):
            if isinstance(outcome, DomainError):
                results.fail(row, *faults_of(outcome))
            else:
                results.created.add(row.number)

    def _new_values(self, row: Row) -> LeadValues:
        given = {
            name: value
            for name, value in row.values.items()
            if name not in _KEPT_WHEN_BLANK or value not in (None, "")
        }
        if given.get("status") is not Status.LOST:
            self._refuse_loss(given)
        values = self._values(given)
        values.setdefault("owner_id", None)
        values.setdefault("registrar_id", values["owner_id"])
        return values

    def _refuse_loss(self, given: Mapping[str, Any]) -> None:
        for name in _LOSS:
            if given.get(name):
                raise RowFault(name, N_("只有状态为流失（lost）的线索才填流失原因和去向。"))

    def _update(self, row: Row, lead: Lead) -> bool:
        context = self.context
        if not may_change_lead(context.actor, lead):
            raise RowFault("ref", N_("您不能修改这条线索。"))
        stored = self._stored[lead.id]
        given = {
            name: value
            for name, value in differing(context.layout, row, stored, context.on).items()
            if name != "ref" and (name not in _KEPT_WHEN_BLANK or value not in (None, ""))
        }
        if not given:
            return False
        status = given.get("status", lead.status)
        if status is Status.LOST:
            for name in _LOSS:
                given.setdefault(name, row.values.get(name) or stored[name])
        else:
            self._refuse_loss(given)
        values = self._values(given)
        return update_lead(
            actor=context.actor,
            on=context.on,
            lead=lead,
            values=values,
            historical=context.historical,
        )

    def _values(self, given: Mapping[str, Any]) -> LeadValues:
        """Values by column as the services of leads take them."""
        values: dict[str, Any] = dict(given)
        if "company_ref" in values:
            ref = values.pop("company_ref")
            values["company_id"] = needed(self._companies, "company_ref", ref, NO_COMPANY)
        if "anchor_refs" in values:
            values["anchor_ids"] = [
                needed(self._companies, "anchor_refs", ref, NO_COMPANY)
                for ref in values.pop("anchor_refs")
            ]
        if "owner" in values:
            name = values.pop("owner")
            values["owner_id"] = needed(self._users, "owner", name, NO_USER) if name else None
        if "team" in values:
            values["team_id"] = self._team(values.pop("team"))
        self._check_nodes(values.get("chain_nodes"))
        self._read_agreed(values)
        if values.get("appraisal_passed_on"):
            values["appraisal_evidence"] = _("导入文件：%(name)s", name=self.context.file_name)
        for name in ("source", "lost_reason"):
            if name in values:
                values[name] = values[name] or None
        return cast(LeadValues, values)

    def _team(self, name: str) -> int | None:
        if name not in self._teams:
            self._teams[name] = team_id(self.context.actor, name)
        return self._teams[name]

    def _check_nodes(self, nodes: Any) -> None:
        if isinstance(nodes, list):
            unknown = [node for node in nodes if node not in self._nodes]
            if unknown:
                raise RowFault(
                    "chain_nodes", N_("没有这个产业链节点：%(nodes)s。"), nodes="、".join(unknown)
                )

    def _read_agreed(self, values: dict[str, Any]) -> None:
        """An amount that names its currency must agree with the column of the currency."""
        agreed = values.get("agreed_amount")
        if not isinstance(agreed, Money):
            return
        currency = Currency(agreed.currency)
        if values.get("agreed_currency") not in (None, currency):
            raise RowFault("agreed_amount", N_("协议金额的币种与“协议币种”一列不一致。"))
        values["agreed_amount"] = agreed.amount
        values["agreed_currency"] = currency


def _load(ids: set[int]) -> dict[int, Lead]:
    query = (
        select(Lead)
        .where(Lead.id.in_(ids))
        .options(
            joinedload(Lead.company),
            joinedload(Lead.source),
            joinedload(Lead.lost_reason),
            joinedload(Lead.owner),
            joinedload(Lead.team),
            selectinload(Lead.people),
            selectinload(Lead.nodes),
            selectinload(Lead.anchors),
        )
    )
    return {lead.id: lead for lead in db.session.scalars(query)}
