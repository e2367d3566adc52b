"""Start three hubs that work together, the first with a sample city: organizations, alliances, events.

Look next at `web/demo/`, which is the city and its surroundings, and at `web/commands/serve.py`, a hub
without one.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from domain.errors import Problem
from web.commands import Exit
from web.commands._hub import OpenedHub, opened_hub
from web.commands._output import command
from web.settings import TREE, Settings, current_settings

if TYPE_CHECKING:
    from federation.client import OutgoingClient
    from web.demo.hubs import Hub
    from web.demo.next_steps import NextSteps
    from web.service import Service

GROUP = "Run a hub"
app = command("demo")

NAME = "Port Merrow"
USUAL_PORT = 8000
HUBS = 3


class NotTheDemo(Problem):
    """The data directory holds another hub, or the demo of another port."""

    code: ClassVar[str] = "DATA_DIRECTORY"


@app.command(epilog="Example: [bold]./convoke demo --port 8100[/] (and Ctrl-C stops it).")
def demo(
    port: Annotated[
        int,
        typer.Option(
            "--port",
            min=1,
            max=65536 - HUBS,
            help="The port of the first hub; the others listen on the next two.",
        ),
    ] = USUAL_PORT,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="The data directory. Where it is not given: .convoke/demo beside ./convoke, or "
            ".convoke/demo-PORT for another port than 8000.",
            show_default=False,
        ),
    ] = None,
    tour: Annotated[
        bool,
        typer.Option(
            "--tour", help="Show again what the first start showed: three hubs at work together."
        ),
    ] = False,
) -> None:
    """Starts three hubs that work together, the first with a sample city, and says what to try.

    The city is made at the first start, which then shows what three hubs
    are for: one list of all, an event changed from another hub, and a hub
    that stops and comes back. A later start finds everything as it was
    left, and adds what takes place in the coming weeks. It needs no settings,
    and leaves other hubs' data alone. Ctrl-C and SIGTERM stop all three in
    good order, with exit code 0; with 130 before they were ready.
    """
    # Here, and not above, so that --help and a port in use are told without waiting for it all.
    import uvloop

    from web.serving import listening

    settings = settings_of(port, data)
    with (
        ExitStack() as taken,
        told_by_ctrl_c(),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        sockets = [
            taken.enter_context(listening(settings.host, each)) for each in range(port, port + HUBS)
        ]
        try:
            was_ready = runner.run(served(settings, sockets, tour))
        except KeyboardInterrupt:
            was_ready = False
        if not was_ready:
            print("\nStopped before it was ready. ./convoke demo goes on from there.", flush=True)
            raise typer.Exit(Exit.INTERRUPTED) from None


def settings_of(port: int, data: Path | None) -> Settings:
    """What is set in the environment for a real hub, its database first of all, is not the demo's;
    limits and pool sizes are."""
    usual = "demo" if port == USUAL_PORT else f"demo-{port}"
    options = {
        "CONVOKE_BASE_URL": f"http://localhost:{port}",
        "CONVOKE_HOST": "localhost",
        "CONVOKE_PORT": port,
        "CONVOKE_HUB_NAME": NAME,
        "CONVOKE_DATA": data or TREE / ".convoke" / usual,
    }
    return replace(
        current_settings(options),
        database_url=None,
        secret_key=None,
        mail_server=None,
        outbox_page=True,
        allow_loopback=True,  # where the other two are
    )


@contextmanager
def told_by_ctrl_c() -> Iterator[None]:
    """SIGTERM while the city is made ends it as Ctrl-C does: what is begun is closed in order.
    Once it answers, `web.serving` hears both."""
    before = signal.signal(
        signal.SIGTERM, lambda _signal, _frame: signal.raise_signal(signal.SIGINT)
    )
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def served(settings: Settings, sockets: Sequence[list[socket.socket]], tour: bool) -> bool:
    """Whether it came as far as to be ready."""
    from federation.client import OutgoingClient, OutgoingSettings
    from web.app import create_app
    from web.demo.showing import Showing, tell
    from web.demo.surroundings import surroundings
    from web.serving import serve as answer
    from web.worker import at_work, worker_of

    async with AsyncExitStack() as beside:
        database = opened_hub(settings=settings, alone=True, migrated=False)
        service = await opened(await beside.enter_async_context(database))
        outgoing = OutgoingClient(OutgoingSettings(allow_loopback=True))
        await beside.enter_async_context(outgoing)
        await beside.enter_async_context(service.outgoing())
        around = surroundings(settings, sockets[1:], outgoing, tell)
        neighbours = await beside.enter_async_context(around)
        hub, steps = await filled(service, outgoing, [one.hub for one in neighbours])
        showing = Showing(hub, neighbours, steps, tour)
        worker = worker_of(
            service.database.url,
            service.hub,
            service.clock,
            service.chance,
            settings=settings,
            abroad=service.abroad,
            forwarding=service.forwarding,
        )
        await beside.enter_async_context(at_work(await beside.enter_async_context(worker)))
        app = create_app(service)
        await beside.enter_async_context(app.sampling.running())
        await beside.enter_async_context(showing.beside())
        begun, leaving = showing.first_answers.set, service.leaving
        await answer(app, sockets[0], settings.limits, begun, leaving=leaving)
    if showing.is_done:
        print("Stopped.", flush=True)
    return showing.is_done


async def opened(hub: OpenedHub) -> "Service":
    """The service on a migrated database, which is new or the demo's own."""
    from sqlalchemy import select

    from storage.hubs import local
    from storage.migrating import upgrade
    from storage.tables import identifiers, organizations
    from web.commands._service import secret_of
    from web.demo.writing import SYSTEM
    from web.outside import SystemChance, SystemClock
    from web.service import Service

    settings, database, chance = hub.settings, hub.database, SystemChance()
    await upgrade(database)
    of_the_demo = identifiers.c.system == SYSTEM
    async with database.reading() as db:
        found = await local(db)
        owners = set(await db.scalars(select(identifiers.c.organization_id).where(of_the_demo)))
        others = set(await db.scalars(select(organizations.c.name))) if not owners else set()
    if others:
        raise NotTheDemo(
            f"{settings.data} holds another hub, that of {min(others)}. Name a directory of the "
            "demo's own with --data."
        )
    if found is not None and found.authority != settings.authority:
        port = found.authority.rpartition(":")[2]
        raise NotTheDemo(
            f"{settings.data} belongs to {found.authority}, whose name stands in every id. Start "
            f"it with --port {port}, or name another directory with --data."
        )
    secret = secret_of(settings, chance)
    return await Service.opened(settings, database, secret, SystemClock(), chance)


