"""Run the hub until it is told to stop.

Look next at `web/app.py`, the application, and `web/serving.py`, which answers with it.
"""

import asyncio
import socket
from typing import Annotated

import typer

from web.commands._hub import DataOption, opened_hub
from web.commands._output import command
from web.settings import Settings, current_settings

GROUP = "Run a hub"
app = command("serve")


@app.command(epilog="Example: [bold]./convoke serve --port 8100[/] (and Ctrl-C stops it).")
def serve(
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            help="The address to listen on, in place of CONVOKE_HOST.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=1,
            max=65535,
            help="The port to listen on, in place of CONVOKE_PORT.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Runs the hub, with the database that comes with Convoke unless DATABASE_URL names another.

    It stops in good order at Ctrl-C and at SIGTERM. The tables must be those of this Convoke:
    run ./convoke migrate first, also on a new database.
    """
    # Here, and not above, so that --help and a port in use are told without waiting for it all.
    import uvloop

    from web.serving import listening

    options = {"CONVOKE_HOST": host, "CONVOKE_PORT": port, "CONVOKE_DATA": data}
    settings = current_settings(options)
    with (
        listening(settings.host, settings.port) as sockets,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(served(settings, sockets))


async def served(settings: Settings, sockets: list[socket.socket]) -> None:
    from web.app import create_app
    from web.commands._service import opened_service
    from web.serving import serve as answer

    async with opened_hub(settings=settings, alone=True) as hub:
        service = await opened_service(hub)

        def started() -> None:
            where = "DATABASE_URL" if settings.database_url else settings.data
            print(
                f"{settings.hub_name} answers at {settings.base_url}/graphql\n"
                f"Data: {where}. Ctrl-C stops it.",
                flush=True,
            )

        app = create_app(service)
        await answer(app, sockets, settings.limits, started, settings.proxies)
    print("Stopped.", flush=True)
