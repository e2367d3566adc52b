"""Run the hub until it is told to stop.

Look next at `web/app.py`, the application, `web/serving.py`, which answers with it, and
`web/workers.py`, which lets several processes do so.
"""

import asyncio
import logging
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from web.commands._hub import (
    DataOption,
    OpenedHub,
    opened_hub,
    require_replica,
    short_of_connections,
)
from web.commands._output import command, tell
from web.settings import TREE, Settings, current_settings, environment_with

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
    metrics: Annotated[Path | None, typer.Option("--metrics", hidden=True)] = None,
) -> None:
    """Runs the hub, with the database that comes with Convoke unless DATABASE_URL names another.

    It stops in good order at Ctrl-C, at SIGTERM and at SIGHUP, and at once when it is told twice. The tables must be those of this Convoke:
    run ./convoke migrate first, also on a new database.
    """
    # Here, and not above, so that --help and a port in use are told without waiting for it all.
    import uvloop

    from web.operating.logs import log_as
    from web.serving import listening
    from web.workers import inherited

    options = {
        "CONVOKE_HOST": host,
        "CONVOKE_PORT": port,
        "CONVOKE_WORKERS": workers,
        "CONVOKE_DATA": data,
    }
    settings = current_settings(options)
    log_as(settings.log_json)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if sockets is not None:
            runner.run(worked(settings, inherited(sockets), metrics))
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
        await answered(hub, sockets, lambda: tell_started(settings))
    tell("Stopped.", in_log=settings.log_json)
    return 0


async def looked_after(settings: Settings, sockets: list[socket.socket]) -> int:
    """By several processes, that this one begins and stops."""
    from prometheus_client.multiprocess import mark_process_dead

    from web.workers import STOP_SECONDS, Workers

    command = [sys.executable, str(TREE), "serve", "--workers", str(settings.workers)]
    command += ["--host", settings.host, "--port", str(settings.port), "--data", str(settings.data)]
    async with opened_hub(settings=settings, alone=True) as hub:
        await checked(hub)
        await hub.database.close()  # nothing is asked from here
        with tempfile.TemporaryDirectory(prefix="convoke-metrics-") as shared:

            def ended(pid: int) -> None:
                mark_process_dead(pid, shared)  # type: ignore[no-untyped-call]

            workers = Workers(
                [*command, "--metrics", shared],
                sockets,
                settings.workers,
                lambda: tell_started(settings),
                ended,
                environment_with(PROMETHEUS_MULTIPROC_DIR=shared),  # read when it is imported
                STOP_SECONDS + settings.drain_seconds,
            )
            code = await workers.run()
    if not code:
        tell("Stopped.", in_log=settings.log_json)
    return code


async def worked(
    settings: Settings, sockets: list[socket.socket], shared_metrics: Path | None
) -> None:
    """By this process, one of several. What there is to check was checked by their parent."""
    from web.workers import say_ready, share_of, stopping_with_parent

    settings = replace(settings, limits=share_of(settings.limits, settings.workers))
    with stopping_with_parent():
        async with opened_hub(settings=settings, migrated=False, serving=True) as hub:
            await answered(hub, sockets, say_ready, shared_metrics)


async def checked(hub: OpenedHub) -> None:
    await require_replica(hub.settings, hub.database)
    short = await short_of_connections(hub.settings, hub.database)
    if short is not None:
        logging.getLogger("convoke.serve").warning("%s", short)


async def answered(
    hub: OpenedHub,
    sockets: list[socket.socket],
    started: Callable[[], None],
    shared_metrics: Path | None = None,
) -> None:
    from web.app import create_app
    from web.commands._service import opened_service
    from web.operating.logs import counted
    from web.serving import serve as answer
    from web.worker import at_work, worker_of

    service = await opened_service(hub)
    settings = hub.settings
    async with AsyncExitStack() as beside:
        if settings.worker_inside:
            url, clock, chance = hub.database.url, service.clock, service.chance
            worker = await beside.enter_async_context(
                worker_of(
                    url,
                    service.hub,
                    clock,
                    chance,
                    settings=settings,
                    abroad=service.abroad,
                    forwarding=service.forwarding,
                )
            )
            await beside.enter_async_context(at_work(worker))
        app = create_app(service, shared_metrics)
        await beside.enter_async_context(app.sampling.running())
        beside.enter_context(counted(app.metrics.logged))
        await answer(
            app,
            sockets,
            settings.limits,
            started,
            settings.proxies,
            leaving=service.leaving,
            drain_seconds=settings.drain_seconds,
        )


def tell_started(settings: Settings) -> None:
    where = "DATABASE_URL" if settings.database_url else settings.data
    tell(f"{settings.hub_name} answers at {settings.base_url}/graphql", in_log=settings.log_json)
    if settings.mail_server is None:
        tell(
            "Letters wait, because no mail server is named: set CONVOKE_SMTP_URL.",
            in_log=settings.log_json,
        )
    tell(f"Data: {where}. Ctrl-C stops it.", in_log=settings.log_json)
