"""Run by Alembic; the caller (`backend.storage.migrate`) brings the connection."""

from alembic import context
from sqlmodel import SQLModel

from backend.storage import tables  # noqa: F401  (registers the tables)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
