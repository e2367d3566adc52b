"""One search over everything that is published: organizations, groups, events, alliances."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Select,
    Text,
    func,
    literal,
    select,
    union_all,
)

from domain.events import PublicationStatus
from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.sources import ALLIANCE, EVENT, GROUP, ORGANIZATION, Source
from resolvers.reading.wanted import has_words, words
from storage.visibility import Eyes, sees_alliance, sees_event, sees_group, sees_organization
from storage.words import word

SEARCHED = (ORGANIZATION, GROUP, EVENT, ALLIANCE)


def found(eyes: Eyes, text: Given[str], type_names: Collection[str]) -> Listing:
    """The best matches first. The rows say `type_name` and `id`; the things are read by those."""
    kinds = [_matches(eyes, source, text) for source in SEARCHED if source.type_name in type_names]
    every = union_all(*kinds).subquery()
    keys = {"rank": every.c.rank, "id": every.c.id}
    return in_order(None, select(*every.c), "RELEVANCE", keys, descending=True)


def _matches(eyes: Eyes, source: Source, text: Given[str]) -> Select[Any]:
    row = source.table.alias()
    rank = func.ts_rank(row.c.search, words(text)).cast(Float)
    type_name = literal(source.type_name, Text).label("type_name")
    columns: list[ColumnElement[Any]] = [type_name, row.c.id, rank.label("rank")]
    return select(*columns).where(has_words(row, text), _findable(eyes, source, row))


def _findable(eyes: Eyes, source: Source, row: FromClause) -> ColumnElement[bool]:
    if source is EVENT:
        return sees_event(eyes, row, by_link=False) & (
            row.c.publication_status == word(PublicationStatus.PUBLISHED)
        )
    rules = {ORGANIZATION: sees_organization, GROUP: sees_group, ALLIANCE: sees_alliance}
    return rules[source](eyes, row, by_link=False)
