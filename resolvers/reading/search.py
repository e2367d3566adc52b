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
from resolvers.reading.listing import Key, Listing
from resolvers.reading.sources import ALLIANCE, EVENT, GROUP, ORGANIZATION, Source
from resolvers.reading.wanted import has_words, words
from storage.visibility import Eyes, sees_alliance, sees_event, sees_group, sees_organization

SEARCHED = (ORGANIZATION, GROUP, EVENT, ALLIANCE)


def found(eyes: Eyes, text: str, type_names: Collection[str]) -> Listing:
    """The best matches first. The rows say `type_name` and `id`; the things are read by those."""
    kinds = [_matches(eyes, source, text) for source in SEARCHED if source.type_name in type_names]
    every = union_all(*kinds).subquery()
    keys = (Key("rank", every.c.rank, Float()), Key("id", every.c.id, Text()))
    return Listing(ORGANIZATION.type_name, select(*every.c), keys, "RELEVANCE", descending=True)


def _matches(eyes: Eyes, source: Source, text: str) -> Select[Any]:
    row = source.table.alias()
    rank = func.ts_rank(row.c.search, words(text)).cast(Float)
    type_name = literal(source.type_name, Text).label("type_name")
    columns: list[ColumnElement[Any]] = [type_name, row.c.id, rank.label("rank")]
    return select(*columns).where(has_words(row, text), _findable(eyes, source, row))


def _findable(eyes: Eyes, source: Source, row: FromClause) -> ColumnElement[bool]:
    if source is EVENT:
        return sees_event(eyes, row, by_link=False) & (
            row.c.publication_status == PublicationStatus.PUBLISHED
        )
    rules = {ORGANIZATION: sees_organization, GROUP: sees_group, ALLIANCE: sees_alliance}
    return rules[source](eyes, row, by_link=False)
