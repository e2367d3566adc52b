"""Make a hub of a backup: in an empty place, or instead of the one that is there.

Look next at `storage/backup_restoring.py`.
"""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from auth.sealing import FILE as SECRET_FILE
from storage.backup_file import BackupFile, BackupProblem, Manifest, opened
from storage.backup_restoring import require_known
from storage.backup_restoring import restore as restored
from web.commands._hub import DataOption, opened_hub, settings_with
from web.commands._output import command
from web.settings import Settings

GROUP = "Look after it"
app = command("restore")


@app.command(epilog="Example: [bold]./convoke restore --data /var/lib/convoke FILE[/]")
def restore(
    file: Annotated[Path, typer.Argument(help="The file of a backup.")],
    replace: Annotated[
        str | None,
        typer.Option(
            "--replace",
            metavar="NAME",
            help="Take the place of the hub of that name, whose data are lost.",
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Restores a backup into an empty data directory, or an empty database of DATABASE_URL.

    The hub must not run. All of the backup is restored, or nothing is changed. People sign in once
    more, and hubs that follow this one read it again from the start.
    """
    settings = settings_with(data)
    with opened(file) as backup:
        require_same_hub(backup.manifest, settings)
        require_known(backup)
        backup.check()
        asyncio.run(_restored(settings, backup, replace))
        manifest, secret = backup.manifest, _keep_secret(backup, settings)
    print(
        f"Restored {manifest.hub_name} ({manifest.authority}) as it was at "
        f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {manifest.rows:,} rows."
    )
    print("What was done since is lost, also what was taken back: apps revoked, people who left.")
    print("People sign in once more. Hubs that follow this one begin again.")
    print(f"{secret} See ./convoke doctor, then ./convoke serve.")


async def _restored(settings: Settings, backup: BackupFile, replace: str | None) -> None:
    async with opened_hub(settings=settings, alone=True, migrated=False) as hub:
        await restored(hub.database, backup, replace=replace)


def require_same_hub(manifest: Manifest, settings: Settings) -> None:
    """The name stands in every id and token: data of one hub are of no use to another."""
    if manifest.authority != settings.authority:
        raise BackupProblem(
            f"This is a backup of {manifest.authority}, and CONVOKE_BASE_URL says "
            f"{settings.authority}. Nothing was changed. Set CONVOKE_BASE_URL to the address of "
            f"{manifest.authority}, and keep the two from running at once."
        )


def _keep_secret(backup: BackupFile, settings: Settings) -> str:
    """Where the secret of the backup is now, in a sentence."""
    secret, file = backup.secret(), settings.data / SECRET_FILE
    if settings.secret_key is not None:
        if secret is None or secret.strip() == settings.secret_key.encode():
            return "CONVOKE_SECRET_KEY must be the one it had then."
        return (
            "CONVOKE_SECRET_KEY is not the secret in the backup: set it to what this prints: "
            f"unzip -p {backup.file} {SECRET_FILE}"
        )
    if secret is None:
        had = "is there: it must be the one of then." if file.exists() else "is to be put back."
        return f"The hub's secret is not in the backup: {file} {had}"
    if file.exists():
        same = file.read_bytes().strip() == secret.strip()
        return (
            f"{file} is the secret in the backup."
            if same
            else f"{file} is not the secret in the backup, and was left as it is: move it away and "
            f"put there what this prints: unzip -p {backup.file} {SECRET_FILE}"
        )
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secret)
        out.flush()
        os.fsync(descriptor)
    return f"The hub's secret was in the backup, and is in {file} now."
