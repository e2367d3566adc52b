"""The keys that sign tokens, and those by which other hubs know this one: look, turn, begin anew.

Look next at `auth/keys.py`. They turn by themselves every thirty days.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from auth.keys import KeyRing, Purpose
from auth.sealing import Sealer, SecretProblem
from storage import credentials
from storage.credentials import KeyRow
from storage.engine import Database
from web.commands._hub import DataOption, opened_hub
from web.commands._output import AsJson, command, print_json
from web.commands._service import secret_of
from web.outside import SystemChance, SystemClock

GROUP = "Look after it"
app = command("keys")

Client = Annotated[
    bool, typer.Option("--client", help="Those by which other hubs know that this one asks.")
]


@app.callback(epilog="Example: [bold]./convoke keys list[/], and an example in each --help.")
def keys() -> None:
    """Shows the keys that sign tokens, turns them, or begins anew. With --client it is those by
    which this hub shows other hubs that it is the one."""


@app.command("list", epilog="Example: [bold]./convoke keys list --json[/]")
def list_(client: Client = False, data: DataOption = None, as_json: AsJson = False) -> None:
    """Lists the keys: which one signs, which is next, and which were before."""

    async def listed() -> list[KeyRow]:
        async with opened_hub(data) as hub:
            return await rows(hub.database, purpose_of(client))

    show(asyncio.run(listed()), as_json)


@app.command(epilog="Example: [bold]./convoke keys turn[/]")
def turn(client: Client = False, data: DataOption = None, as_json: AsJson = False) -> None:
    """Makes the next key the one that signs. No token ends with it."""

    async def turned() -> list[KeyRow]:
        async with ring(data, purpose_of(client)) as (opened, database):
            await opened.turn()
            return await rows(database, purpose_of(client))

    show(asyncio.run(turned()), as_json)


@app.command(epilog="Example: [bold]./convoke keys renew[/] (when a key leaked)")
def renew(client: Client = False, data: DataOption = None, as_json: AsJson = False) -> None:
    """Throws the keys away and makes new ones: when one leaked, or the hub's secret is lost.

    Every token ends within a minute; apps ask for new ones by themselves. Other hubs take no new
    keys until their operators confirm them: ./convoke peer accept, there.
    """

    async def renewed() -> list[KeyRow]:
        async with ring(data, purpose_of(client)) as (opened, database):
            await opened.renew()
            if not client:
                await renewed_if_lost(data)
            return await rows(database, purpose_of(client))

    show(asyncio.run(renewed()), as_json)


@asynccontextmanager
async def ring(data: Path | None, purpose: Purpose) -> AsyncIterator[tuple[KeyRing, Database]]:
    clock, chance = SystemClock(), SystemChance()
    async with opened_hub(data) as hub:
        sealer = Sealer(secret_of(hub.settings, chance), chance)
        yield KeyRing(hub.database, sealer, clock, chance, purpose), hub.database


async def renewed_if_lost(data: Path | None) -> None:
    """Where the secret is lost, the other ring's keys are shut for good, too."""
    async with ring(data, Purpose.CLIENT) as (opened, _):
        try:
            await opened.look()
        except SecretProblem:
            await opened.renew()


def purpose_of(client: bool) -> Purpose:
    return Purpose.CLIENT if client else Purpose.TOKENS


async def rows(database: Database, purpose: Purpose) -> list[KeyRow]:
    async with database.reading() as db:
        return await credentials.keys_of(db, purpose)


def show(found: list[KeyRow], as_json: bool) -> None:
    if as_json:
        print_json([shown(key) for key in found])
        return
    for key in found:
        print(f"{key.kid}  {key.slot:<7}  made {key.created_at:%Y-%m-%d %H:%M}")
    if not found:
        print("There are no keys yet: the hub makes them at its first start.")


def shown(key: KeyRow) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "slot": key.slot,
        "createdAt": key.created_at.isoformat(),
        "retiredAt": key.retired_at.isoformat() if key.retired_at else None,
    }
