"""Run migrations over the connection, and inside the transaction, that the caller hands over."""

from alembic import context

from impetus.adapters.sql.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
