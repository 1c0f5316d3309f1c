"""An index of the starts that are tried again: those that wait for a person may be many."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    again = sa.text("state = 'failed' AND retry_at IS NOT NULL")
    op.create_index(
        "ix_inbox_message_retry",
        "inbox_message",
        ["state", "retry_at"],
        unique=False,
        sqlite_where=again,
        postgresql_where=again,
    )
