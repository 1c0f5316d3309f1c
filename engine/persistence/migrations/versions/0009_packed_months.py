"""Ended cases packed by month, for pages of figures; all days lose their marks, so that they are packed by and by."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packed_month",
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("definition_key", "month", name=op.f("pk_packed_month")),
    )
    op.execute(sa.delete(sa.table("summed_day")))
    op.drop_index("ix_case_summary_lengths", table_name="case_summary")
    op.drop_index("ix_process_instance_key_started", table_name="process_instance")
    op.create_index(
        "ix_process_instance_key_started",
        "process_instance",
        ["definition_key", "started_at", "id", "priority", "definition_id", "organisation_id"],
        unique=False,
    )
