"""What bounds cases that start, or answer, one another: with which case they began, and how many steps led to each."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("process_instance", sa.Column("root_id", sa.String(length=64), nullable=True))
    which = sa.text("root_id IS NOT NULL")
    op.create_index(
        "ix_process_instance_root",
        "process_instance",
        ["root_id", "definition_key", "chain"],
        unique=False,
        sqlite_where=which,
        postgresql_where=which,
    )
    op.add_column("process_instance", sa.Column("roused_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("inbox_message", "job"):
        op.add_column(name, sa.Column("hops", sa.Integer(), nullable=False, server_default="0"))