async def filled(
    service: "Service", outgoing: "OutgoingClient", around: Sequence["Hub"]
) -> tuple["Hub", "NextSteps"]:
    """Makes what the city lacks, registers its apps, and says what is next."""
    from auth.clients import Apps
    from domain.ids import Names
    from resolvers import documents
    from resolvers.documents import New
    from resolvers.operating import operator_for
    from schema.documents import digest_of
    from storage import statistics
    from web.demo import clients, making, signing_in
    from web.demo.hubs import Hub
    from web.demo.next_steps import DIRECTORY, NextSteps
    from web.demo.schedule import planned
    from web.demo.surroundings import described
    from web.demo.voices import VOICES

    clock, chance, database = service.clock, service.chance, service.database
    hub = Hub(service, outgoing, VOICES)
    context = hub.contexts
    now = clock.now()
    wanted = planned(now)
    with progress(making.steps(wanted)) as advance:
        made = await making.fill(context, now, wanted, advance)
    hub.known = made.known
    for left_out in made.left_out:
        print(f"Not made: {left_out}", file=sys.stderr)
    directory = New(digest_of(DIRECTORY), DIRECTORY, ("Directory",))
    async with context(operator_for()) as ctx:
        await documents.add(ctx, [directory])
    async with database.writing() as db:
        await statistics.look_again(db)
    names = Names(service.hub.authority, clock, chance)
    desk = Apps(database, names, clock, chance, hub.request_id)
    file = service.settings.data / clients.FILE
    apps = await clients.apps(desk, made.known, file)
    await signing_in.let_in(desk, made.known)
    city = clients.of_hub(service.settings.base_url, made.known, apps)
    clients.write(file, [city, *await described(around, file)])
    return hub, NextSteps(
        url=service.settings.base_url,
        data=service.settings.data,
        known=made.known,
        apps=apps,
        wanted=wanted,
        mint=service.tokens.mint,
        now=now,
        around=[(one.url, one.name) for one in around],
        bold=sys.stdout.isatty(),
    )


@contextmanager
def progress(steps: int) -> Iterator[Callable[[], None]]:
    """On a terminal a bar, which goes when it is full; elsewhere one line."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        sys.stderr.write("Making Port Merrow ...\n")
    columns = (TextColumn("Making Port Merrow"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=steps)
        yield lambda: bar.advance(task)
