"""Indexes that hold all that pages of figures read: daily figures by name, lengths of time of ended cases."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_daily_figure_name",
        "daily_figure",
        ["definition_key", "name", "day", "version", "label", "count", "total"],
        unique=False,
    )
    op.create_index(
        "ix_case_summary_lengths",
        "case_summary",
        [
            "definition_key",
            "ended_on",
            "definition_version",
            "cycle_seconds",
            "working_seconds",
            "waiting_seconds",
            "idle_seconds",
            "priority",
        ],
        unique=False,
    )
