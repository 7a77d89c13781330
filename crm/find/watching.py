"""Tells people what is new among the matches of their saved searches.

Runs beside the worker of the index. Each check asks the engine as the owner may ask now, so that
neither a number nor a notice says anything of records that the owner may not see by then; a notice
that was left is brought up to date, and taken back where nothing of it is left to see.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from flask import Flask, current_app
from flask_babel import force_locale
from sqlalchemy import func, select

from crm.accounts.models import User
from crm.core.activity import Activity
from crm.core.alone import alone
from crm.core.clock import now
from crm.core.notices import Notice
from crm.core.outbox import OutboxRow
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.extensions import db
from crm.find import filters, queries
from crm.find.models import SavedSearch
from crm.find.services import saved as services
from search.errors import SearchError
from search.query import Sort

log = logging.getLogger(__name__)

EVERY_SECONDS = 3.0
LOCK = "saved-searches.lock"
"""Held in DATA_DIR by the process that checks; another takes over when it ends."""

_LAG = timedelta(seconds=10)
"""How long a record may take from its moment of creation to the commit that shows it."""

_WHILE_WAITING = timedelta(seconds=30)


@dataclass(frozen=True)
class Seen:
    """What a round saw: the newest deed, whether documents waited, and when it was."""

    deed: int
    waiting: bool
    at: datetime

    def is_settled(self, other: "Seen") -> bool:
        """Whether nothing can have changed for the searches between this round and the other."""
        waited = self.waiting and other.at - self.at >= _WHILE_WAITING
        return self.deed == other.deed and self.waiting == other.waiting and not waited


def start(app: Flask, stop: Event | None = None) -> Thread:
    """Check in a thread of this process until it ends, or until `stop` is set."""
    arguments = (app, stop or Event())
    thread = Thread(target=watch, args=arguments, name="saved-searches", daemon=True)
    thread.start()
    return thread


def beside_worker(stop: Event) -> None:
    """Check beside the worker of the present application."""
    start(current_app._get_current_object(), stop)  # type: ignore[attr-defined]  # noqa: SLF001


def watch(app: Flask, stop: Event) -> None:
    """Check after every change until `stop` is set, as the only process of this machine."""
    while not stop.wait(EVERY_SECONDS):
        with alone(Path(app.config["DATA_DIR"]) / LOCK) as mine:
            if mine:
                _watch(app, stop)


def _watch(app: Flask, stop: Event) -> None:
    """Check until `stop` is set; whatever fails is logged and tried again."""
    seen: Seen | None = None
    while not stop.wait(EVERY_SECONDS):
        try:
            with app.app_context():
                present = _seen()
                if seen is None or not seen.is_settled(present):
                    check_all()
                    seen = present
        except Exception:
            log.exception("checking saved searches failed")
            seen = None


def _seen() -> Seen:
    deed = db.session.scalar(select(func.max(Activity.id))) or 0
    waiting = db.session.scalar(select(OutboxRow.id).limit(1)) is not None
    return Seen(deed, waiting, now())


def check_all() -> int:
    """Check every search that is to tell; returns how many notices are new or changed."""
    ids = db.session.scalars(select(SavedSearch.id).where(SavedSearch.notify)).all()
    db.session.rollback()
    return sum(_checked(saved_id) for saved_id in ids)


def _checked(saved_id: int) -> bool:
    try:
        return check(saved_id)
    except SearchError:
        log.warning("saved search %d was not checked", saved_id)
        return False
    finally:
        db.session.rollback()


def check(saved_id: int) -> bool:
    """Check one search; whether its notice is new, changed or gone."""
    saved = db.session.get(SavedSearch, saved_id)
    owner = db.session.get(User, saved.user_id) if saved else None
    if saved is None or owner is None:
        return False
    notice = db.session.get(Notice, saved.notice_id) if saved.notice_id else None
    if saved.notice_id and (notice is None or notice.read_at):
        with unit_of_work():
            services.begin_anew(saved=saved)
    until = _complete_until()
    found = _found(saved, owner)
    if found is None:
        return False
    keys = sorted(found)
    if keys == saved.told:
        return False
    first = min(found.values(), default=until) - timedelta(microseconds=1)
    with force_locale(owner.locale), unit_of_work():
        return services.tell(saved=saved, keys=keys, first=first, complete_until=until)


def _found(saved: SavedSearch, owner: User) -> dict[str, datetime] | None:
    """What is new for the owner, with when it came in; None where the engine cannot say."""
    actor = owner.as_actor()
    if not owner.is_enabled or not actor.can(Capability.SEE_BUSINESS):
        return {}
    request = replace(
        filters.read(saved.asked),
        added=saved.since,
        sort=Sort.DATE,
        page=1,
        per_page=services.MOST_KEYS + len(saved.known),
    )
    results = queries.strict_matches(actor, request)
    if results is None:
        return None
    made = {":".join(map(str, one.key)): one.created_at for one in results}
    new = {key: moment for key, moment in made.items() if key not in set(saved.known)}
    return dict(list(new.items())[: services.MOST_KEYS])


def _complete_until() -> datetime:
    """The moment up to which all records are in the index, or have been refused by it."""
    waiting = select(func.min(OutboxRow.enqueued_at)).where(OutboxRow.attempts == 0)
    oldest = db.session.scalar(waiting)
    return min(now(), oldest or now()) - _LAG
