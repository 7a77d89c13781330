"""What the stage log says of each lead in short, for funnels.

Revision ID: 0008
Revises: 0007
"""

from datetime import date
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STAGES = ("identified", "contacted", "negotiating", "appraising", "signed")
_BATCH = 5_000


def upgrade() -> None:
    table = op.create_table(
        "lead_reached",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        *(sa.Column(stage, sa.Integer(), nullable=True) for stage in _STAGES),
        sa.Column("last_stage", sa.String(length=24), nullable=False),
        sa.Column("last_on", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_reached_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_lead_reached")),
    )
    log = sa.table(
        "stage_log",
        sa.column("id", sa.Integer),
        sa.column("lead_id", sa.Integer),
        sa.column("to_stage", sa.String),
        sa.column("entered_on", sa.Date),
    )
    entries = op.get_bind().execute(
        sa.select(log.c.lead_id, log.c.to_stage, log.c.entered_on).order_by(
            log.c.lead_id, log.c.entered_on, log.c.id
        )
    )
    rows = [
        {"lead_id": lead_id, **_in_short([(stage, day) for _, stage, day in group])}
        for lead_id, group in groupby(entries.all(), key=lambda row: row[0])
    ]
    for start in range(0, len(rows), _BATCH):
        op.bulk_insert(table, rows[start : start + _BATCH])


def _in_short(entries: list[tuple[str, date]]) -> dict[str, object]:
    reached: dict[str, int | None] = dict.fromkeys(_STAGES)
    for entered, day in entries:
        for stage in _STAGES[: _STAGES.index(entered) + 1]:
            known = reached[stage]
            reached[stage] = min(day.toordinal(), known or day.toordinal())
    last_stage, last_on = entries[-1]
    return {**reached, "last_stage": last_stage, "last_on": last_on.toordinal()}


def downgrade() -> None:
    op.drop_table("lead_reached")
