"""The words of records for the full-text search, filled from the newest bodies; an index for one's own cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.search_words import searchable

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHUNK = 500
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
RECORD = sa.table("record", *(sa.column(name) for name in ("register", "id", "version", "text")))
VERSION = sa.table(
    "record_version",
    sa.column("register"),
    sa.column("record_id"),
    sa.column("version"),
    sa.column("body", JSON),
)

SQLITE = (
    """CREATE VIRTUAL TABLE record_text USING fts5(text, content='record', content_rowid='rowid', prefix='3')""",
    """INSERT INTO record_text(record_text) VALUES ('rebuild')""",
    """CREATE TRIGGER record_text_added AFTER INSERT ON record BEGIN
         INSERT INTO record_text(rowid, text) VALUES (new.rowid, new.text);
       END""",
    """CREATE TRIGGER record_text_changed AFTER UPDATE OF text ON record WHEN old.text <> new.text BEGIN
         INSERT INTO record_text(record_text, rowid, text) VALUES ('delete', old.rowid, old.text);
         INSERT INTO record_text(rowid, text) VALUES (new.rowid, new.text);
       END""",
    """CREATE TRIGGER record_text_gone AFTER DELETE ON record BEGIN
         INSERT INTO record_text(record_text, rowid, text) VALUES ('delete', old.rowid, old.text);
       END""",
)
POSTGRESQL = (
    """ALTER TABLE record
       ADD COLUMN text_words tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, text)) STORED""",
    "CREATE INDEX ix_record_text_words ON record USING gin (text_words)",
)


def upgrade() -> None:
    connection = op.get_bind()
    op.create_index("ix_process_instance_starter_started", "process_instance", ["started_by", "started_at", "id"])
    _fill(connection)
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def _fill(connection: sa.Connection) -> None:
    """Write the words of every record, a chunk at a time in the order of the key."""
    newest = (
        sa.select(RECORD.c.register, RECORD.c.id, VERSION.c.body)
        .join_from(
            RECORD,
            VERSION,
            sa.and_(
                VERSION.c.register == RECORD.c.register,
                VERSION.c.record_id == RECORD.c.id,
                VERSION.c.version == RECORD.c.version,
            ),
        )
        .order_by(RECORD.c.register, RECORD.c.id)
        .limit(CHUNK)
    )
    write = (
        sa.update(RECORD)
        .where(RECORD.c.register == sa.bindparam("of_register"), RECORD.c.id == sa.bindparam("of_id"))
        .values(text=sa.bindparam("words"))
    )
    last = ("", "")
    while True:
        after = sa.tuple_(RECORD.c.register, RECORD.c.id) > last
        rows = connection.execute(newest.where(after)).all()
        if not rows:
            return
        connection.execute(
            write,
            [
                {"of_register": row.register, "of_id": row.id, "words": searchable(row.id, row.body or {})}
                for row in rows
            ],
        )
        last = (rows[-1].register, rows[-1].id)
