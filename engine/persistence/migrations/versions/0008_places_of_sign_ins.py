"""Places from which people sign in, with the wrong passwords from there, instead of locks of whole accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_place",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sign_in_place_user_id")),
        sa.PrimaryKeyConstraint("user_id", "place", name=op.f("pk_sign_in_place")),
    )
    op.drop_column("user_account", "failed_sign_ins")
    op.drop_column("user_account", "locked_until")
