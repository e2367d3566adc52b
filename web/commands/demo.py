"""Start a hub with a sample city: organizations, alliances, groups and hundreds of events.

Look next at `web/demo/`, which is the city, and at `web/commands/serve.py`, the same without one.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    from web.demo.next_steps import NextSteps
    from web.service import Service

GROUP = "Run a hub"
app = command("demo")

NAME = "Port Merrow, the demo of Convoke"
USUAL_PORT = 8000


class NotTheDemo(Problem):
    """The data directory holds another hub, or the demo of another port."""

    code: ClassVar[str] = "DATA_DIRECTORY"


@app.command(epilog="Example: [bold]./convoke demo --port 8100[/] (and Ctrl-C stops it).")
def demo(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")
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
) -> None:
    """Starts a hub with a sample city in it, and says what to try.

    The city is made at the first start. A later start finds it as it was
    left, and adds what takes place in the coming weeks. It needs no settings,
    and leaves other hubs' data alone. Ctrl-C and SIGTERM stop it in good
    order, with exit code 0; with 130 before it was ready.
    """
    # Here, and not above, so that --help and a port in use are told without waiting for it all.
    import uvloop

    from web.serving import listening

    settings = settings_of(port, data)
    with (
        listening(settings.host, port) as sockets,
        told_by_ctrl_c(),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        try:
            runner.run(served(settings, sockets))
        except KeyboardInterrupt:
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


async def served(settings: Settings, sockets: list[socket.socket]) -> None:
    from web.app import create_app
    from web.serving import serve as answer

    async with opened_hub(settings=settings, alone=True, migrated=False) as hub:
        service = await opened(hub)
        steps = await filled(service)

        def started() -> None:
            print(replace(steps, now=service.clock.now()).text(), flush=True)

        app = create_app(service)
        async with app.sampling.running():
            await answer(app, sockets, settings.limits, started, leaving=service.leaving)
    print("Stopped.", flush=True)


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


async def filled(service: "Service") -> "NextSteps":
    """Makes what the city lacks, registers its apps, and says what is next."""
    from auth.clients import Apps
    from domain.ids import Names, ulid
    from resolvers import documents
    from resolvers.documents import New
    from resolvers.operating import operator_for
    from schema.documents import digest_of
    from storage import statistics
    from web.demo import clients, making, signing_in
    from web.demo.moments import contexts
    from web.demo.next_steps import DIRECTORY, NextSteps
    from web.demo.schedule import planned

    clock, chance, database = service.clock, service.chance, service.database
    names = Names(service.hub.authority, clock, chance)
    request_id = f"cmd_{ulid(clock.now(), chance.token_bytes(10))}"

    context = contexts(database, service.hub, clock, chance, request_id)
    now = clock.now()
    wanted = planned(now)
    with progress(making.steps(wanted)) as advance:
        made = await making.fill(context, now, wanted, advance)
    for left_out in made.left_out:
        print(f"Not made: {left_out}", file=sys.stderr)
    directory = New(digest_of(DIRECTORY), DIRECTORY, ("Directory",))
    async with context(operator_for()) as ctx:
        await documents.add(ctx, [directory])
    async with database.writing() as db:
        await statistics.look_again(db)
    desk = Apps(database, names, clock, chance, request_id)
    file = service.settings.data / clients.FILE
    apps = await clients.apps(desk, made.known, file)
    await signing_in.let_in(desk, made.known)
    clients.write(file, service.settings.base_url, made.known, apps)
    return NextSteps(
        url=service.settings.base_url,
        data=service.settings.data,
        known=made.known,
        apps=apps,
        wanted=wanted,
        mint=service.tokens.mint,
        now=now,
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
