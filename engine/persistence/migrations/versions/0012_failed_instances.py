"""Which instance of an activity with several of them a failure was in."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("failure", sa.Column("instance", sa.Text(), nullable=True))
