"""The manager's morning in milliseconds: 20,000 leads with 120,000 rows of the stage log, or more.

Times the funnel with all its breakdowns, the board, and the page with one breakdown, warm, taken in
turn; prints medians and the ratio to a fixed loop. `--leads 200000` shows how they grow.
"""

import argparse
import random
import tempfile
from datetime import timedelta
from pathlib import Path

from application import application, between_saves, signed_in
from dataset import fill
from flask import Flask
from sqlalchemy import insert, select
from timing import median_ms, report

from crm.accounts.models import User
from crm.core.clock import today
from crm.core.permissions import Role
from crm.extensions import db
from crm.leads.models import Lead, StageEntry
from crm.leads.queries import LeadFilters, Standards
from crm.leads.queries.board import lanes
from crm.leads.reached import refresh_reached
from crm.leads.stages import OPEN_STATUSES, Stage
from crm.pipeline.queries.breakdown import Dimension, groups
from crm.pipeline.queries.funnel import FunnelAsk, funnel_of

WANTED = {"funnel with all breakdowns": 60, "board": 40, "manager's page": 100}
ROWS_PER_LEAD = 6


def main() -> None:
    """Build the data set, then time the morning."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leads", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=20)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder), WORKER_THREAD=False)
        with app.app_context():
            fill(companies=2_000, leads=chosen.leads, notes=chosen.leads, today=today())
            _lengthen_log()
        client = signed_in(app)
        calls = {
            "funnel with all breakdowns": lambda _turn: _funnel(app),
            "board": lambda _turn: _board(app),
            "manager's page": lambda _turn: client.get("/funnel/"),
        }
        taken = median_ms(calls, chosen.rounds, lambda: between_saves(app, client, most=0))
        report(taken, WANTED, {})


def _lengthen_log() -> None:
    """Moves back and forth, until there are six rows for each lead."""
    rng = random.Random(5)
    rows = []
    for lead_id, received in db.session.execute(select(Lead.id, Lead.received_on)).all():
        for number in range(ROWS_PER_LEAD - 2):
            day = min(today(), received + timedelta(days=rng.randint(0, 60) + number))
            stage = rng.choice((Stage.IDENTIFIED, Stage.CONTACTED, Stage.NEGOTIATING))
            rows.append({"lead_id": lead_id, "to_stage": stage, "entered_on": day})
    db.session.execute(insert(StageEntry.__table__), rows)
    refresh_reached([row["lead_id"] for row in rows])
    db.session.commit()


def _manager() -> User:
    return db.session.scalars(select(User).where(User.role == Role.MANAGER)).first()


def _funnel(app: Flask) -> None:
    with app.app_context():
        day = today()
        found = funnel_of(_manager().as_actor(), FunnelAsk(day.replace(month=1, day=1), day, day))
        for dimension in Dimension:
            groups(found, dimension)


def _board(app: Flask) -> None:
    with app.app_context():
        filters = LeadFilters(statuses=OPEN_STATUSES)
        lanes(_manager().as_actor(), filters, Standards.of(today()))


if __name__ == "__main__":
    main()
