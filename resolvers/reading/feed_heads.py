"""Where a feed stands, for whoever may read it: that it moved, and when, but not where to."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, literal_column, or_, select, true

from domain.channels import PUBLIC
from resolvers.reading.given import Given
from storage.feed_tables import feed_entries, feeds
from storage.visibility import Eyes, reads_channel
from storage.words import word


def by_channel(eyes: Eyes, channel: Given[str]) -> Select[Any]:
    """A row where the viewer may read that feed. One in which nothing was published has none."""
    last = (
        select(feed_entries.c.at)
        .where(feed_entries.c.channel == feeds.c.channel)
        .order_by(feed_entries.c.seq.desc())
        .limit(literal_column("1", Integer))
        .lateral()
    )
    columns: list[ColumnElement[Any]] = [feeds.c.channel, last.c.at.label("moved_at")]
    return (
        select(*columns)
        .select_from(feeds.outerjoin(last, true()))
        .where(
            feeds.c.channel == channel,
            or_(feeds.c.channel == word(PUBLIC), reads_channel(eyes, feeds.c.channel)),
        )
    )
