"""Back the hub up into one file, while it works; and try whether a backup can be restored.

Look next at `storage/backup.py`; `restore` is the way back.
"""

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from auth.sealing import FILE as SECRET_FILE
from storage import operating
from storage.backup import back_up
from storage.backup_file import BackupFile, BackupProblem, Manifest, opened
from storage.backup_restoring import compare, load
from storage.embedded import EmbeddedPostgres
from storage.engine import Database
from storage.migrating import upgrade
from web.commands._hub import DataOption, opened_hub, settings_with
from web.commands._output import AsJson, print_json
from web.outside import SystemClock
from web.settings import Settings

GROUP = "Look after it"


class _Backups(TyperGroup):
    """`./convoke backup PLACE` is `./convoke backup take PLACE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in {"-h", "--help"}:
            args = ["take", *args]  # an option of it, before its place
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            args = ["take", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="backup",
    cls=_Backups,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: [bold]./convoke backup /var/backups/convoke[/] in a timer.",
    help="Backs the hub up into one file, while it works, and tries backups.\n\n"
    "./convoke backup PLACE is short for ./convoke backup take PLACE.",
)


@app.command(epilog="Example: [bold]./convoke backup take --with-secret sealed/hub.zip[/]")
def take(
    place: Annotated[
        Path,
        typer.Argument(
            help="A directory, which is given a file with the time in its name; or a new file."
        ),
    ],
    with_secret: Annotated[
        bool,
        typer.Option(
            "--with-secret",
            help="Put the hub's secret into the file too. Who has the file can then sign tokens "
            "of this hub.",
        ),
    ] = False,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Writes all of the hub's data, as of one moment, into a new file that only you may read.

    The hub's secret is not in it, unless that is asked for: keep that apart. Sessions and sign-ins
    under way are never in it.
    """
    settings = settings_with(data)
    now = SystemClock().now()
    file = _file(place, now)
    secret = _secret(settings) if with_secret else None
    manifest = asyncio.run(_taken(settings, file, now, secret))
    if as_json:
        print_json(_told(file, manifest))
        return
    print(f"Backed up {_summary(manifest)}")
    print(f"to {file}, {_size(file)}.")
    if with_secret:
        print("The hub's secret is in it: who has this file can sign tokens of your hub.")
    else:
        print(
            f"The hub's secret is not in it. Without {_where(settings)} the hub does not start on "
            "it until ./convoke keys renew: keep a copy of that too, somewhere else."
        )


@app.command(epilog="Example: [bold]./convoke backup verify convoke-20260718T040000Z.zip[/]")
def verify(
    file: Annotated[Path, typer.Argument(help="The file of a backup.")],
    as_json: AsJson = False,
) -> None:
    """Reads a backup whole, restores it into a database of its own, and compares every byte.

    Nothing of any hub is touched. It needs as much room for a while as the hub's database.
    """
    with opened(file) as backup:
        backup.check()
        revision = asyncio.run(_tried(backup))
        manifest = backup.manifest
    if as_json:
        print_json({**_told(file, manifest), "well": True, "migrates_to": revision})
        return
    print(f"Whole, and restored for a try: {_summary(manifest)}")
    print(f"of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC. {_of_secret(manifest)}")
    if revision != manifest.revision:
        print(f"Its tables are at {manifest.revision}; this Convoke brings them to {revision}.")


async def _taken(settings: Settings, file: Path, now: datetime, secret: bytes | None) -> Manifest:
    async with opened_hub(settings=settings, migrated=False) as hub:
        manifest = await back_up(hub.database, file, now, secret=secret)
        async with hub.database.writing() as db:
            await operating.note_backup(db, manifest.rows, now)
        return manifest


async def _tried(backup: BackupFile) -> str:
    """The revision that this Convoke brought it to."""
    with (
        tempfile.TemporaryDirectory(prefix="convoke-verify-") as scratch,
        EmbeddedPostgres.start(Path(scratch) / "data", durable=False) as server,
    ):
        server.create_database()
        database = Database(server.url())
        try:
            await load(database, backup, is_for_good=False)
            await compare(database, backup)
            return (await upgrade(database)).found or ""
        finally:
            await database.close()


def _file(place: Path, now: datetime) -> Path:
    place = place.expanduser().absolute()
    if place.is_dir():
        return place / f"convoke-{now:%Y%m%dT%H%M%SZ}.zip"
    if not place.parent.is_dir():
        raise BackupProblem(f"There is no directory {place.parent}. Make it, or name another.")
    return place


def _secret(settings: Settings) -> bytes:
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    file = settings.data / SECRET_FILE
    if not file.is_file():
        raise BackupProblem(f"There is no {file}: this hub has no secret yet. See ./convoke serve")
    return file.read_bytes()


def _where(settings: Settings) -> str:
    if settings.secret_key is not None:
        return "CONVOKE_SECRET_KEY"
    return str(settings.data / SECRET_FILE)


def _summary(manifest: Manifest) -> str:
    rows, tables = manifest.rows, len(manifest.tables)
    return f"{manifest.hub_name} ({manifest.authority}): {rows:,} rows of {tables} tables"


def _of_secret(manifest: Manifest) -> str:
    return f"The hub's secret is {'' if manifest.has_secret else 'not '}in it."


def _size(file: Path) -> str:
    size = file.stat().st_size
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size / 2**10:.0f} kB"


def _told(file: Path, manifest: Manifest) -> dict[str, object]:
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "made_at": manifest.made_at.isoformat(),
        "hub": manifest.hub_name,
        "authority": manifest.authority,
        "revision": manifest.revision,
        "rows": manifest.rows,
        "has_secret": manifest.has_secret,
        "tables": {table.name: table.rows for table in manifest.tables},
    }
