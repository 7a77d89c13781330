"""The application that the benchmarks ask: as `manage.py run` and `serve` have it, in one process."""

import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DEMO"] = "0"

from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402

from crm import create_app, indexing  # noqa: E402
from crm.accounts import sign_in  # noqa: E402
from crm.accounts.models import User  # noqa: E402
from crm.extensions import db  # noqa: E402

OFFICER = 12
"""A user of `dataset.fill`."""


def application(folder: Path, **settings: Any) -> Flask:
    """An application with empty tables; documents are indexed by `indexing.start_worker`."""
    app = create_app(
        {
            "DATA_DIR": folder,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'crm.sqlite3'}",
            "SECRET_KEY": "benchmark",
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
            "WORKER_THREAD": True,
            **settings,
        }
    )
    done = app.test_cli_runner().invoke(args=["db", "upgrade"])
    if done.exit_code:
        raise SystemExit(done.output)
    return app


def signed_in(app: Flask) -> FlaskClient:
    """A client of the officer."""
    client = app.test_client()
    with app.test_request_context():
        key = sign_in.start_session(db.session.get_one(User, OFFICER))
        db.session.commit()
    with client.session_transaction() as session:
        session[sign_in.SESSION_KEY] = key
    return client


def between_saves(app: Flask, client: FlaskClient, *, most: float = 2.0) -> None:
    """What happens while a person reads: messages are shown, the queue is worked off."""
    with client.session_transaction() as session:
        session.pop("_flashes", None)
    outbox = app.extensions[indexing.EXTENSION].outbox
    until = time.monotonic() + most
    while time.monotonic() < until:
        if not outbox.backlog().pending:
            break
        time.sleep(0.005)
