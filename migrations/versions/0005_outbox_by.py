"""Who enqueued a document, so that this person's next search waits for it.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("enqueued_by", sa.Integer(), nullable=True))
        batch_op.create_index("ix_outbox_by", ["enqueued_by"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_by")
        batch_op.drop_column("enqueued_by")
