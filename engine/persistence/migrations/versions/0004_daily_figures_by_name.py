"""Daily figures by name, out of the index alone: a page reads some names of many days."""

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
