"""Every change leaves an entry: who did what, through which client, in which request."""

from collections.abc import Iterable, Sequence

from domain.changes import contract_names
from domain.ids import Kind
from resolvers.context import Context
from storage import audit
from storage.engine import Writing


async def note(
    ctx: Context, db: Writing, action: str, subject_id: str, changed: Iterable[str] = ()
) -> None:
    """`changed` are names of fields, never what was in them."""
    await audit.add(
        db,
        ctx.names.new(Kind.AUDIT_ENTRY),
        ctx.clock.now(),
        action,
        subject_id,
        ctx.viewer,
        ctx.request_id,
        ", ".join(contract_names(changed)) or None,
    )


async def note_all(
    ctx: Context, db: Writing, done: Sequence[tuple[str, str, Iterable[str]]]
) -> None:
    """`note` for many things at once: the action, the thing, and the fields that changed."""
    entries = [
        audit.Entry(
            ctx.names.new(Kind.AUDIT_ENTRY),
            action,
            subject_id,
            ", ".join(contract_names(changed)) or None,
        )
        for action, subject_id, changed in done
    ]
    await audit.add_many(db, entries, ctx.clock.now(), ctx.viewer, ctx.request_id)
