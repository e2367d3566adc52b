"""Bring the database's tables to this version of Convoke.

Look next at `storage/migrating.py`.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from storage.migrating import RevisionState, State, newer, upgrade
from web.commands import Exit
from web.commands._hub import DataOption, opened_hub, reached
from web.commands._output import AsJson, command, print_json

GROUP = "Look after it"
app = command("migrate")


@app.command(epilog="Example: [bold]./convoke migrate --check[/] in a deployment's script.")
def migrate(
    data: DataOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 3 where it is needed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Brings the database's tables to this version of Convoke.

    It may run while a hub serves, and does nothing where nothing is to be done.
    """
    before, after = asyncio.run(migrated(data, check))
    if as_json:
        print_json({"state": after.state, "was": before.found, "revision": after.found})
    elif check or before == after:
        print(sentence(after))
    else:
        print(f"Migrated from {before.found or 'an empty database'} to {after.found}.")
    if check and after.state is not State.CURRENT:
        raise typer.Exit(Exit.SCHEMA)


async def migrated(data: Path | None, check: bool) -> tuple[RevisionState, RevisionState]:
    async with opened_hub(data, migrated=False) as hub:
        before = await reached(hub.database)
        return before, (before if check else await upgrade(hub.database))


def sentence(found: RevisionState) -> str:
    match found.state:
        case State.CURRENT:
            return f"The database is at {found.found}: nothing to do."
        case State.NEWER:
            return newer(found).message
        case State.EMPTY:
            return f"The database has no tables yet. ./convoke migrate brings it to {found.wanted}."
        case State.BEHIND:
            return (
                f"The database is at {found.found}. ./convoke migrate brings it to {found.wanted}."
            )
