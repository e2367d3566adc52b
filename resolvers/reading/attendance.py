"""Who comes, as far as a number tells it: from the counts that the database keeps."""

from sqlalchemy import ColumnElement, FromClause, Integer, and_, case, func, literal_column, select

from storage import tables as t
from storage.visibility import Eyes

NONE = literal_column("0", Integer)


def remaining_capacity(eyes: Eyes, event: FromClause) -> ColumnElement[int | None]:
    """A number says nothing of who they are, so whoever sees the event sees it.

    More may have accepted than there are places, where the capacity was lowered afterwards."""
    date = t.occurrences.alias()
    accepted = (  # of the one date that an event has which takes place once
        select(date.c.accepted)
        .where(date.c.event_id == event.c.id)
        .limit(literal_column("1", Integer))
        .correlate(event)
        .scalar_subquery()
    )
    left = func.greatest(event.c.capacity - func.coalesce(accepted, NONE), NONE, type_=Integer)
    # Of no limit GREATEST would make 0, for it passes nulls over.
    is_limited, is_once = event.c.capacity.is_not(None), event.c.rrule.is_(None)
    return case((and_(is_limited, is_once), left))
