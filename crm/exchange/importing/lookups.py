"""Finds the records that the cells of a batch name, a few statements for any number of rows."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from crm.accounts.models import Team, User
from crm.core.labels import N_
from crm.core.permissions import Actor, Capability, visible_by_lead, visible_leads
from crm.exchange.exporting.refs import KINDS
from crm.exchange.faults import RowFault
from crm.exchange.handles import is_handle_of, read_handle
from crm.extensions import db
from crm.interactions.models import Interaction
from crm.leads.models import Lead

CHUNK = 500


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of bounded length."""
    ordered = list(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def ids_by_ref(
    model: Any, refs: Collection[str], *, seen_by: Actor | None = None
) -> dict[str, int]:
    """The ids of records by their ref, or by the stand-in ref of those that have none.

    With `seen_by` only what that person may see is found: the rest is as if it did not exist.
    """
    found: dict[str, int] = {}
    for part in chunks(dict.fromkeys(refs)):
        query = select(model.ref, model.id).where(model.ref.in_(part))
        if seen_by is not None:
            query = query.where(_visible(model, seen_by))
        found.update((ref, record_id) for ref, record_id in db.session.execute(query))
    kind = KINDS[model]
    wanted = {
        record_id: ref
        for ref in refs
        if ref not in found and (record_id := read_handle(kind, ref)) is not None
    }
    for part in chunks(wanted):
        query = select(model.id, model.created_at).where(model.id.in_(part))
        if seen_by is not None:
            query = query.where(_visible(model, seen_by))
        for record_id, created_at in db.session.execute(query):
            if is_handle_of(wanted[record_id], kind, record_id, created_at):
                found[wanted[record_id]] = record_id
    return found


def _visible(model: Any, actor: Actor) -> Any:
    if model is Lead:
        return visible_leads(actor, Lead)
    if model is Interaction:
        return visible_by_lead(actor, Interaction.lead_id)
    return actor.can(Capability.SEE_BUSINESS)


def user_ids(usernames: Collection[str]) -> dict[str, int]:
    """The ids of users by their name of sign-in, in whatever case it is written."""
    wanted = {name.lower(): name for name in usernames}
    found: dict[str, int] = {}
    for part in chunks(wanted):
        query = select(User.username, User.id).where(func.lower(User.username).in_(part))
        found.update((name.lower(), user_id) for name, user_id in db.session.execute(query))
    return {name: found[name.lower()] for name in usernames if name.lower() in found}


def team_id(actor: Actor, name: str) -> int | None:
    """The team of this name; the system and administrators make a new one. Raises RowFault."""
    if not name:
        return None
    found = db.session.scalar(select(Team.id).where(Team.name == name))
    if found is not None:
        return found
    if not actor.can(Capability.ADMINISTER):
        raise RowFault("team", N_("没有“%(name)s”这个科室，请管理员先建立。"), name=name)
    team = Team(name=name, active=True)
    db.session.add(team)
    db.session.flush()
    return team.id


def needed(found: Mapping[str, int], column: str, ref: str, text: str) -> int:
    """The id behind a cell. Raises RowFault with `text`, which has a place for `ref`."""
    if ref not in found:
        raise RowFault(column, text, ref=ref)
    return found[ref]


NO_COMPANY = N_("没有编号为“%(ref)s”的企业。")
NO_LEAD = N_("没有编号为“%(ref)s”的线索。")
NO_USER = N_("没有用户名为“%(ref)s”的用户。")
