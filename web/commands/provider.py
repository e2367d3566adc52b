"""Let an organization's people sign in by its own OpenID provider: Google, Microsoft, Keycloak.

Look next at `auth/providers.py`. OWNER and ADMINs of the organization do the same on its pages.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from auth import providers
from auth.desk import Desk
from auth.provider_directory import Directory
from auth.providers import NewProvider, Providers
from auth.sealing import Sealer
from domain.sign_in_providers import SignInProvider
from federation.client import OutgoingClient, OutgoingSettings
from web.commands._hub import DataOption, settings_with
from web.commands._operating import Operating, operating
from web.commands._output import AsJson, command, console, print_json
from web.commands._service import secret_of
from web.outside import SystemChance
from web.settings import Settings

GROUP = "Look after it"
app = command("provider")


@app.callback(epilog="Example: [bold]./convoke provider list[/], and an example in each --help.")
def provider() -> None:
    """Lets an organization's people sign in by its own OpenID provider."""


@app.command(
    epilog="Example: [bold]./convoke provider add --organization pantry --name Google --issuer "
    "https://accounts.google.com --client-id 123 --client-secret -[/] (and type or pipe the secret)"
)
def add(
    organization: Annotated[
        str, typer.Option("--organization", metavar="SLUG", help="Whose people it signs in.")
    ],
    issuer: Annotated[
        str,
        typer.Option(
            "--issuer", metavar="URL", help="The provider's address, as its documents give it."
        ),
    ],
    client_id: Annotated[
        str, typer.Option("--client-id", metavar="ID", help="This hub's id at the provider.")
    ],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    client_secret: Annotated[
        str,
        typer.Option(
            "--client-secret",
            metavar="SECRET",
            help="This hub's secret at the provider; - reads it from standard input, so that no "
            "list of processes shows it. Left out only where the provider gave none.",
            show_default=False,
        ),
    ] = "",
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Adds a provider, once what it says of itself is right, and prints where it is to send people."""
    secret = sys.stdin.readline().strip() if client_secret == "-" else client_secret  # noqa: S105
    new = NewProvider(name=name, issuer=issuer, client_id=client_id, secret=secret)

    async def added() -> tuple[SignInProvider, str]:
        async with opened(data) as (hub, desk):
            return await added_by(hub, desk, settings_with(data), organization, new)

    made, callback = asyncio.run(added())
    if as_json:
        print_json(shown(made) | {"redirectUri": callback})
        return
    print(f"{made.name} signs in the team of {made.organization}: {made.id}")
    print(f"\nEnter this redirect address in the provider's settings:\n  {callback}")


@app.command("list", epilog="Example: [bold]./convoke provider list[/]")
def list_(data: DataOption = None, as_json: AsJson = False) -> None:
    """Lists the providers, by organization."""

    async def listed() -> list[SignInProvider]:
        async with opened(data) as (_, desk):
            return await providers.offered(desk)

    found = asyncio.run(listed())
    if as_json:
        print_json([shown(each) for each in found])
        return
    if not found:
        print("There are no providers yet: ./convoke provider add --help")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "organization", "name", "issuer"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for each in found:
        table.add_row(each.id, each.organization, each.name, each.issuer)
    console().print(table)


@app.command(epilog="Example: [bold]./convoke provider remove idp_01JD8…[/]")
def remove(
    provider_id: Annotated[
        str,
        typer.Argument(metavar="PROVIDER", help="Its id, as ./convoke provider list shows it."),
    ],
    data: DataOption = None,
) -> None:
    """Removes a provider: nobody signs in by it any more. Who is signed in stays so."""

    async def removed() -> str:
        async with opened(data) as (_, desk):
            return await providers.remove_as_operator(desk, provider_id)

    print(f"{asyncio.run(removed())} ({provider_id}) is removed.")


@asynccontextmanager
async def opened(data: Path | None) -> AsyncIterator[tuple[Operating, Desk]]:
    async with operating(data) as hub:
        yield hub, Desk(hub.database, hub.names, hub.clock, SystemChance(), hub.request_id)


async def added_by(
    hub: Operating, desk: Desk, settings: Settings, organization: str, new: NewProvider
) -> tuple[SignInProvider, str]:
    """The provider, and where it is to send people."""
    loopback = settings.allow_loopback
    sealer = Sealer(secret_of(settings, SystemChance()), desk.chance)
    async with OutgoingClient(OutgoingSettings(allow_loopback=loopback)) as client:
        directory = Directory(lambda: client, desk.clock, allow_loopback=loopback)
        given = Providers(hub.hub.url, directory, sealer)
        made = await providers.add_as_operator(given, desk, organization, new)
    return made, given.callback(made.id)


def shown(each: SignInProvider) -> dict[str, Any]:
    return {
        "id": each.id,
        "organization": each.organization_id,
        "name": each.name,
        "issuer": each.issuer,
        "clientId": each.client_id,
        "createdAt": each.created_at.isoformat(),
    }
