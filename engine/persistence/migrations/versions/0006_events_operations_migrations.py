"""Signals, operations, start events that begin cases by themselves, and moves of cases to other versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("subscription", sa.Column("kind", sa.String(length=64), nullable=False, server_default="message"))
    op.add_column("job", sa.Column("payload", JSON, nullable=True))
    op.add_column("inbox_message", sa.Column("start_event_id", sa.String(length=64), nullable=True))
    op.add_column("inbox_message", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("inbox_message", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inbox_message", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbox_message", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "start_event",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("definition_id", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("schedule", JSON, nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_start_event_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_event")),
    )
    op.create_index(op.f("ix_start_event_definition_key"), "start_event", ["definition_key"], unique=False)
    op.create_index("ix_start_event_name", "start_event", ["kind", "name"], unique=False)
    op.create_index(
        "uq_start_event_message",
        "start_event",
        ["name"],
        unique=True,
        sqlite_where=sa.text("kind = 'message'"),
        postgresql_where=sa.text("kind = 'message'"),
    )
    op.create_index("ix_start_event_due", "start_event", ["kind", "due_at"], unique=False)
    op.create_table(
        "case_migration",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("target_id", sa.String(length=64), nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["process_definition.id"], name=op.f("fk_case_migration_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["process_definition.id"], name=op.f("fk_case_migration_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_migration")),
    )
    op.create_index(op.f("ix_case_migration_created_at"), "case_migration", ["created_at"], unique=False)
    op.create_table(
        "case_migration_refusal",
        sa.Column("migration_id", sa.String(length=64), nullable=False),
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["case_migration.id"], name=op.f("fk_case_migration_refusal_migration_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_case_migration_refusal_instance_id")
        ),
        sa.PrimaryKeyConstraint("migration_id", "instance_id", name=op.f("pk_case_migration_refusal")),
    )
