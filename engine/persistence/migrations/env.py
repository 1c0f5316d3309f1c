"""Owns how Alembic reaches the tables.

Over the connection, and in the transaction, that `engine.persistence.schema` hands in.
"""

from alembic import context

from engine.persistence.models import Base
from engine.persistence.schema import VERSION_TABLE, is_compared

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    compare_type=True,
    user_module_prefix="types.",
    include_object=lambda _, name, kind, *__: is_compared(name, kind),
)
with context.begin_transaction():
    context.run_migrations()
