"""Indexes of waiting jobs for each of those who look for them, and the place of a case in a chain of starts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = {
    "calls": "kind = 'operation'",
    "moves": "kind = 'migrate'",
    "others": "kind <> 'operation' AND kind <> 'migrate'",
}


def upgrade() -> None:
    op.add_column("process_instance", sa.Column("chain", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_job_due", "job")
    for name, kinds in KINDS.items():
        which = sa.text(f"state = 'waiting' AND {kinds}")
        op.create_index(f"ix_job_due_{name}", "job", ["due_at", "id"], sqlite_where=which, postgresql_where=which)
