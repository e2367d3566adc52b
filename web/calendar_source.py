"""A calendar that is fetched from an address: for the command line and for the console alike."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.calendars import MOST_BYTES
from domain.errors import Invalid
from resolvers import imports
from resolvers.context import Context
from resolvers.imports import File, Source, Wanted

if TYPE_CHECKING:
    from federation.client import OutgoingClient

_MEDIA = "text/calendar, text/plain;q=0.5, application/octet-stream;q=0.3"
ADDRESS = ("address",)


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


def address_of(text: str) -> str:
    """webcal:// is what calendar programs write. What could never be asked is refused before it is
    kept anywhere: raises `Invalid`."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Invalid("This is no web address.", ADDRESS) from None
    if parts.scheme not in {"https", "http", "webcal", "webcals"} or not parts.hostname:
        raise Invalid("A calendar is fetched from an address that begins with https://.", ADDRESS)
    if "@" in parts.netloc:
        raise Invalid("A web address may not hold a name and password.", ADDRESS)
    scheme = "http" if parts.scheme == "http" else "https"
    return parts._replace(scheme=scheme, fragment="").geturl()


async def fetched(
    ctx: Context,
    wanted: Wanted,
    source: Source | None,
    outgoing: "OutgoingClient",
    *,
    counted: bool,
) -> Received:
    """Asked for only if it changed, where the last run took it in whole and wished the same. A
    preview is not `counted` among the times that an address may be fetched."""
    from federation.client import MOST_REDIRECTS

    await imports.take_turn(ctx, wanted, counted=counted)
    known = source if source is not None and imports.is_as_before(source, wanted, None) else None
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
