"""An app for each organization of the demo, and `demo.json`, which keeps their secrets.

Secrets that still work are kept from one start to the next. Where the file was lost, or says
something else than the hub knows, the app gets a new secret; where it was revoked, there is a new
app.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from auth.client_authentication import is_one_of
from auth.clients import Apps
from auth.scopes import FOR_MACHINES
from storage import credentials
from storage.credentials import KnownClient
from web.demo.coalition import PACTS
from web.demo.known import Known
from web.demo.pieces import Voice
from web.demo.voices import VOICES

FILE = "demo.json"
APP = "Demo app"


@dataclass(frozen=True, slots=True)
class App:
    """An organization's app: known to the hub, and the secret that shows it."""

    slug: str
    organization_id: str
    known: KnownClient
    secret: str

    @property
    def client_id(self) -> str:
        return self.known.client.id

    def shown(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "id": self.organization_id,
            "clientId": self.client_id,
            "clientSecret": self.secret,
            "scopes": list(self.known.client.scopes),
        }


async def apps(desk: Apps, known: Known, file: Path, voices: Sequence[Voice] = VOICES) -> list[App]:
    """One of each organization, whose secret works: the one in the file, or a new one."""
    kept = secrets_in(file)
    return [await app(desk, known, voice.slug, kept) for voice in voices]


async def app(desk: Apps, known: Known, slug: str, kept: Mapping[str, str]) -> App:
    organization_id = known.organizations[slug]
    standing = [
        client
        for client in await desk.list_of(slug)
        if client.revoked_at is None and (client.id in kept or client.name == APP)
    ]
    for client in standing:
        proven = await believed(desk, client.id)
        secret = kept.get(client.id)
        if proven and secret and is_one_of(secret, proven.digests):
            return App(slug, organization_id, proven, secret)
    if standing:
        made = await desk.rotate(standing[0].id, timedelta(0))
    else:
        made = await desk.register(slug, APP, FOR_MACHINES)
    proven = await believed(desk, made.client.id)
    if proven is None:
        raise RuntimeError(f"{made.client.id} was registered, and is not known")
    return App(slug, organization_id, proven, made.secret)


async def believed(desk: Apps, client_id: str) -> KnownClient | None:
    """What the authorization server knows of the app when it asks for a token."""
    now = desk.clock.now()
    async with desk.database.reading() as db:
        return await db.run_sync(lambda asked: credentials.known_client(asked, client_id, now))


def secrets_in(file: Path) -> dict[str, str]:
    """By the app's id; nothing where the file is missing, or was damaged by hand."""
    try:
        hubs = json.loads(file.read_bytes())["hubs"]
        return {
            str(one["clientId"]): str(one["clientSecret"])
            for hub in hubs
            for one in hub["organizations"]
        }
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return {}


def of_hub(url: str, known: Known, found: list[App]) -> dict[str, Any]:
    """What the file says of one hub."""
    slugs = {organization_id: slug for slug, organization_id in known.organizations.items()}
    alliances = [
        (pact.slug, known.alliances[pact.slug]) for pact in PACTS if pact.slug in known.alliances
    ]
    members = {
        alliance_id: sorted(
            slugs[organization_id]
            for (of, organization_id), active in known.in_alliances.items()
            if of == alliance_id and active and organization_id in slugs
        )
        for _, alliance_id in alliances
    }
    return {
        "url": url,
        "organizations": [one.shown() for one in found],
        "alliances": [
            {"slug": slug, "id": alliance_id, "members": members[alliance_id]}
            for slug, alliance_id in alliances
        ],
    }


def write(file: Path, hubs: Sequence[Mapping[str, Any]]) -> None:
    """For its owner's eyes alone; under its name only when it is whole."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump({"hubs": hubs}, out, ensure_ascii=False, indent=2)
        out.write("\n")
    draft.replace(file)
