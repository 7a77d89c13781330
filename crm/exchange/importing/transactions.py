"""The transaction of a batch: kept when it is run, undone when it is tried."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm.core.unit_of_work import unit_of_work
from crm.extensions import db


class _Tried(Exception):
    """Ends a trial so that everything in it is rolled back."""


@contextmanager
def batch_of_work(*, dry_run: bool) -> Iterator[None]:
    """A unit of work that savepoints can be set in; a trial is rolled back at its end.

    Python's SQLite driver opens no transaction before a SAVEPOINT, whose release would then
    commit: so the transaction is opened here, as a writer's from the start.
    """
    try:
        with unit_of_work() as session:
            if db.engine.dialect.name == "sqlite":
                connection = session.connection()
                raw = connection.connection.dbapi_connection
                if not getattr(raw, "in_transaction", False):
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield
            if dry_run:
                session.flush()
                raise _Tried
    except _Tried:
        pass
    finally:
        # What one batch has read is not needed by the next: memory stays bounded.
        db.session.expunge_all()
