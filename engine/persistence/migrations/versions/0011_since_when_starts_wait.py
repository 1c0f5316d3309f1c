"""Since when start events wait for their message: what was too old by then does not start a case."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("start_event", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
