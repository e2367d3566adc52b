"""What Alembic runs: on the connection that `storage/migrating.py` hands over, and nothing else."""

from alembic import context

from storage.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # A revision that fails takes nothing of itself along, and keeps those before it.
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
