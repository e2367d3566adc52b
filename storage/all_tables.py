"""Every table there is: for whoever makes, compares or copies them all, whatever else is loaded."""

import storage.account_tables  # adds its tables, and those of credentials
import storage.embed_tables
import storage.feed_tables
import storage.peer_tables
import storage.post_tables  # noqa: F401
from storage.tables import metadata as metadata
