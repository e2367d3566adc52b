"""Get an access token from a running hub, with an app's id and secret.

Look next at `auth/routes.py`, which answers it, and `federation/client.py`, which asks.
"""

import asyncio
import base64
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from domain.errors import Invalid, Refused
from federation.client import OutgoingClient, OutgoingSettings
from web.commands._output import AsJson, command, print_json
from web.settings import current_settings

GROUP = "Use it"
app = command("token")

MOST_BYTES = 64 * 1024  # of an answer: a token has some hundreds


@app.command(
    epilog='Example: [bold]curl -H "Authorization: Bearer $(./convoke token --client-id app_01JD8… '
    '--client-secret -)" … [/] (and type or pipe the secret)'
)
def token(
    client_id: Annotated[str, typer.Option("--client-id", metavar="ID", help="The app's id.")],
    client_secret: Annotated[
        str,
        typer.Option(
            "--client-secret",
            metavar="SECRET",
            help="The app's secret; - reads it from standard input, so that no list of processes "
            "shows it.",
        ),
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What to ask for; more than once for more. Where none is given: what the app may "
            "read.",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", help="The hub. Where it is not given: CONVOKE_BASE_URL.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Gets an access token from a running hub, and prints it: it is good for five minutes."""
    hub = (url or current_settings().base_url).rstrip("/")
    secret = sys.stdin.readline().strip() if client_secret == "-" else client_secret  # noqa: S105
    if not client_id or not secret:
        raise Invalid("Give the app's id and its secret: ./convoke client create shows both.")
    answer = asyncio.run(token_of(hub, client_id, secret, scope or ()))
    if as_json:
        print_json(answer)
    else:
        print(answer["access_token"])


async def token_of(
    hub: str, client_id: str, secret: str, scopes: Sequence[str]
) -> Mapping[str, Any]:
    """The hub's answer with a token, RFC 6749 s4.4; else a `Problem` in the hub's own words."""
    # RFC 6749 s2.3.1: both are form-encoded before they are put together.
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()
    fields = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
    async with OutgoingClient(OutgoingSettings(allow_loopback=True)) as client:
        fetched = await client.post(
            f"{hub}/oauth/token",
            body=urlencode({name: value for name, value in fields.items() if value}).encode(),
            content_type="application/x-www-form-urlencoded",
            accept="application/json",
            max_bytes=MOST_BYTES,
            headers={"authorization": f"Basic {base64.b64encode(pair).decode()}"},
        )
    answer = _object(fetched.body)
    if fetched.status == 200 and isinstance(answer.get("access_token"), str):
        return answer
    why = answer.get("error_description") or answer.get("error")
    if not isinstance(why, str):
        raise Refused(f"{hub} is no hub: it answered {fetched.status} without saying why.")
    # A stranger's words go to the terminal as text, and no control sequence among them.
    shown = "".join(letter for letter in why[:500] if letter.isprintable())
    raise Refused(f"{hub} gives no token: {shown}")


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
