"""The whole service, opened by a command: for those that answer requests or give out tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from auth.sealing import HubSecret, SecretProblem, given_secret, kept_secret
from storage import hubs
from web.commands._hub import OpenedHub, opened_hub
from web.commands._output import tell
from web.outside import SystemChance, SystemClock
from web.service import Service
from web.settings import Settings


@asynccontextmanager
async def service_of(data: Path | None) -> AsyncIterator[Service]:
    """Of the hub whose data it is, also where the settings name another address; with its way out,
    for a command that asks other hubs."""
    async with opened_hub(data) as opened:
        settings = opened.settings
        async with opened.database.reading() as db:
            local = await hubs.local(db)
        if local is not None:
            settings = replace(settings, base_url=local.url, hub_name=local.name)
        service = await opened_service(OpenedHub(settings, opened.database))
        async with service.outgoing():
            yield service


async def opened_service(hub: OpenedHub) -> Service:
    """Tells where a secret that was made now is kept; the database alone is no backup."""
    chance = SystemChance()
    secret = secret_of(hub.settings, chance)
    service = await Service.opened(hub.settings, hub.database, secret, SystemClock(), chance)
    if secret.made_now is not None:
        tell(
            f"The hub's secret was made: {secret.made_now}\n"
            "Keep a copy of it apart from your backups. Without it, all tokens must be given out "
            "anew.",
            in_log=hub.settings.log_json,
        )
    return service


def secret_of(settings: Settings, chance: SystemChance) -> HubSecret:
    if settings.secret_key is not None:
        return given_secret(settings.secret_key)
    if settings.database_url is not None:
        # A file would be lost with the container, or differ between the processes of one hub.
        raise SecretProblem(
            "With DATABASE_URL, set CONVOKE_SECRET_KEY too, to the same text in every process: at "
            "least 32 characters that nobody can guess, such as the output of: openssl rand -hex 32"
        )
    return kept_secret(settings.data, chance)
