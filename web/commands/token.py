"""Get an access token from a running hub: for an app, or for a person who lets the command line in.

Look next at `auth/routes.py`, which answers it, and `federation/client.py`, which asks. What a
person does is in `_letting_in.py`.
"""

import asyncio
import base64
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from domain.apps import GrantType
from domain.errors import Invalid
from federation.client import OutgoingClient, OutgoingSettings
from web.commands import _letting_in
from web.commands._asking_a_hub import Hub
from web.commands._output import AsJson, command, print_json
from web.settings import current_settings

GROUP = "Use it"
app = command("token")


@app.command(
    epilog='Example: [bold]curl -H "Authorization: Bearer $(./convoke token)" … [/], and in a '
    "browser you answer for it. For an app: [bold]./convoke token --client-id app_01JD8… "
    "--client-secret -[/] (and type or pipe the secret)"
)
def token(
    client_id: Annotated[
        str | None,
        typer.Option(
            "--client-id",
            metavar="ID",
            help="The app's id. Without one, the token is a person's.",
            show_default=False,
        ),
    ] = None,
    client_secret: Annotated[
        str | None,
        typer.Option(
            "--client-secret",
            metavar="SECRET",
            help="The app's secret; - reads it from standard input, so that no list of processes "
            "shows it.",
            show_default=False,
        ),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What to ask for; more than once for more. Where none is given: what the app, or "
            "the person's organization, may read.",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", help="The hub. Where it is not given: CONVOKE_BASE_URL.", show_default=False
        ),
    ] = None,
    stay: Annotated[
        Path | None,
        typer.Option(
            "--stay",
            metavar="FILE",
            help="For a person: keep in this file what gets the next token without a browser, for "
            "thirty days from its last use. Whoever reads the file can do the same.",
            show_default=False,
        ),
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="End what the file of --stay keeps, and remove it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Gets an access token from a running hub, and prints it: it is good for five minutes."""
    hub = (url or current_settings().base_url).rstrip("/")
    scopes = [part for given in scope or () for part in given.split()]
    if client_id is None and client_secret is None:
        answer = asyncio.run(_of_person(hub, scopes, stay, forget))
    elif stay is not None or forget:
        raise Invalid("--stay and --forget are for a person: an app asks anew with its secret.")
    else:
        secret = sys.stdin.readline().strip() if client_secret == "-" else client_secret  # noqa: S105
        if not client_id or not secret:
            raise Invalid("Give the app's id and its secret: ./convoke client create shows both.")
        answer = asyncio.run(_of_app(hub, client_id, secret, scopes))
    if answer is None:
        print("Forgotten: it gets no more tokens.")
    elif as_json:
        print_json(answer)
    else:
        print(answer["access_token"])


async def _of_app(hub: str, client_id: str, secret: str, scopes: Sequence[str]) -> dict[str, Any]:
    # RFC 6749 s2.3.1: both are form-encoded before they are put together.
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()
    async with _way_out() as client:
        return await Hub(client, hub).token(
            {"grant_type": str(GrantType.CLIENT_CREDENTIALS), "scope": " ".join(scopes)},
            f"Basic {base64.b64encode(pair).decode()}",
        )


async def _of_person(
    hub: str, scopes: Sequence[str], stay: Path | None, forget: bool
) -> dict[str, Any] | None:
    async with _way_out() as client:
        if stay is None:
            if forget:
                raise Invalid("Name the file: --stay FILE --forget.")
            return await _letting_in.token_of_person(Hub(client, hub), scopes, asyncio.sleep)
        if not forget:
            return await _letting_in.token_kept(Hub(client, hub), scopes, stay, asyncio.sleep)
        await _letting_in.forget(stay, lambda kept_at: Hub(client, kept_at))
        return None


def _way_out() -> OutgoingClient:
    return OutgoingClient(OutgoingSettings(allow_loopback=True))
