"""Let an organization's apps in: register them, change their secrets, revoke them.

Look next at `auth/clients.py`, and at docs/scopes.md for what an app may be allowed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from auth.clients import LONGEST_OVERLAP, OVERLAP, Apps, WithSecret
from auth.scopes import DEFAULT, FOR_MACHINES
from storage.credentials import Client
from web.commands._hub import DataOption
from web.commands._operating import operating
from web.commands._output import AsJson, command, console, print_json
from web.outside import SystemChance

GROUP = "Look after it"
app = command("client")

_HOUR = timedelta(hours=1)

ClientId = Annotated[
    str, typer.Argument(metavar="CLIENT", help="Its id, as ./convoke client list shows it.")
]


@app.callback(epilog="Example: [bold]./convoke client list[/], and an example in each --help.")
def client() -> None:
    """Lets an organization's apps in: registers them, changes their secrets, revokes them."""


@app.command(
    epilog="Example: [bold]./convoke client create --organization pantry --name Website "
    "--scope events:read --scope events:write[/]"
)
def create(
    organization: Annotated[
        str, typer.Option("--organization", metavar="SLUG", help="Whose app it is.")
    ],
    name: Annotated[str, typer.Option("--name", help="What the app is called.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help=f"What it may do; more than once for more. One of: {', '.join(FOR_MACHINES)}. "
            f"Where none is given: {', '.join(DEFAULT)}.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Registers an app, and prints its id and its secret. The secret is shown this once."""
    scopes = [part for given in scope or () for part in given.split()] if scope else DEFAULT

    async def created() -> WithSecret:
        async with desk(data) as opened:
            return await opened.register(organization, name, scopes)

    show_secret(asyncio.run(created()), as_json)


@app.command("list", epilog="Example: [bold]./convoke client list --organization pantry[/]")
def list_(
    organization: Annotated[
        str | None,
        typer.Option("--organization", metavar="SLUG", help="Only its apps.", show_default=False),
    ] = None,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Lists the apps, the newest first, revoked ones too."""

    async def listed() -> list[Client]:
        async with desk(data) as opened:
            return await opened.list_of(organization)

    found = asyncio.run(listed())
    if as_json:
        print_json([shown(client) for client in found])
    else:
        show_list(found)


@app.command(epilog="Example: [bold]./convoke client rotate app_01JD8… --overlap-hours 2[/]")
def rotate(
    client_id: ClientId,
    overlap_hours: Annotated[
        int,
        typer.Option(
            "--overlap-hours",
            min=0,
            max=LONGEST_OVERLAP // _HOUR,
            help="How long the old secret goes on beside the new one.",
        ),
    ] = OVERLAP // _HOUR,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Gives an app a new secret; the old one ends after the overlap."""

    async def rotated() -> WithSecret:
        async with desk(data) as opened:
            return await opened.rotate(client_id, overlap_hours * _HOUR)

    show_secret(asyncio.run(rotated()), as_json)


@app.command(epilog="Example: [bold]./convoke client revoke app_01JD8…[/]")
def revoke(client_id: ClientId, data: DataOption = None, as_json: AsJson = False) -> None:
    """Ends an app: it gets no more tokens, and those it holds end at once."""

    async def revoked() -> Client:
        async with desk(data) as opened:
            return await opened.revoke(client_id)

    gone = asyncio.run(revoked())
    if as_json:
        print_json(shown(gone))
    else:
        print(f"{gone.name} ({gone.id}) is revoked.")


@asynccontextmanager
async def desk(data: Path | None) -> AsyncIterator[Apps]:
    async with operating(data) as hub:
        yield Apps(hub.database, hub.names, hub.clock, SystemChance(), hub.request_id)


def show_secret(made: WithSecret, as_json: bool) -> None:
    if as_json:
        print_json(shown(made.client) | {"secret": made.secret})
        return
    print(f"client id      {made.client.id}")
    print(f"client secret  {made.secret}")
    print(f"scopes         {' '.join(made.client.scopes)}")
    print("\nKeep the secret now: it is not shown again. To get a token with it:")
    print(f"  ./convoke token --client-id {made.client.id} --client-secret {made.secret}")


def show_list(found: Sequence[Client]) -> None:
    if not found:
        print("There are no apps yet: ./convoke client create --help")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "scopes", "last used", "state"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for client in found:
        state = "in use" if client.revoked_at is None else f"revoked {day(client.revoked_at)}"
        scopes = " ".join(client.scopes)
        table.add_row(client.id, client.name, scopes, day(client.last_used_at), state)
    console().print(table)


def day(at: datetime | None) -> str:
    return "never" if at is None else at.strftime("%Y-%m-%d %H:%M")


def shown(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "organization": client.organization_id,
        "name": client.name,
        "scopes": list(client.scopes),
        "createdAt": client.created_at.isoformat(),
        "lastUsedAt": client.last_used_at.isoformat() if client.last_used_at else None,
        "revokedAt": client.revoked_at.isoformat() if client.revoked_at else None,
    }
