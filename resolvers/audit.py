"""Every change leaves an entry: who did what, through which client, in which request.

Each use case that changes something notes it once, in the same transaction. What an entry is about
is its subject; a part (a place on an event, a membership) is noted with the whole that it is a part
of, so that the history of an event has what became of its hosts.
"""

from collections.abc import Collection, Iterable, Sequence

from domain.changes import contract_names
from domain.ids import Kind
from resolvers.context import Context
from storage import audit
from storage.audit import Entry
from storage.engine import Writing


async def note(
    ctx: Context,
    db: Writing,
    action: str,
    subject_id: str,
    changed: Iterable[str] = (),
    *,
    part_of: str | None = None,
    concerning: Collection[str] = (),
) -> None:
    """`changed` are names of fields, never what was in them. `part_of` is the event, alliance,
    group or organization that the subject belongs to, where it is not one itself.

    The entry is read by whom it concerns: the organization it was done for, whose thing it is, an
    event's accepted hosts, and the organization that a place or membership names. `concerning` are
    others, as the one that something is handed over to.
    """
    await audit.add(
        db,
        _entry(ctx, action, subject_id, changed, part_of),
        ctx.clock.now(),
        ctx.viewer,
        ctx.request_id,
        _acting_hub(ctx),
        concerning,
    )


async def note_all(
    ctx: Context, db: Writing, done: Sequence[tuple[str, str, Iterable[str]]]
) -> None:
    """`note` for many things at once: the action, the thing, and the fields that changed."""
    entries = [
        _entry(ctx, action, subject_id, changed, None) for action, subject_id, changed in done
    ]
    await audit.add_many(db, entries, ctx.clock.now(), ctx.viewer, ctx.request_id, _acting_hub(ctx))


def _acting_hub(ctx: Context) -> str:
    """The hub at which whoever does it is at home."""
    return ctx.viewer.hub_id or ctx.hub.id


def _entry(
    ctx: Context, action: str, subject_id: str, changed: Iterable[str], part_of: str | None
) -> Entry:
    detail = ", ".join(contract_names(changed)) or None
    return Entry(ctx.names.new(Kind.AUDIT_ENTRY), action, subject_id, detail, part_of)
