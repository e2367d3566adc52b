"""Trusted documents: what the operator adds, removes and lists, and what a process looks up.

Only the command line comes here to change them. That a document fits the contract has been seen to
before (`schema/documents.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import NotFound
from resolvers.audit import note
from resolvers.context import Context
from storage import documents
from storage.documents import Trusted as Trusted  # the command line is handed it by this name
from storage.engine import Database
from storage.refusals import explained


@dataclass(frozen=True, slots=True)
class New:
    """A document to trust: its text, exactly as clients hash it, and its operations' names."""

    sha256: str
    text: str
    operations: tuple[str, ...]


async def texts(database: Database, digests: Collection[str]) -> Mapping[str, str]:
    """Of those digests whose documents are trusted now, on the primary: what was removed is not to
    run because a replica has not heard of it."""
    with explained():
        async with database.reading(fresh=True) as db:
            return await documents.texts(db, digests)


async def add(ctx: Context, new: Sequence[New]) -> set[str]:
    """All or none. The digests of those that were not there yet."""
    added: set[str] = set()
    async with ctx.writing() as db:
        for each in new:
            at = ctx.clock.now()
            if await documents.add(db, each.sha256, each.text, each.operations, at):
                added.add(each.sha256)
                await note(ctx, db, "document.added", each.sha256)
    return added


async def remove(ctx: Context, digests: Collection[str]) -> None:
    """All or none: `NotFound` names the first that is not there."""
    async with ctx.writing() as db:
        gone = await documents.remove(db, digests)
        for digest in digests:
            if digest not in gone:
                raise NotFound(
                    f"No document {digest} is trusted here, and none was removed. "
                    "./convoke documents list shows all."
                )
            await note(ctx, db, "document.removed", digest)


async def listed(ctx: Context) -> list[Trusted]:
    with explained():
        return await documents.listed(await ctx.snapshot())
