"""What another hub says of itself, fetched through the guarded way out and read strictly.

Five documents tell of one hub, and have to tell the same: `/.well-known/convoke`, the metadata of its
authorization server (RFC 8414) and of what that protects (RFC 9728), its own as a client (RFC 7591),
and its two sets of keys (RFC 7517). Every address in them is under the one that was asked, and the
hub's id bears its authority, so that nobody speaks for another.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn
from urllib.parse import urlsplit

from auth import addresses, app_keys
from domain.errors import Invalid, Problem
from domain.hubs import LocalHub
from domain.ids import Kind, kind_of
from domain.peering import MOST_A_PAGE, SCHEMA_VERSION, HubFacts
from domain.words import say
from federation.addresses import FetchProblem, FetchReason, names_loopback
from federation.hub_tokens import WayOut

MOST_BYTES = 65_536
ALL_SECONDS = 20.0
_JSON = frozenset({"application/json"})
_KEYS = frozenset({"application/json", "application/jwk-set+json"})

# As a hub writes its own: in small letters, no port that is understood, nothing behind it.
_ORIGIN = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?",
    re.ASCII,
)
_PATH = re.compile(
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}){1,8}|(?:/\.well-known(?:/[a-z0-9-]{1,99}){1,6})"
)
_VERSION = re.compile(r"([0-9]{1,3})(?:\.[0-9]{1,3}){0,2}")
_SOFTWARE = re.compile(r"[A-Za-z0-9._-]{1,50}(?:/[A-Za-z0-9._+-]{1,50})?")


class DocumentsProblem(Problem):
    """What the other hub says of itself cannot be, or not of that address."""

    code: ClassVar[str] = "PEER_DOCUMENTS"


@dataclass(frozen=True, slots=True)
class Documents:
    """`local` is this hub, which is no peer of itself. `allow_loopback` is for development."""

    local: LocalHub
    outgoing: WayOut
    allow_loopback: bool = False

    async def read(self, given: str) -> HubFacts:
        """Of the hub at that address. Raises `DocumentsProblem`, or `FetchProblem` where it cannot
        be asked."""
        url = self._origin(given)
        try:
            async with asyncio.timeout(ALL_SECONDS):
                return await self._read(url)
        except TimeoutError:
            raise FetchProblem(
                FetchReason.TIMEOUT, say("%(url)s took too long over its documents.", url=url)
            ) from None

    def _origin(self, given: str) -> str:
        text = given.strip()
        text = (text if "://" in text else f"https://{text}").removesuffix("/")
        scheme, _, rest = text.partition("://")
        url = f"{scheme.lower()}://{rest.lower()}" if "/" not in rest else text
        if not _is_origin(url):
            _refuse(say("Give the hub's own address, like https://pantry.example."))
        host = urlsplit(url).hostname or ""
        if not url.startswith("https://") and not (self.allow_loopback and names_loopback(host)):
            _refuse(say("A hub's address begins with https://."))
        if urlsplit(url).netloc == self.local.authority:
            _refuse(say("That is this hub itself."))
        return url

    async def _read(self, url: str) -> HubFacts:
        hub = _Document("its /.well-known/convoke", await self._fetched(url + addresses.HUB))
        facts = _facts(hub, url, self.local)
        server = await self._fetched(url + addresses.SERVER_METADATA)
        _check_server(_Document("its server metadata", server), facts)
        resource_path = facts["graphql_url"].removeprefix(url)
        resource = await self._fetched(url + addresses.RESOURCE_METADATA + resource_path)
        _check_resource(_Document("its resource metadata", resource), facts)
        client = await self._fetched(facts["client_id"])
        _check_client(_Document("its client metadata", client), facts)
        people = _thumbprints("its keys", await self._fetched(facts["jwks_uri"], _KEYS))
        asking = _thumbprints(
            "its keys as a client", await self._fetched(facts["client_jwks_uri"], _KEYS)
        )
        if not set(people).isdisjoint(asking):
            _refuse(say("The same key is among its keys and among those it has as a client."))
        return HubFacts(**facts, thumbprints=people, client_thumbprints=asking)

    async def _fetched(self, url: str, media_types: frozenset[str] = _JSON) -> dict[str, Any]:
        answer = await self.outgoing().fetch(
            url,
            accept=", ".join(sorted(media_types)),
            max_bytes=MOST_BYTES,
            media_types=media_types,
        )
        try:
            read = json.loads(answer.body.decode(), object_pairs_hook=_each_once)
        except (ValueError, RecursionError):
            read = None
        if not isinstance(read, dict):
            _refuse(say("%(url)s is no JSON object.", url=url))
        return read


@dataclass(frozen=True, slots=True)
class _Document:
    """One of them, by what it is called where something in it is wrong."""

    called: str
    said: Mapping[str, Any]

    def text(self, name: str, shape: re.Pattern[str]) -> str:
        value = self.said.get(name)
        if not isinstance(value, str) or not shape.fullmatch(value):
            self.refuse(say("%(name)s is missing, or not as it should be", name=name))
        return value

    def words(self, name: str, most: int) -> str:
        value = self.said.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= most:
            self.refuse(say("%(name)s is a text of 1 to %(most)s characters", name=name, most=most))
        if not value.isprintable():
            self.refuse(say("%(name)s holds characters that cannot be shown", name=name))
        return value.strip()

    def address(self, name: str, url: str) -> str:
        """Of the same origin: on another, somebody else would speak for the hub."""
        value = self.said.get(name)
        if not isinstance(value, str) or not value.startswith(f"{url}/"):
            self.refuse(say("%(name)s is an address under %(url)s/", name=name, url=url))
        if not _PATH.fullmatch(value.removeprefix(url)):
            self.refuse(say("%(name)s is a plain address, without a query", name=name))
        return value

    def number(self, name: str, least: int, most: int) -> int:
        value = self.said.get(name)
        if type(value) is not int or not least <= value <= most:
            self.refuse(
                say(
                    "%(name)s is a whole number from %(least)s to %(most)s",
                    name=name,
                    least=least,
                    most=most,
                )
            )
        return value

    def same(self, name: str, wanted: object) -> None:
        if self.said.get(name) != wanted:
            self.refuse(say("%(name)s is not %(wanted)s", name=name, wanted=wanted))

    def has(self, name: str, *wanted: str) -> None:
        value = self.said.get(name)
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or not set(wanted) <= _texts(value)
        ):
            self.refuse(
                say("%(name)s does not have %(wanted)s", name=name, wanted=" and ".join(wanted))
            )

    def refuse(self, why: str) -> NoReturn:
        _refuse(say("In %(document)s: %(why)s.", document=self.called, why=why))


def _facts(hub: _Document, url: str, local: LocalHub) -> dict[str, Any]:
    """All but the keys."""
    hub.same("url", url)
    authority = urlsplit(url).netloc
    hub_id = hub.said.get("hub")
    if not isinstance(hub_id, str) or kind_of(hub_id) is not Kind.HUB:
        hub.refuse(say("hub is no hub's id (hub_…@…)"))
    if hub_id.partition("@")[2] != authority:
        hub.refuse(say("hub is the id of another hub than %(authority)s", authority=authority))
    if hub_id == local.id:
        _refuse(say("That is this hub itself."))
    version = hub.text("schema_version", _VERSION)
    if version.partition(".")[0] != SCHEMA_VERSION:
        hub.refuse(
            say(
                "schema_version is %(version)s, and this hub speaks %(ours)s",
                version=version,
                ours=SCHEMA_VERSION,
            )
        )
    # RFC 8414 s2, and compared letter by letter ever after: no slash, no other case.
    hub.same("issuer", url)
    limits = hub.said.get("limits")
    if not isinstance(limits, dict):
        hub.refuse(say("limits is an object"))
    told = _Document(say("its limits"), limits)
    told.number("poll_seconds", 1, 86_400)
    told.number("retention_days", 1, 36_500)
    poke = hub.said.get("poke_endpoint")
    return {
        "hub_id": hub_id,
        "authority": authority,
        "url": url,
        "name": hub.words("name", 200),
        "software": hub.text("software", _SOFTWARE),
        "graphql_url": hub.address("graphql_endpoint", url),
        "issuer": url,
        "token_endpoint": hub.address("token_endpoint", url),
        # By this address it is known as a client, and nobody else may be by the same.
        "client_id": _client_id(hub, url),
        "poke_url": None if poke is None else hub.address("poke_endpoint", url),
        "proposals_url": hub.address("proposals_endpoint", url),
        "schema_version": version,
        "most_a_page": min(told.number("page", 1, 100_000), MOST_A_PAGE),
        "jwks_uri": hub.address("jwks_uri", url),
        "client_jwks_uri": hub.address("client_jwks_uri", url),
    }


def _client_id(hub: _Document, url: str) -> str:
    hub.same("client_metadata_url", url + addresses.CLIENT_METADATA)
    return url + addresses.CLIENT_METADATA


def _check_server(server: _Document, facts: Mapping[str, Any]) -> None:
    for name in ("issuer", "token_endpoint", "jwks_uri"):
        server.same(name, facts[name])
    server.has("grant_types_supported", "client_credentials")
    server.has("token_endpoint_auth_methods_supported", "private_key_jwt")


def _check_resource(resource: _Document, facts: Mapping[str, Any]) -> None:
    """RFC 9728 s3.3."""
    resource.same("resource", facts["graphql_url"])
    resource.same("authorization_servers", [facts["issuer"]])


def _check_client(client: _Document, facts: Mapping[str, Any]) -> None:
    client.same("client_id", facts["client_id"])
    client.same("jwks_uri", facts["client_jwks_uri"])
    client.same("token_endpoint_auth_method", "private_key_jwt")
    client.has("grant_types", "client_credentials")
    for secret in ("client_secret", "jwks"):
        if secret in client.said:
            client.refuse(
                say("%(secret)s has no place there: its keys are at jwks_uri", secret=secret)
            )


def _thumbprints(called: str, jwks: dict[str, Any]) -> tuple[str, ...]:
    try:
        app_keys.checked(jwks)
    except Invalid as wrong:
        _refuse(say("In %(document)s: %(why)s", document=called, why=wrong.message))
    return tuple(sorted(app_keys.thumbprints(jwks)))


def _is_origin(url: str) -> bool:
    found = _ORIGIN.fullmatch(url)
    if found is None or ".." in found[2]:
        return False
    usual = {"https": "443", "http": "80"}[found[1]]
    return found[3] != usual and (found[3] is None or int(found[3]) < 65_536)


def _texts(values: Sequence[Any]) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two of one name, two readers may each believe another."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a name stands twice")
    return read


def _refuse(why: str) -> NoReturn:
    raise DocumentsProblem(why, ("url",))
