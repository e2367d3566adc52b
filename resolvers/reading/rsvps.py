"""Answers to an event: the list of them, as far as the viewer is told, and the viewer's own."""

from sqlalchemy import ColumnElement, FromClause, Integer, Text, literal_column, null, select

from domain.rsvps import UNDER_WAY, DeliveryStatus
from resolvers.reading.listing import Listing, in_order
from resolvers.reading.sources import RSVP
from storage import tables as t
from storage.visibility import Eyes, own_person
from storage.words import among, word


def of_event(eyes: Eyes, event: FromClause) -> Listing:
    """In the order in which they were given."""
    row, rows = RSVP.rows_of_seen(eyes)
    keys = {"created_at": row.c.created_at, "id": row.c.id}
    return in_order(RSVP.type_name, rows.where(row.c.event_id == event.c.id), "CREATED_AT", keys)


def of_viewer(eyes: Eyes, event: FromClause) -> ColumnElement[str | None]:
    """The id of the person's own answer: the one that they gave or changed last, of those under
    way if there are any."""
    if not eyes.person:
        return null().cast(Text)
    mine = t.rsvps.alias()
    return (
        select(mine.c.id)
        .where(mine.c.event_id == event.c.id, mine.c.person_id == own_person())
        .order_by(
            among(mine.c.status, UNDER_WAY).desc(), mine.c.updated_at.desc(), mine.c.id.desc()
        )
        .limit(literal_column("1", Integer))
        .correlate(event)
        .scalar_subquery()
    )


def delivery(eyes: Eyes, row: FromClause) -> ColumnElement[str]:
    """Every event that is answered to here is owned here."""
    return word(DeliveryStatus.LOCAL)
