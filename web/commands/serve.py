"""Run the hub until it is told to stop.

Look next at `web/app.py`, the application, `web/serving.py`, which answers with it, and
`web/workers.py`, which lets several processes do so.
"""

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Annotated

import typer

from web.commands._hub import (
    DataOption,
    OpenedHub,
    opened_hub,
    require_replica,
    short_of_connections,
)
from web.commands._output import command
from web.settings import TREE, Settings, current_settings

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
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=64,
            help="How many processes answer, in place of CONVOKE_WORKERS.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
    sockets: Annotated[str | None, typer.Option("--sockets", hidden=True)] = None,
) -> None:
    """Runs the hub, with the database that comes with Convoke unless DATABASE_URL names another.

    It stops in good order at Ctrl-C, at SIGTERM and at SIGHUP. The tables must be those of this Convoke:
    run ./convoke migrate first, also on a new database.
    """
    # Here, and not above, so that --help and a port in use are told without waiting for it all.
    import uvloop

    from web.serving import listening
    from web.workers import inherited

    options = {
        "CONVOKE_HOST": host,
        "CONVOKE_PORT": port,
        "CONVOKE_WORKERS": workers,
        "CONVOKE_DATA": data,
    }
    settings = current_settings(options)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if sockets is not None:
            runner.run(worked(settings, inherited(sockets)))
            return
        with listening(settings.host, settings.port) as taken:
            begin = served if settings.workers == 1 else looked_after
            code = runner.run(begin(settings, taken))
    if code:
        raise typer.Exit(code)


async def served(settings: Settings, sockets: list[socket.socket]) -> int:
    """By this process itself."""
    async with opened_hub(settings=settings, alone=True, serving=True) as hub:
        await checked(hub)
        await answered(hub, sockets, lambda: print_started(settings))
    print("Stopped.", flush=True)
    return 0


async def looked_after(settings: Settings, sockets: list[socket.socket]) -> int:
    """By several processes, that this one begins and stops."""
    from web.workers import Workers

    command = [sys.executable, str(TREE), "serve", "--workers", str(settings.workers)]
    command += ["--host", settings.host, "--port", str(settings.port), "--data", str(settings.data)]
    async with opened_hub(settings=settings, alone=True) as hub:
        await checked(hub)
        await hub.database.close()  # nothing is asked from here
        workers = Workers(command, sockets, settings.workers, lambda: print_started(settings))
        code = await workers.run()
    if not code:
        print("Stopped.", flush=True)
    return code


async def worked(settings: Settings, sockets: list[socket.socket]) -> None:
    """By this process, one of several. What there is to check was checked by their parent."""
    from web.workers import say_ready, share_of, stopping_with_parent

    settings = replace(settings, limits=share_of(settings.limits, settings.workers))
    with stopping_with_parent():
        async with opened_hub(settings=settings, migrated=False, serving=True) as hub:
            await answered(hub, sockets, say_ready)


async def checked(hub: OpenedHub) -> None:
    await require_replica(hub.settings, hub.database)
    short = await short_of_connections(hub.settings, hub.database)
    if short is not None:
        print(short, file=sys.stderr, flush=True)


async def answered(
    hub: OpenedHub, sockets: list[socket.socket], started: Callable[[], None]
) -> None:
    from web.app import create_app
    from web.commands._service import opened_service
    from web.serving import serve as answer
    from web.worker import at_work, worker_of

    service = await opened_service(hub)
    settings = hub.settings
    async with AsyncExitStack() as beside:
        if settings.worker_inside:
            url, clock, chance = hub.database.url, service.clock, service.chance
            worker = await beside.enter_async_context(
                worker_of(url, service.hub, clock, chance, settings=settings)
            )
            await beside.enter_async_context(at_work(worker))
        await answer(create_app(service), sockets, settings.limits, started, settings.proxies)


def print_started(settings: Settings) -> None:
    where = "DATABASE_URL" if settings.database_url else settings.data
    print(f"{settings.hub_name} answers at {settings.base_url}/graphql")
    if settings.mail_server is None:
        print("Letters wait, because no mail server is named: set CONVOKE_SMTP_URL.")
    print(f"Data: {where}. Ctrl-C stops it.", flush=True)
