"""Look for what is wrong with this hub, and say what to do about it."""

import asyncio
import platform
import re
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from sqlalchemy import select, text

from domain.errors import Problem
from storage import letters_due
from storage import mail as letters
from storage.duties import kept
from storage.embedded import is_running
from storage.engine import Database
from storage.migrating import State, revision_state
from storage.operating import OURS
from storage.tables import hubs
from web.commands import Exit, _findings, fitted
from web.commands._findings import Finding, ago
from web.commands._hub import DataOption, opened_hub, settings_with
from web.commands._output import AsJson, command, console, print_json
from web.operating.readiness import free_bytes
from web.outside import SystemClock
from web.settings import TREE, Settings

GROUP = "Look after it"
app = command("doctor")

OVERDUE = timedelta(minutes=10)  # by then nobody does it
OF_LATE = timedelta(days=7)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^ ;\\]+)", re.MULTILINE)


@app.command(epilog="Example: [bold]./convoke doctor --json[/] from a monitoring script.")
def doctor(data: DataOption = None, as_json: AsJson = False) -> None:
    """Checks this hub: Python, packages, disk, database, tables, identity, clock, secret, worker,
    duties, mail, the last backup, and each hub it has to do with.

    Changes nothing. The exit code is 1 where a problem was found.
    """
    settings = settings_with(data)
    found = [python(), requirements(TREE / "requirements.txt"), disk(settings)]
    found += asyncio.run(database(settings))
    if as_json:
        print_json({"well": all(f.well for f in found), "findings": [asdict(f) for f in found]})
    else:
        show(found)
    if not all(finding.well for finding in found):
        raise typer.Exit(Exit.FAILED)


def show(found: list[Finding]) -> None:
    out = console()
    width = max(len(finding.name) for finding in found)
    for finding in found:
        mark, style = ("ok     ", "green") if finding.well else ("problem", "bold red")
        out.print(mark, style=style, end="  ")
        out.print(f"{finding.name:{width}}  {fitted(finding.says, ' ' * (width + 11))}")
    problems = sum(not finding.well for finding in found)
    said = "All is well." if not problems else f"{problems} of {len(found)} need attention."
    out.print(f"\n{said}")


def python() -> Finding:
    here = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Finding("python", True, here)
    return Finding("python", False, f"{here}: Convoke needs 3.11, 3.12 or 3.13")


def requirements(pinned: Path) -> Finding:
    wanted = PINNED.findall(pinned.read_text())
    wrong = [f"{name} {there or 'missing'}, not {want}" for name, want in wanted
             if (there := installed(name)) != want]  # fmt: skip
    if not wrong:
        return Finding("packages", True, f"{len(wanted)}, as pinned")
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return Finding(
        "packages", False, f"{'; '.join(wrong[:3])}{more}. Remove .venv and run ./convoke again"
    )


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def disk(settings: Settings) -> Finding:
    free, least = free_bytes(settings.data), settings.disk_floor_bytes
    says = f"{free / 2**30:.1f} GB free for {settings.data}"
    if free >= least:
        return Finding("disk", True, says)
    return Finding("disk", False, f"{says}: make room, at least {least // 2**20} MB")


async def database(settings: Settings) -> list[Finding]:
    if settings.database_url is None and not (settings.data / "postgres").exists():
        says = f"none in {settings.data} yet; ./convoke migrate makes one"
        return [Finding("database", True, says)]
    try:
        joined = settings.database_url is None and is_running(settings.data)
        async with opened_hub(settings=settings, migrated=False) as hub:
            found = [await server(hub.database, settings, joined)]
            found.append(await tables(hub.database))
            if found[-1].well:
                found.append(await identity(hub.database, settings))
                found += await more(hub.database, settings, SystemClock().now())
            return found
    except Problem as problem:
        return [Finding("database", False, problem.message)]


