"""Work together with other hubs: propose, accept, look, stop, end.

Look next at `resolvers/peering.py`, which does it, and at docs/peering.md.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from domain.errors import NotFound
from domain.ids import Names, ulid
from domain.peering import HubFacts
from resolvers import peering, peering_steps
from resolvers.context import Context
from resolvers.operating import operator_for
from storage import peering as stored
from storage import peers
from storage.peers import Peer
from web.commands._hub import DataOption
from web.commands._output import AsJson, command, console, print_json

GROUP = "Look after it"
app = command("peer")

Host = Annotated[
    str, typer.Argument(metavar="HOST", help="The hub, as ./convoke peer list names it.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Agree without being asked.")]


@app.callback(epilog="Example: [bold]./convoke peer list[/], and an example in each --help.")
def peer() -> None:
    """Lets this hub and another one work together, once somebody of each has agreed."""


@app.command(epilog="Example: [bold]./convoke peer add https://pantry.example[/]")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The other hub's own address.")],
    yes: Yes = False,
    data: DataOption = None,
) -> None:
    """Shows what the hub at that address says of itself, and proposes to it.

    Compare the keys with what its operators tell you by another way. It begins when they accept.
    """

    async def added(ctx: Context) -> Peer:
        facts = await peering_steps.look(ctx, url)
        agreed_to(facts, yes, "Propose to it?")
        return await peering_steps.known(ctx, await peering_steps.propose_to(ctx, facts))

    tell(asyncio.run(done(data, added)))


@app.command(epilog="Example: [bold]./convoke peer accept pantry.example[/]")
def accept(host: Host, yes: Yes = False, data: DataOption = None) -> None:
    """Agrees to another hub's proposal, or to its keys where all of them are new."""

    async def accepted(ctx: Context) -> Peer:
        known = await called(ctx, host)
        facts = await peering_steps.look(ctx, known.url)
        agreed_to(facts, yes, "Agree to it?")
        await peering_steps.accept_what(ctx, known.hub_id, facts)
        return await peering_steps.known(ctx, known.hub_id)

    tell(asyncio.run(done(data, accepted)))


@app.command(
    epilog="Example: [bold]./convoke peer suspend pantry.example --why 'Their hub was broken into'[/]"
)
def suspend(
    host: Host,
    why: Annotated[str, typer.Option("--why", help="Why, for whoever looks at it next.")],
    data: DataOption = None,
) -> None:
    """Stops for a while: neither reads at the other. What is held of it stays."""

    async def suspended(ctx: Context) -> Peer:
        hub_id = (await called(ctx, host)).hub_id
        return await peering_steps.known(ctx, await peering.suspend(ctx, hub_id, why))

    tell(asyncio.run(done(data, suspended)))


@app.command(epilog="Example: [bold]./convoke peer resume pantry.example[/]")
def resume(host: Host, data: DataOption = None) -> None:
    """Goes on after a stop."""

    async def resumed(ctx: Context) -> Peer:
        hub_id = (await called(ctx, host)).hub_id
        return await peering_steps.known(ctx, await peering.resume(ctx, hub_id))

    tell(asyncio.run(done(data, resumed)))


@app.command(epilog="Example: [bold]./convoke peer end pantry.example[/]")
def end(host: Host, yes: Yes = False, data: DataOption = None) -> None:
    """Ends it: what the other hub holds here ends, and what is held of its things goes."""

    async def ended(ctx: Context) -> Peer:
        known = await called(ctx, host)
        if not yes:
            typer.confirm(f"End it with {known.name} ({known.authority})?", abort=True)
        return await peering_steps.known(ctx, await peering.end(ctx, known.hub_id))

    tell(asyncio.run(done(data, ended)))


@app.command("list", epilog="Example: [bold]./convoke peer list --json[/]")
def list_(data: DataOption = None, as_json: AsJson = False) -> None:
    """Lists the other hubs, and how it stands with each."""

    async def listed(ctx: Context) -> list[Peer]:
        async with ctx.database.reading() as db:
            return list(await peers.all_of(db))

    found = asyncio.run(done(data, listed))
    if as_json:
        print_json([shown(one) for one in found])
        return
    if not found:
        print("This hub works with no other yet: ./convoke peer add URL")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("host", "name", "status", "since", "next"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"host", "status"})
    for one in found:
        table.add_row(one.authority, one.name, one.status, f"{one.since:%Y-%m-%d}", next_step(one))
    console().print(table)


