"""Figures of ended cases, managed processes, feedback, supporters, news, imports in the browser."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "daily_figure",
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("definition_key", "day", "version", "name", "label", name=op.f("pk_daily_figure")),
    )
    op.create_table(
        "managed_process",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evaluation_id", sa.String(length=64), nullable=True),
        sa.Column("evaluated_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_managed_process")),
    )
    op.create_table(
        "summed_day",
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("definition_key", "day", name=op.f("pk_summed_day")),
    )
    op.create_table(
        "refused_row",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_refused_row_run_id")),
        sa.PrimaryKeyConstraint("run_id", "row_number", name=op.f("pk_refused_row")),
    )
    op.create_table(
        "supporter",
        sa.Column("register", sa.String(length=255), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["register", "record_id"], ["record.register", "record.id"], name=op.f("fk_supporter_register_record_id")
        ),
        sa.PrimaryKeyConstraint("register", "record_id", "user_id", name=op.f("pk_supporter")),
    )
    op.create_index(op.f("ix_supporter_user_id"), "supporter", ["user_id"], unique=False)
    op.create_table(
        "case_activity",
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("process_key", sa.String(length=255), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("elapsed_seconds", sa.Double(), nullable=False),
        sa.Column("waiting_seconds", sa.Double(), nullable=True),
        sa.Column("working_seconds", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_case_activity_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "process_key", "element_id", name=op.f("pk_case_activity")),
    )
    op.create_table(
        "case_label",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_case_label_instance_id")),
        sa.PrimaryKeyConstraint("kind", "value", "instance_id", name=op.f("pk_case_label")),
    )
    op.create_index("ix_case_label_instance", "case_label", ["instance_id"], unique=False)
    op.create_table(
        "case_summary",
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=255), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=255), nullable=True),
        sa.Column("cycle_seconds", sa.Double(), nullable=False),
        sa.Column("working_seconds", sa.Double(), nullable=False),
        sa.Column("waiting_seconds", sa.Double(), nullable=False),
        sa.Column("idle_seconds", sa.Double(), nullable=False),
        sa.Column("effort_minutes", sa.Integer(), nullable=True),
        sa.Column("hand_overs", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("send_backs", sa.Integer(), nullable=False),
        sa.Column("first_time_right", sa.Boolean(), nullable=False),
        sa.Column("feedback", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_case_summary_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_case_summary")),
    )
    op.create_index(
        "ix_case_summary_definition_ended", "case_summary", ["definition_key", "ended_on", "instance_id"], unique=False
    )
    op.create_index(
        "ix_case_summary_organisation", "case_summary", ["organisation_id", "definition_key", "ended_on"], unique=False
    )
    op.create_table(
        "case_value",
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_case_value_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "measure", name=op.f("pk_case_value")),
    )
    op.create_table(
        "feedback",
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_feedback_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_feedback")),
    )
    op.create_table(
        "seen_case",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("instance_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_seen_case_instance_id")),
        sa.PrimaryKeyConstraint("user_id", "instance_id", name=op.f("pk_seen_case")),
    )
    op.add_column("import_run", sa.Column("state", sa.String(length=64), nullable=False, server_default="begun"))
    op.add_column("import_run", sa.Column("mapping", JSON, nullable=True))
    op.add_column("import_run", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.add_column("import_run", sa.Column("next_row", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("import_run", sa.Column("counts", JSON, nullable=True))
    op.create_index(
        "ix_process_instance_key_started", "process_instance", ["definition_key", "started_at", "id"], unique=False
    )
    op.create_index(
        "ix_process_instance_key_status", "process_instance", ["definition_key", "status", "started_at"], unique=False
    )
    op.add_column("record", sa.Column("text", sa.Text(), nullable=False, server_default=""))
