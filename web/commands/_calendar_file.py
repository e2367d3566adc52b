"""The calendar that somebody wants imported: a file read, or an address fetched."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.calendars import MOST_BYTES
from domain.errors import Invalid, NotFound
from domain.geo import check_position
from domain.sharing import Visibility
from resolvers import imports
from resolvers.context import Context
from resolvers.imports import File, Source, Wanted
from web.settings import current_settings

if TYPE_CHECKING:
    from federation.client import OutgoingClient

_MEDIA = "text/calendar, text/plain;q=0.5, application/octet-stream;q=0.3"


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line."""

    place: str
    organization: str
    share_with: Sequence[str]
    visibility: Visibility | None
    group: str | None
    time_zone: str | None
    preview: bool
    position: str | None = None

    @property
    def latitude_and_longitude(self) -> tuple[float, float] | None:
        if self.position is None:
            return None
        try:
            latitude, longitude = (float(part) for part in self.position.split(","))
        except ValueError:
            raise Invalid(
                "A position is a latitude and a longitude in degrees, like 39.17,-86.53.",
                ("position",),
            ) from None
        check_position(latitude, longitude, ("position",))
        return latitude, longitude

    @property
    def address(self) -> str | None:
        """The place as an address of the web, or None for a file. webcal:// is what calendar
        programs write. What could never be asked is refused before it is kept anywhere."""
        if "://" not in self.place:
            return None
        try:
            parts = urlsplit(self.place)
        except ValueError:
            raise Invalid("This is no web address.") from None
        if parts.scheme not in {"https", "http", "webcal", "webcals"} or not parts.hostname:
            raise Invalid("A calendar is fetched from an address that begins with https://.")
        if "@" in parts.netloc:
            raise Invalid("A web address may not hold a name and password.")
        scheme = "http" if parts.scheme == "http" else "https"
        return parts._replace(scheme=scheme, fragment="").geturl()


@dataclass(frozen=True, slots=True)
class Received:
    """`digest` is None where its server says that the file is the one it was."""

    body: bytes
    digest: str | None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def file(self) -> File:
        return File(self.digest or "", self.etag, self.last_modified)


def read(asked: Asked) -> Received:
    path = Path(asked.place).expanduser()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Invalid(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB. Split it up.")
        body = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{asked.place} cannot be read: {error.strerror}.") from error
    return Received(body, hashlib.sha256(body).hexdigest())


async def fetched(
    ctx: Context,
    wanted: Wanted,
    source: Source | None,
    asked: Asked,
    client: "OutgoingClient | None",
) -> Received:
    """Asked for only if it changed, where the last run took it in whole and wished the same."""
    from federation.client import MOST_REDIRECTS, OutgoingClient, OutgoingSettings

    usual = OutgoingSettings(allow_loopback=current_settings().allow_loopback)
    await imports.take_turn(ctx, wanted, counted=not asked.preview)
    known = source if source is not None and imports.is_as_before(source, wanted, None) else None
    async with client or OutgoingClient(usual) as outgoing:
        answer = await outgoing.fetch(
            wanted.location,
            accept=_MEDIA,
            max_bytes=MOST_BYTES,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            redirects=MOST_REDIRECTS,
        )
    digest = None if answer.status == 304 else hashlib.sha256(answer.body).hexdigest()
    return Received(answer.body, digest, answer.etag, answer.last_modified)
