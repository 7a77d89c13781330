"""Fixtures of all tests: fresh databases, the application, clients, people, a held clock."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.orm import Session

from crm import create_app
from crm.accounts import passwords
from crm.accounts.models import User
from crm.accounts.sign_in import SESSION_KEY, start_session
from crm.core import clock
from crm.core.permissions import Role
from crm.extensions import db
from tests.factories import UserFactory, team_named
from tests.support import searchservers
from tests.support.clients import Client, CliRunner
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.support.statements import Statements, counted

# Settings of the person who runs the tests must not reach into them.
for name in (
    "BASE_URL", "CRM_WORKER_THREAD", "DATABASE_URL", "DATA_DIR", "DEMO", "RATELIMIT_STORAGE_URI",
    "SECRET_KEY", "TRUSTED_PROXIES", "ZONE_NAME", *searchservers.GIVEN,
):  # fmt: skip
    os.environ.pop(name, None)

# A Tuesday in the middle of a month, ten in the morning in the zone.
PRESENT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def app_for(database_url: str, data_dir: Path, **overrides: Any) -> Flask:
    """An application for tests on this database, with its files in `data_dir`."""
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "for-tests-only",
            "DATA_DIR": data_dir,
            "SQLALCHEMY_DATABASE_URI": database_url,
            "DEMO": False,
            "WORKER_THREAD": False,
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
            **overrides,
        }
    )
    app.test_client_class = Client
    app.test_cli_runner_class = CliRunner
    return app


def migrate(database_url: str, data_dir: Path) -> None:
    """Bring an empty database to its first state, by the command that everyone uses."""
    app = app_for(database_url, data_dir)
    result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords with little work: what makes guessing slow makes hundreds of tests slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
        yield


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the search server of this run, if a test has started one; workers leave it to us."""
    if not hasattr(session.config, "workerinput"):
        base = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        searchservers.end_shared(base / "shared")


@pytest.fixture(scope="session")
def elasticsearch_settings(shared_folder: Path) -> Mapping[str, str]:
    """Settings of a running Elasticsearch, started when the first test asks for it."""
    return searchservers.shared_settings(shared_folder)


@pytest.fixture(scope="session")
def sqlite_databases(shared_folder: Path) -> SqliteDatabases:
    """Fresh SQLite databases."""
    return SqliteDatabases(shared_folder, migrate)


@pytest.fixture(scope="session")
def postgres_databases(shared_folder: Path, worker_id: str) -> PostgresDatabases:
    """Fresh PostgreSQL databases."""
    return PostgresDatabases(shared_folder, worker_id, migrate)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Each of the two databases in turn: whoever asks for it is run on both."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The application's own folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def database_url(databases: Databases, data_dir: Path) -> Iterator[str]:
    """The address of a migrated database without business data, for this test alone."""
    with databases.fresh(data_dir) as url:
        yield url


@pytest.fixture
def settings() -> dict[str, Any]:
    """Configuration to add; a module overrides this fixture to have its own."""
    return {}


@pytest.fixture
def app(database_url: str, data_dir: Path, settings: dict[str, Any]) -> Iterator[Flask]:
    """The application; a context is open during the test, requests run apart from it.

    Fails the test when a request leaves unsaved changes in its session: they would be lost.
    """
    app = app_for(database_url, data_dir, **settings)
    left_dirty: list[str] = []

    @app.teardown_appcontext
    def look_for_unsaved_changes(error: BaseException | None) -> None:
        session = db.session()
        unsaved = [*session.new, *session.dirty, *session.deleted]
        if not error and unsaved:
            left_dirty.append(repr(unsaved))

    with app.app_context():
        yield app
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    app.extensions["search_index"].engine.close()
    assert not left_dirty, f"a request ended with unsaved changes: {left_dirty}"


@pytest.fixture
def db_session(app: Flask) -> Session:
    """The test's own session; what it holds is committed before each request."""
    session: Session = db.session()
    return session


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser in which no one is signed in."""
    client = app.test_client()
    assert isinstance(client, Client)
    return client


@pytest.fixture
def cli(app: Flask) -> CliRunner:
    """Runs the product's commands."""
    runner = app.test_cli_runner()
    assert isinstance(runner, CliRunner)
    return runner


@pytest.fixture
def today() -> Iterator[date]:
    """Hold the clock at ten in the morning of a Tuesday, 24 November 2026."""
    with clock.frozen(PRESENT):
        yield clock.today()


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], AbstractContextManager[Statements]]:
    """`with count_statements() as ran: …; assert ran.total <= 8, ran`."""
    return lambda: counted(db.engine)


@pytest.fixture
def as_user(app: Flask, db_session: Session) -> Callable[..., Client]:
    """`as_user(role="team_lead", team="项目一科")`: a browser in which such a person is signed in.

    The person is new unless `user=` names one, and is `client.user`; other arguments are fields
    of the person. Every call gives a browser of its own.
    """

    def sign_in_as(
        role: Role | str = Role.OFFICER,
        team: str | None = "项目一科",
        user: User | None = None,
        **fields: Any,
    ) -> Client:
        if user is None:
            its_team = team_named(team) if team else None
            user = UserFactory(role=Role(role), team=its_team, **fields)
        key = start_session(user)
        db_session.commit()
        client = app.test_client()
        assert isinstance(client, Client)
        client.user = user
        with client.session_transaction() as cookie:
            cookie[SESSION_KEY] = key
        return client

    return sign_in_as
