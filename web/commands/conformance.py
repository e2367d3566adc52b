"""Check whether a hub, of this software or another, keeps to the protocol between hubs.

docs/protocol.md is what it is held to. Look next at `web/conformance/running.py`, which asks.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from domain.errors import Invalid
from domain.hubs import authority_of
from federation.addresses import names_loopback
from federation.client import OutgoingClient, OutgoingSettings
from web.commands import Exit, fitted
from web.commands._output import AsJson, command, console, print_json
from web.conformance.identity import keep, kept_identity
from web.conformance.meeting import Meeting, answering
from web.conformance.probing import Probe
from web.conformance.running import Finding, Verdict, run
from web.conformance.small_hub import SmallHub
from web.outside import SystemChance, SystemClock
from web.settings import TREE

GROUP = "Work on Convoke"
app = command("conformance")

CONNECTIONS = 20
TOTAL_SECONDS = 40.0  # longer than a hub may keep a request that waits
KEPT = TREE / ".convoke" / "conformance.json"
_STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.NOT_CHECKED: "dim"}


@app.command(
    epilog="Example: [bold]./convoke conformance https://pantry.example[/]; and on one machine "
    "[bold]./convoke conformance http://localhost:8000 --as-peer http://localhost:8990[/]"
)
def conformance(
    url: Annotated[str, typer.Argument(metavar="URL", help="The hub's own address.")],
    as_peer: Annotated[
        str | None,
        typer.Option(
            "--as-peer",
            metavar="URL",
            help="Be a small hub of that address too, propose to it, and check what only a peer can. "
            "The hub must reach it there.",
            show_default=False,
        ),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help="Where the small hub listens, behind a proxy that answers at its address. Needed "
            "where that is https://.",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS", min=1, help="For somebody there to accept it."),
    ] = 120.0,
    keep_in: Annotated[
        Path,
        typer.Option(
            "--keep",
            metavar="FILE",
            help="Where the small hub's keys are kept: a hub knows its peers by them.",
            show_default=".convoke/conformance.json",
        ),
    ] = KEPT,
    as_json: AsJson = False,
) -> None:
    """Checks a hub against docs/protocol.md, one line for each MUST: passed, failed, or not checked.

    Changes nothing there, but for its own proposal with --as-peer. The exit code is 1 where one failed.
    """
    hub = _origin(url)
    where = None if as_peer is None else _listening(_origin(as_peer), listen)
    if as_peer is None and listen is not None:
        raise Invalid("--listen is for --as-peer URL.")
    found = asyncio.run(
        _checked(hub, as_peer and _origin(as_peer), where, wait, keep_in, quiet=as_json)
    )
    if as_json:
        passed = not any(each.verdict is Verdict.FAILED for each in found)
        print_json({"hub": hub, "conforms": passed, "findings": [each.shown for each in found]})
    else:
        _summarize(found)
        if as_peer is not None:
            print(
                "Where it was told of the tester, that proposal is left: its operators may end it."
            )
    if any(each.verdict is Verdict.FAILED for each in found):
        raise typer.Exit(Exit.FAILED)


async def _checked(
    hub: str,
    as_peer: str | None,
    where: tuple[str, int] | None,
    wait: float,
    keep_in: Path,
    *,
    quiet: bool,
) -> Sequence[Finding]:
    clock, chance = SystemClock(), SystemChance()
    # On this machine only where somebody says so by the address itself.
    loopback = names_loopback(urlsplit(hub).hostname or "")
    settings = OutgoingSettings(
        connections=CONNECTIONS, total_seconds=TOTAL_SECONDS, allow_loopback=loopback
    )
    async with OutgoingClient(settings) as out, _met(as_peer, where, wait, keep_in) as meeting:
        probe = Probe(hub, out, clock, chance, asyncio.sleep, meeting)
        return await run(probe, None if quiet else _show)


@asynccontextmanager
async def _met(
    as_peer: str | None, where: tuple[str, int] | None, wait: float, keep_in: Path
) -> AsyncIterator[Meeting | None]:
    if as_peer is None or where is None:
        yield None
        return
    identity = kept_identity(keep_in, as_peer, SystemClock(), SystemChance())

    def agreed(hub_id: str) -> None:
        identity.agreed.add(hub_id)
        keep(keep_in, identity)

    def tell(says: str) -> None:
        typer.echo(says, err=True)

    small = SmallHub(identity)
    async with answering(small, *where):
        yield Meeting(small, wait, tell, agreed)


def _origin(url: str) -> str:
    text = url if "://" in url else f"https://{url}"
    authority_of(text)  # raises `Invalid`
    return text.rstrip("/")


def _listening(as_peer: str, listen: str | None) -> tuple[str, int]:
    parts = urlsplit(as_peer)
    if listen is None:
        if parts.scheme != "http" or not names_loopback(parts.hostname or "") or not parts.port:
            raise Invalid(
                "Say where the small hub listens, --listen 127.0.0.1:8990, and have a proxy answer "
                f"with it at {as_peer}."
            )
        return parts.hostname or "", parts.port
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise Invalid("--listen is a host and a port, like 127.0.0.1:8990.")
    return host.strip("[]"), int(port)


def _show(finding: Finding) -> None:
    out = console()
    out.print(f"{finding.verdict.value:11}", style=_STYLES[finding.verdict], end="  ")
    out.print(f"{finding.id:5} {fitted(finding.must, ' ' * 19)}")
    if finding.came:
        label = "came: " if finding.verdict is Verdict.FAILED else ""
        out.print(" " * 19 + fitted(f"{label}{finding.came}", " " * 19))
    if finding.do:
        out.print(" " * 19 + fitted(f"do: {finding.do}", " " * 19))


def _summarize(found: Sequence[Finding]) -> None:
    counts = {each: sum(one.verdict is each for one in found) for each in Verdict}
    said = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items())
    print(f"\n{said}. docs/protocol.md says what each is about.")
