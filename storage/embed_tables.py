"""The table of the sites that may show dates of an organization in a frame."""

from sqlalchemy import Column, ForeignKey, Table, Text

from storage.tables import Id, Instant, metadata

# By its origin, as browsers compare them: `domain.embedding`.
embedding_sites = Table(
    "embedding_sites",
    metadata,
    Column(
        "organization_id", Id, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("origin", Text(collation="C"), primary_key=True),
    Column("allowed_at", Instant, nullable=False),
)