async def more(database: Database, settings: Settings, now: datetime) -> list[Finding]:
    """Of what a hub does, once its tables are there."""
    found = [
        await _findings.clock(database, now),
        await _findings.secret(database, settings),
        await _findings.worker(database),
        await duties(database, now),
        await mail(database, settings, now),
        await letters_written(database),
    ]
    server = await _findings.mail_server(database, settings)
    found += [server] if server else []
    found.append(await _findings.backup(database, now))
    return [*found, *await _findings.peers(database, now)]


async def server(database: Database, settings: Settings, joined: bool) -> Finding:
    async with database.reading() as db:
        number = await db.scalar(text("select current_setting('server_version')"))
        size = await db.scalar(text("select pg_size_pretty(pg_database_size(current_database()))"))
    where = "of DATABASE_URL" if settings.database_url else f"in {settings.data}"
    return Finding(
        "database", True, f"PostgreSQL {number} {where}, {size}{', in use' if joined else ''}"
    )


async def tables(database: Database) -> Finding:
    found = await revision_state(database)
    match found.state:
        case State.CURRENT:
            return Finding("tables", True, f"at {found.found}, as this Convoke wants")
        case State.NEWER:
            says = f"at {found.found}, of a newer Convoke: update this one"
        case State.EMPTY:
            says = "none yet: run ./convoke migrate"
        case State.BEHIND:
            says = f"at {found.found}, and {found.wanted} is wanted: run ./convoke migrate"
    return Finding("tables", False, says)


async def duties(database: Database, now: datetime) -> Finding:
    """What time brings: when each duty was done last, and which of them fail."""
    async with database.reading() as db:
        found = [duty for name, duty in (await kept(db)).items() if name not in OURS]
    failing = [duty for duty in found if duty.failures]
    if failing:
        named = "; ".join(
            f"{duty.name} failed {duty.failures} times, the last time as {duty.request_id}"
            for duty in failing
        )
        return Finding("duties", False, f"{named}: the log tells why")
    says = ", ".join(f"{duty.name} {ago(now - duty.ran_at)} ago" for duty in found) or "none yet"
    if all(duty.due_at > now - OVERDUE for duty in found) and found:
        return Finding("duties", True, says)
    return Finding("duties", True, f"{says}; ./convoke serve does them, or ./convoke worker")


async def letters_written(database: Database) -> Finding:
    async with database.reading() as db:
        aside = await letters_due.how_many_aside(db)
    if not aside:
        return Finding("letters", True, "all could be written")
    said = f"{aside:,} could not be written, and are tried again every six hours: see the log"
    return Finding("letters", False, said)


async def mail(database: Database, settings: Settings, now: datetime) -> Finding:
    """Who sends the letters, and which of them wait."""
    async with database.reading() as db:
        found = await letters.state(db, now, OF_LATE)
    waits = "1 letter waits" if found.waiting == 1 else f"{found.waiting} letters wait"
    if settings.mail_server is None:
        says = "no mail server is named, so that letters wait: set CONVOKE_SMTP_URL"
        if not found.waiting:
            return Finding("mail", True, says)
        return Finding("mail", False, f"{waits}, and {says}")
    says = f"by {settings.mail_server.host}, {waits}"
    if found.failed:
        says += f", {found.failed} could not be delivered in the last {OF_LATE.days} days"
    since = found.waits_since
    if since is None or since > now - OVERDUE or (found.sent_at and found.sent_at > since):
        return Finding("mail", True, says)
    why = found.problem or "./convoke serve sends them, or ./convoke worker"
    return Finding("mail", False, f"{says}, and none is sent: {why}")


async def identity(database: Database, settings: Settings) -> Finding:
    async with database.reading() as db:
        found = (
            await db.execute(select(hubs.c.name, hubs.c.authority).where(hubs.c.is_local))
        ).all()
    if not found:
        return Finding("identity", True, f"none yet; it will be {settings.authority}")
    name, authority = found[0]
    if authority == settings.authority:
        return Finding("identity", True, f"{name}, {authority}")
    return Finding(
        "identity",
        False,
        f"this hub's data says {authority}, and CONVOKE_BASE_URL says {settings.authority}: "
        "set CONVOKE_BASE_URL to the first, or name the data of the second",
    )
