"""Do what time brings, in a process of its own.

Look next at `web/worker.py`, which does it, and `resolvers/what_time_brings.py`, which says what
there is to do.
"""

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from web.commands._hub import DataOption, settings_with
from web.commands._output import command
from web.operating.logs import log_as
from web.worker import at_work, worker_of

if TYPE_CHECKING:
    from web.service import Service

GROUP = "Run a hub"
app = command("worker")


@app.command(epilog="Example: [bold]./convoke worker[/] (and Ctrl-C stops it).")
def worker(data: DataOption = None) -> None:
    """Does what time brings, where CONVOKE_WORKER=off keeps ./convoke serve from doing it.

    It sends the letters that wait, too. Of all processes of a hub one does it at a time; another goes on within seconds when it ends.
    It stops in good order at Ctrl-C, at SIGTERM and at SIGHUP.
    """
    asyncio.run(_run(data))
    typer.echo("Stopped.")


async def _run(data: DataOption) -> None:
    log_as(settings_with(data).log_json)
    # Here, and not above: what answers requests is not loaded for --help.
    from web.commands._service import service_of

    async with service_of(data) as service:
        await _until_told_to_stop(service)


async def _until_told_to_stop(service: "Service") -> None:
    told_to_stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, told_to_stop.set)
    beside = worker_of(
        service.database.url,
        service.hub,
        service.clock,
        service.chance,
        settings=service.settings,
        abroad=service.abroad,
        forwarding=service.forwarding,
    )
    async with beside as one, at_work(one):
        print("At work. Ctrl-C stops it.", flush=True)
        await told_to_stop.wait()
