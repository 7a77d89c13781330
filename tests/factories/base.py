"""What all factories share."""

from factory.alchemy import SQLAlchemyModelFactory

from crm.extensions import db


class Factory(SQLAlchemyModelFactory):
    """Adds to the session of the test's application context."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - factory-boy calls it so
        sqlalchemy_session_persistence = "flush"
