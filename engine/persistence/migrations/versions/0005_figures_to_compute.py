"""Which figures are to be computed: those of cases that ended before there were any are marked here."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CASE = sa.table("process_instance", *(sa.column(name) for name in ("id", "definition_key", "status")))
SUMMARY = sa.table("case_summary", sa.column("instance_id"))


def upgrade() -> None:
    due = op.create_table(
        "figures_due",
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("only_missing", sa.Boolean(), nullable=False),
        sa.Column("beyond", sa.String(length=64), nullable=False),
        sa.Column("begin_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("definition_key", name=op.f("pk_figures_due")),
    )
    without = ~sa.exists().where(SUMMARY.c.instance_id == CASE.c.id)
    ended = (
        sa.select(CASE.c.definition_key, sa.literal("0005"), sa.true(), sa.literal(""))
        .where(CASE.c.status != "active", without)
        .distinct()
    )
    op.execute(due.insert().from_select(["definition_key", "token", "only_missing", "beyond"], ended))