@app.command(epilog="Example: [bold]./convoke peer show pantry.example[/]")
def show(host: Host, data: DataOption = None, as_json: AsJson = False) -> None:
    """Shows one hub: its keys, how far its things have come, and what of it was not believed."""

    async def details(ctx: Context) -> dict[str, Any]:
        known = await called(ctx, host)
        async with ctx.database.reading() as db:
            around = await stored.around(db, known.hub_id)
        return shown(known) | around_shown(around, ctx.clock.now())

    found = asyncio.run(done(data, details))
    if as_json:
        print_json(found)
        return
    width = max(map(len, found))
    for name, value in found.items():
        if value not in (None, [], {}):
            for line in value if isinstance(value, list) else [value]:
                print(f"{name:{width}}  {said(line)}")
                name = ""


async def done(data: Path | None, work: Callable[[Context], Awaitable[Any]]) -> Any:
    async with operating(data) as ctx:
        return await work(ctx)


@asynccontextmanager
async def operating(data: Path | None) -> AsyncIterator[Context]:
    """One operation of whoever runs the hub, with a way out to others. The hub is the one whose data
    it is, also where the settings name another address."""
    # Here, and not above: what answers requests is not loaded for --help.
    from web.commands._service import service_of

    async with service_of(data) as service:
        request_id = f"cmd_{ulid(service.clock.now(), service.chance.token_bytes(10))}"
        yield Context(
            viewer=operator_for(),
            database=service.database,
            hub=service.hub,
            names=Names(service.hub.authority, service.clock, service.chance),
            clock=service.clock,
            request_id=request_id,
            neighbours=service.abroad,
        )


async def called(ctx: Context, host: str) -> Peer:
    """By its host, its address or its id."""
    authority = host.rpartition("@")[2].partition("://")[2] or host.rpartition("@")[2]
    async with ctx.database.reading() as db:
        found = await peers.by_authority(db, authority.strip("/").lower())
    if found is None:
        raise NotFound(f"This hub knows no {host}. ./convoke peer list shows all that it knows.")
    return found


def agreed_to(facts: HubFacts, yes: bool, question: str) -> None:
    """What is agreed to is what was shown."""
    print(f"{facts.name}, at {facts.url}")
    print(f"hub       {facts.hub_id}")
    print(f"runs      {facts.software}")
    for title, thumbprints in (
        ("people", facts.thumbprints),
        ("asking", facts.client_thumbprints),
    ):
        for thumbprint in thumbprints:
            print(f"{title:9} {thumbprint}")
            title = ""
    if not yes:
        typer.confirm(question, abort=True)


def tell(one: Peer) -> None:
    print(f"{one.name} ({one.authority}) is {one.status}. {next_step(one)}".rstrip())


def next_step(one: Peer) -> str:
    if one.keys_replaced_at is not None and one.status in {"ACTIVE", "SUSPENDED"}:
        return f"All of its keys are new. Ask its operators, then: ./convoke peer accept {one.authority}"
    match one.status, one.we_agreed_at is not None:
        case "PROPOSED", True:
            return "Now its operators have to accept."
        case "PROPOSED", False:
            return f"Answer: ./convoke peer accept {one.authority}, or end."
        case "SUSPENDED", _:
            return f"{one.suspended_why} Go on: ./convoke peer resume {one.authority}"
        case _:
            return ""


def shown(one: Peer) -> dict[str, Any]:
    return {
        "host": one.authority,
        "name": one.name,
        "hub": one.hub_id,
        "url": one.url,
        "software": one.software,
        "status": one.status,
        "since": moment(one.since),
        "weAgreedAt": moment(one.we_agreed_at),
        "theyAgreedAt": moment(one.they_agreed_at),
        "suspendedWhy": one.suspended_why,
        "keysReplacedAt": moment(one.keys_replaced_at),
        "keys": list(one.thumbprints),
        "keysAsClient": list(one.client_thumbprints),
        "lookedAt": moment(one.looked_at),
        "lastSyncedAt": moment(one.last_synced_at),
        "faults": one.faults,
        "lastError": one.last_error,
        "lastErrorAt": moment(one.last_error_at),
    }


def around_shown(around: stored.Around, now: datetime) -> dict[str, Any]:
    return {
        "channels": [
            {
                "channel": one.channel,
                "lagSeconds": int((now - one.current_at).total_seconds())
                if one.current_at is not None
                else None,
                "failures": one.failures,
                "lastError": one.last_error,
            }
            for one in around.channels
        ],
        "refused": [
            {
                "thing": one.thing_id,
                "why": one.reason,
                "times": one.times,
                "last": moment(one.last_at),
            }
            for one in around.refusals
        ],
        "waitingForIt": around.waiting,
    }


def moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def said(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {one}" for name, one in value.items() if one is not None)
    return str(value)
