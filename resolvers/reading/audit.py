"""The record of who did what, newest first: all that concerned an organization, or the history of
one thing."""

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Select, false, select

from resolvers.reading.given import Given
from resolvers.reading.listing import Listing, Way, keys_of
from resolvers.reading.sources import AUDIT_ENTRY, columns_of
from storage import tables as t
from storage.visibility import Eyes, own
from storage.visibility_of_audit import client_shown as client_shown
from storage.visibility_of_audit import sees_audit_entry

ORDER = "AUDIT_DESC"


def listed(
    eyes: Eyes,
    subject: Given[str] | None,
    from_: Given[datetime] | None,
    to: Given[datetime] | None,
) -> Listing:
    """Without a subject, what concerned the viewer's organization when it was done. Of a subject,
    all that the viewer may see: its own entries, and those of its parts."""

    def within(at: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
        since = [] if from_ is None else [at >= from_]
        return since if to is None else [*since, at < to]

    if subject is None:
        concerned = t.audit_concerned.alias()
        mine = concerned.c.organization_id == own() if eyes.organization else false()
        rows = select(concerned.c.entry_id).where(mine, *within(concerned.c.at))
        return _newest_first(Way(rows, (concerned.c.at, concerned.c.entry_id)))
    whole, part = t.audit_entries.alias(), t.audit_entries.alias()
    return _newest_first(
        _of_entries(eyes, whole, whole.c.whole_id == subject, *within(whole.c.at)),
        # What is about a part alone; a whole is its own, and was found above.
        _of_entries(
            eyes,
            part,
            part.c.subject_id == subject,
            part.c.whole_id != part.c.subject_id,
            *within(part.c.at),
        ),
    )


def _of_entries(eyes: Eyes, row: FromClause, *conditions: ColumnElement[bool]) -> Way:
    rows = select(row.c.id).where(*conditions, sees_audit_entry(eyes, row))
    return Way(rows, (row.c.at, row.c.id))


def _newest_first(*ways: Way) -> Listing:
    shown = t.audit_entries.alias()

    def rows_of(found: FromClause) -> Select[tuple[object]]:
        return columns_of(AUDIT_ENTRY, shown).join(found, found.c.key_id == shown.c.id)

    keys = keys_of({"at": shown.c.at, "id": shown.c.id})
    return Listing(AUDIT_ENTRY.type_name, keys, ORDER, ways, descending=True, shown=rows_of)
