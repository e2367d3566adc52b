"""What Alembic runs: on the connection that `storage/migrating.py` hands over, and nothing else."""

from alembic import context

import storage.account_tables  # adds its tables, and those of credentials
import storage.feed_tables  # noqa: F401
from storage.tables import metadata

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
