"""Searches that people keep: saved, renamed, deleted, told of what is new."""

from datetime import datetime

from flask_babel import gettext as _, ngettext
from sqlalchemy import delete, func, select, update

from crm.core import notices
from crm.core.clock import now
from crm.core.errors import Conflict, FieldErrors, NotFound
from crm.core.notices import Notice
from crm.core.permissions import SYSTEM, Actor
from crm.extensions import db
from crm.find.models import SavedSearch

MOST = 50
"""Searches that one person may keep."""

LONGEST_NAME = 60
MOST_KEYS = 200
"""Records that a notice counts; beyond this it says that there are more."""


def own(actor: Actor) -> list[SavedSearch]:
    """The person's searches by name."""
    query = select(SavedSearch).where(SavedSearch.user_id == actor.id)
    return list(db.session.scalars(query.order_by(SavedSearch.name, SavedSearch.id)))


def told(actor: Actor) -> dict[int, int]:
    """The unread notices of the person's searches, by search."""
    query = (
        select(SavedSearch.id, Notice.id)
        .join(Notice, Notice.id == SavedSearch.notice_id)
        .where(SavedSearch.user_id == actor.id, Notice.read_at.is_(None))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def get(actor: Actor, saved_id: int) -> SavedSearch:
    """One of the person's own. Raises NotFound for anyone else's, too."""
    saved = db.session.get(SavedSearch, saved_id) if 0 < saved_id < 2**31 else None
    if saved is None or saved.user_id != actor.id:
        raise NotFound(_("没有这个保存的搜索。"))
    return saved


def save(*, actor: Actor, name: str, asked: dict[str, str], notify: bool) -> SavedSearch:
    """Keep a search. Raises FieldErrors for a name that is missing or taken, Conflict for too many."""
    if actor.id is None:
        raise NotFound(_("没有这个保存的搜索。"))
    held = select(func.count()).where(SavedSearch.user_id == actor.id)
    if (db.session.scalar(held) or 0) >= MOST:
        raise Conflict(_("最多保存 %(n)s 个搜索，请先删掉不用的。", n=MOST))
    if not asked:
        raise FieldErrors({"name": [_("请先输入要找的内容，再保存。")]})
    moment = now()
    saved = SavedSearch(
        user_id=actor.id,
        name=_free_name(actor, name),
        asked=asked,
        notify=notify,
        since=moment,
        complete_until=moment,
    )
    db.session.add(saved)
    db.session.flush()
    return saved


def rename(*, saved: SavedSearch, actor: Actor, name: str) -> None:
    """Call a search by another name. Raises FieldErrors."""
    if name.strip() != saved.name:
        saved.name = _free_name(actor, name)


def set_notify(*, saved: SavedSearch, notify: bool) -> None:
    """Tell of new matches from now on, or no more."""
    if saved.notify == notify:
        return
    _forget_notice(saved)
    saved.notify = notify
    saved.since = saved.complete_until = now()
    saved.known = []


def remove(*, saved: SavedSearch) -> None:
    """Forget a search, and its notice unless that has been read."""
    _forget_notice(saved)
    db.session.delete(saved)


def tell(*, saved: SavedSearch, keys: list[str], first: datetime, complete_until: datetime) -> bool:
    """Bring the one notice of a search up to date with what is new now; none where nothing is.

    `first` is when the first of the records came in. Returns False where another process was at
    it meanwhile: nothing has been changed then.
    """
    claimed = db.session.scalar(
        update(SavedSearch)
        .where(SavedSearch.id == saved.id, SavedSearch.checks == saved.checks, SavedSearch.notify)
        .values(checks=SavedSearch.checks + 1)
        .returning(SavedSearch.id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        return False
    db.session.refresh(saved)
    saved.told, saved.complete_until = keys, complete_until
    if not keys:
        _forget_notice(saved)
        return True
    text, url = _text(saved.name, len(keys)), _url(saved, first)
    notice = db.session.get(Notice, saved.notice_id) if saved.notice_id else None
    if notice is not None:
        notice.text, notice.url, notice.at = text, url, now()
        return True
    notice = notices.tell(user_id=saved.user_id, actor=SYSTEM, text=text, url=url)
    db.session.flush()
    saved.notice_id = notice.id if notice else None
    return True


def begin_anew(*, saved: SavedSearch) -> None:
    """After its notice was read: what comes from now on is new."""
    saved.since, saved.notice_id = saved.complete_until, None
    saved.known, saved.told = saved.told, []


def _text(name: str, n: int) -> str:
    if n >= MOST_KEYS:
        return _("“%(name)s”有 %(n)s 条以上新的匹配", name=name, n=MOST_KEYS)
    return ngettext(
        "“%(name)s”有 %(num)s 条新的匹配", "“%(name)s”有 %(num)s 条新的匹配", n, name=name
    )


def _url(saved: SavedSearch, first: datetime) -> str:
    return f"/search/saved/{saved.id}?added={stamp(first)}"


def stamp(moment: datetime) -> str:
    """A moment as the address of the search page has it, in UTC."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def _forget_notice(saved: SavedSearch) -> None:
    notice_id, saved.notice_id, saved.told = saved.notice_id, None, []
    if notice_id is not None:
        db.session.flush()
        unread = delete(Notice).where(Notice.id == notice_id, Notice.read_at.is_(None))
        db.session.execute(unread, execution_options={"synchronize_session": False})


def _free_name(actor: Actor, name: str) -> str:
    name = name.strip()
    if not name:
        raise FieldErrors({"name": [_("请填写名称。")]})
    if len(name) > LONGEST_NAME:
        raise FieldErrors({"name": [_("名称最多 %(n)s 个字。", n=LONGEST_NAME)]})
    taken = select(SavedSearch.id).where(SavedSearch.user_id == actor.id, SavedSearch.name == name)
    if db.session.scalar(taken) is not None:
        raise FieldErrors({"name": [_("您已有名为“%(name)s”的搜索。", name=name)]})
    return name
