"""The one commit: routes, API, commands and jobs open a unit of work, services never commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from crm.core.errors import Conflict, StaleVersion
from crm.core.labels import N_
from crm.extensions import db

AfterCommit = Callable[[set[tuple[str, int]]], None]
_after_commit: list[AfterCommit] = []


def on_commit(listener: AfterCommit) -> None:
    """Call `listener` after each commit with the (type, id) of the documents it enqueued."""
    _after_commit.append(listener)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Commit when the block ends, roll back when it raises; nothing is ever half saved.

    Raises:
        StaleVersion: a row was changed by someone else since it was read.
        Conflict: a unique value was taken in the meantime.
    """
    session: Session = db.session()
    try:
        yield session
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise StaleVersion(N_("这条记录刚被别人改过，请核对后再保存。")) from error
    except IntegrityError as error:
        session.rollback()
        raise Conflict(N_("有一项内容与已有记录重复，没有保存。")) from error
    except BaseException:
        session.rollback()
        session.info.pop("enqueued", None)
        raise
    enqueued: set[tuple[str, int]] = session.info.pop("enqueued", set())
    if enqueued:
        for listener in _after_commit:
            listener(enqueued)
