"""Close the logs: rows of the stage log, status log, first reports and activities never change.

A trigger on both databases refuses UPDATE and DELETE, so that not even a form written later, or a
hand at the database's console by mistake, can rewrite who reported a firm first.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CLOSED = ("stage_log", "status_log", "first_reports", "activities", "interaction_revisions")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$"
        )
        for table in CLOSED:
            op.execute(
                f"CREATE TRIGGER {table}_closed BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        return
    for table in CLOSED:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in CLOSED:
            op.execute(f"DROP TRIGGER {table}_closed ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
        return
    for table in CLOSED:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
