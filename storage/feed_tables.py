"""The tables of what was published, in the order in which it was kept (migrations 0019, 0021 and 0022)."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, text

from storage.credential_tables import Word
from storage.tables import Id, Instant, metadata

# A channel is "public", the id of an alliance, or that of another hub: what concerns organizations of
# its by name. `epoch` is another one after a restore: what was numbered before may never have been
# kept. `seal` is told to nobody, and makes the places that readers are given good.
feeds = Table(
    "feeds",
    metadata,
    Column("channel", Word, primary_key=True),
    Column("epoch", Word, nullable=False, server_default=text("(gen_random_uuid())::text")),
    # The last number among what was forgotten: whoever has read less begins again.
    Column("compacted_to", BigInteger, nullable=False, server_default="0"),
    Column(
        "seal",
        Word,
        nullable=False,
        server_default=text("((gen_random_uuid())::text || (gen_random_uuid())::text)"),
    ),
)

# Each thing once for each channel, where it changed last. Triggers write it, nobody else.
feed_entries = Table(
    "feed_entries",
    metadata,
    Column("channel", Word, ForeignKey("feeds.channel"), primary_key=True),
    Column("thing_id", Id, primary_key=True),
    Column("kind", Word, nullable=False),  # the table it is in
    Column("seq", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),  # by the database's clock
    Column("removed", Word),  # why it left the channel; null: it is in it
    Index("feed_entries_in_order_ix", "channel", "seq", unique=True),
    Index(None, "thing_id"),
    Index("feed_entries_removed_ix", "at", postgresql_where=text("removed is not null")),
)
