"""The calendar that somebody wants imported: a file read, or an address fetched."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from domain.calendars import MOST_BYTES
from domain.errors import Invalid, NotFound
from domain.geo import check_position
from domain.sharing import Visibility
from resolvers.context import Context
from resolvers.imports import Source, Wanted
from web import calendar_source
from web.calendar_source import Received, address_of
from web.settings import current_settings

if TYPE_CHECKING:
    from federation.client import OutgoingClient


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
        """The place as an address of the web, or None for a file."""
        return address_of(self.place) if "://" in self.place else None


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
    """`client` is for the one time, in place of the usual one."""
    from federation.client import OutgoingClient, OutgoingSettings

    usual = OutgoingSettings(allow_loopback=current_settings().allow_loopback)
    async with client or OutgoingClient(usual) as outgoing:
        return await calendar_source.fetched(
            ctx, wanted, source, outgoing, counted=not asked.preview
        )
