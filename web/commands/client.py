"""Let an organization's apps in: register them, change their secrets or keys, revoke them.

Look next at `auth/clients.py`, and at docs/scopes.md for what an app may be allowed.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from auth.app_wishes import Kind, Wish, kind_of
from auth.clients import LONGEST_OVERLAP, OVERLAP, Apps, Registered, WithSecret
from auth.scopes import BUILT_IN_ONLY, DEFAULT, FOR_PEOPLE
from domain.apps import AuthMethod, RegisteredBy
from domain.errors import Invalid
from storage.credentials import Client
from web.commands._hub import DataOption
from web.commands._operating import operating
from web.commands._output import AsJson, command, console, print_json
from web.outside import SystemChance

GROUP = "Look after it"
app = command("client")

_HOUR = timedelta(hours=1)
GIVEN = [name for name in FOR_PEOPLE if name not in BUILT_IN_ONLY]

ClientId = Annotated[
    str, typer.Argument(metavar="CLIENT", help="Its id, as ./convoke client list shows it.")
]
JwksFile = Annotated[
    Path | None,
    typer.Option(
        "--jwks",
        metavar="FILE",
        help="It shows who it is by keys of its own instead of a secret: the file with their "
        "public halves (RFC 7517).",
        show_default=False,
    ),
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
            help=f"What it may do; more than once for more. One of: {', '.join(GIVEN)}; a "
            "machine may not have all of them (docs/scopes.md). "
            f"Where none is given: {', '.join(DEFAULT)}.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(
            "--kind",
            help="A machine acts for its organization; an app of people for whoever lets it in. "
            "Where none is given: a machine, or with --redirect-uri or --public an app of people.",
            show_default=False,
        ),
    ] = None,
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(
            "--redirect-uri",
            metavar="URI",
            help="Where it has people sent back to, exactly; more than once for more. An app of "
            "people without one shows a code that they type at /device.",
            show_default=False,
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="It runs in a browser or on people's devices, where nothing stays secret.",
        ),
    ] = False,
    jwks: JwksFile = None,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Registers an app, and prints its id and its secret. The secret is shown this once."""
    of_people = bool(redirect_uri) or public
    wish = Wish(
        name=name,
        kind=kind or (Kind.PEOPLE if of_people else Kind.MACHINE),
        scopes=[part for given in scope or () for part in given.split()] if scope else DEFAULT,
        redirect_uris=redirect_uri or (),
        is_public=public,
        jwks=None if jwks is None else keys_in(jwks),
    )

    async def created() -> Registered:
        async with desk(data) as opened:
            return await opened.register_app(organization, wish)

    show_registered(asyncio.run(created()), as_json)


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
    jwks: JwksFile = None,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Gives an app a new secret; the old one ends after the overlap. With --jwks, other keys: they
    take the place of all it had, so put the old and the new ones into the file first."""

    async def rotated() -> Registered:
        async with desk(data) as opened:
            if jwks is not None:
                return Registered(await opened.change_keys(client_id, keys_in(jwks)), None)
            made: WithSecret = await opened.rotate(client_id, overlap_hours * _HOUR)
            return Registered(made.client, made.secret)

    show_registered(asyncio.run(rotated()), as_json)


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


def keys_in(file: Path) -> object:
    """What is in them is looked at by whoever registers them."""
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(
            f'{file} cannot be read as {{"keys": [...]}}, a set of keys in JSON (RFC 7517).'
        ) from error


def show_registered(made: Registered, as_json: bool) -> None:
    client, secret = made.client, made.secret
    if as_json:
        print_json(shown(client) | ({} if secret is None else {"secret": secret}))
        return
    print(f"client id      {client.id}")
    if secret is not None:
        print(f"client secret  {secret}")
    print(f"kind           {kind_words(client)}")
    print(f"scopes         {' '.join(client.scopes)}")
    for redirect_uri in client.redirect_uris:
        print(f"sends back to  {redirect_uri}")
    if secret is None:
        return
    print("\nKeep the secret now: it is not shown again.", end="")
    if kind_of(client.grant_types) is Kind.MACHINE:
        print(" To get a token with it:")
        print(f"  ./convoke token --client-id {client.id} --client-secret {secret}", end="")
    print()


def show_list(found: Sequence[Client]) -> None:
    if not found:
        print("There are no apps yet: ./convoke client create --help")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "kind", "scopes", "last used", "state"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for client in found:
        state = "in use" if client.revoked_at is None else f"revoked {day(client.revoked_at)}"
        scopes = " ".join(client.scopes)
        used = day(client.last_used_at)
        table.add_row(client.id, client.name, kind_words(client), scopes, used, state)
    console().print(table)


def kind_words(client: Client) -> str:
    """Whom it acts for, and how it shows who it is; and whether anybody vouches for it."""
    words = "of people" if kind_of(client.grant_types) is Kind.PEOPLE else "machine"
    match client.auth_method:
        case AuthMethod.NONE:
            words += ", public"
        case AuthMethod.PRIVATE_KEY_JWT:
            words += ", with keys"
    match client.registered_by:
        case RegisteredBy.ITSELF:
            words += ", registered itself"
        case RegisteredBy.BUILT_IN:
            words += ", a part of the hub"
    return words


def day(at: datetime | None) -> str:
    return "never" if at is None else at.strftime("%Y-%m-%d %H:%M")


def shown(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "organization": client.organization_id,
        "name": client.name,
        "kind": str(kind_of(client.grant_types)),
        "registeredBy": str(client.registered_by),
        "authMethod": str(client.auth_method),
        "scopes": list(client.scopes),
        "redirectUris": list(client.redirect_uris),
        "createdAt": client.created_at.isoformat(),
        "lastUsedAt": client.last_used_at.isoformat() if client.last_used_at else None,
        "revokedAt": client.revoked_at.isoformat() if client.revoked_at else None,
    }
