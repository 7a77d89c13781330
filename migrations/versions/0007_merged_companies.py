"""An index of merged companies alone.

Most companies are not merged. SQLite took the index of all for "is not merged" and walked through
every company, where the other conditions name a few.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NAME = "ix_companies_merged_into_id"
_MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index(_NAME, "companies")
    op.create_index(
        _NAME, "companies", ["merged_into_id"], sqlite_where=_MERGED, postgresql_where=_MERGED
    )


def downgrade() -> None:
    op.drop_index(_NAME, "companies")
    op.create_index(_NAME, "companies", ["merged_into_id"])
