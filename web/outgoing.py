"""The one guarded client of a process (`federation/client.py`), made when it is first needed: it
reads certificates for a tenth of a second, and most commands ask nobody."""

from collections.abc import Callable
from functools import cache

from auth.keys_elsewhere import Fetch
from federation.client import OutgoingClient, OutgoingSettings
from web.settings import Settings

WayOut = Callable[[], OutgoingClient]


def way_out(settings: Settings) -> WayOut:
    @cache
    def made() -> OutgoingClient:
        return OutgoingClient(OutgoingSettings(allow_loopback=settings.allow_loopback))

    return made


def fetched_by(outgoing: WayOut) -> Fetch:
    """The keys that an app publishes (RFC 7517 s8.5.1)."""

    async def fetch(url: str, most_bytes: int) -> bytes:
        fetched = await outgoing().fetch(
            url,
            accept="application/jwk-set+json, application/json",
            max_bytes=most_bytes,
            media_types=frozenset({"application/jwk-set+json", "application/json"}),
        )
        return fetched.body

    return fetch
