"""Two hubs that a browser finds by https, each with a database and a port of its own, which mirror one
another: the Pantry with Anna is at home at A, the Riverside Mosque with Mina at B.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import BrowserContext

from auth import sessions
from auth.sessions import Method
from tests.browser.hands import Hands, Way
from tests.cast import publish
from tests.federation.neighbourhood import Neighbour
from tests.federation.side_by_side import SideBySide
from tests.outside import SeededChance
from tests.pictures.chromium import Chromium
from tests.web.account.browsing import open_account
from web.app import create_app
from web.serving import Announced, configured

HOSTS = ("a.test", "b.test")
HIGH = 780
PATIENCE_MS = 15_000  # a machine may have much else to do
PANTRY, MOSQUE = (
    "https://a.test/console/river-city-pantry",
    "https://b.test/console/mosque",
)
COOKIE = "__Host-convoke"
RIVER_CITY = {"latitude": 39.17, "longitude": -86.53}


@dataclass(frozen=True)
class TwoHubs:
    chromium: Chromium
    both: SideBySide

    @asynccontextmanager
    async def nobody(self, way: Way) -> AsyncIterator[Hands]:
        """A visitor, in River City."""
        async with self._browser(way, geolocation=RIVER_CITY, permissions=["geolocation"]) as one:
            yield Hands(self.chromium, await self.chromium.do(one.new_page()), way)

    @asynccontextmanager
    async def anna(self, way: Way) -> AsyncIterator[Hands]:
        async with self._staff(way, self.both.a, self.both.cast.anna_id, "Anna") as hands:
            yield hands

    @asynccontextmanager
    async def mina(self, way: Way) -> AsyncIterator[Hands]:
        async with self._staff(way, self.both.b, self.both.mina_id, "Mina") as hands:
            yield hands

    async def publishes(self, title: str, **given: object) -> str:
        """An event of the Pantry's, which both hubs know; its id."""
        event_id = await publish(self.both.at_a, self.both.cast.anna, title=title, **given)
        await self.both.follow()
        return event_id

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def _staff(
        self, way: Way, hub: Neighbour, person_id: str, name: str
    ) -> AsyncIterator[Hands]:
        """Signed in a moment ago."""
        async with hub.database.writing() as db:
            begun = await sessions.begin(
                hub.desk, db, person_id, name, [Method.PASSKEY], "Chromium on Linux"
            )
        async with self._browser(way) as one:
            await self.chromium.do(
                one.add_cookies(
                    [{"name": COOKIE, "value": begun.secret, "url": hub.url, "secure": True}]
                )
            )
            yield Hands(self.chromium, await self.chromium.do(one.new_page()), way)

    @asynccontextmanager
    async def _browser(self, way: Way, **options: object) -> AsyncIterator[BrowserContext]:
        async with self.chromium.visitor(
            viewport={"width": way.width, "height": HIGH},
            java_script_enabled=way.scripts,
            ignore_https_errors=True,
            **options,
        ) as made:
            made.set_default_timeout(PATIENCE_MS)
            yield made


async def with_accounts(both: SideBySide) -> None:
    """Anna, Sam and Mina may sign in, by letters to these addresses."""
    cast = both.cast
    for hub, person_id, address in (
        (both.a, cast.anna_id, "anna@pantry.example"),
        (both.a, cast.sam_id, "sam@shelter.example"),
        (both.b, both.mina_id, "mina@mosque.example"),
    ):
        chance = SeededChance(f"account of {address}")
        await open_account(hub.database, cast, hub.clock, chance, person_id, address)


@asynccontextmanager
async def doors_open(
    hubs: Mapping[str, Neighbour], taken: Mapping[str, socket.socket], directory: Path
) -> AsyncIterator[None]:
    """Each hub listens on its socket, by https."""
    keys = certified(directory)
    async with AsyncExitStack() as opened:
        for host, hub in hubs.items():
            await opened.enter_async_context(_listens(hub, taken[host], keys))
        yield


@asynccontextmanager
async def _listens(
    hub: Neighbour, taken: socket.socket, keys: tuple[Path, Path]
) -> AsyncIterator[None]:
    config = configured(create_app(hub.service), hub.settings.limits)
    config.ssl_certfile, config.ssl_keyfile = keys
    ready = asyncio.Event()
    server = Announced(config, ready.set)
    running = asyncio.create_task(server.serve(sockets=[taken]))
    try:
        async with asyncio.timeout(10):
            await ready.wait()
        yield
    finally:
        server.should_exit = True
        await running


def certified(directory: Path) -> tuple[Path, Path]:
    """A certificate that nobody knows, and its key: browsers are told to take it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hubs of tests")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in HOSTS]), False)
        .sign(key, hashes.SHA256())
    )
    shown, hidden = directory / "hubs.crt", directory / "hubs.key"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    hidden.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return shown, hidden
