"""Whether what a hub says of itself is as docs/protocol.md has it: documents and keys."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from auth import addresses, app_keys
from domain.errors import Invalid
from domain.ids import Kind, kind_of
from web.conformance.probing import (
    JSON,
    KEYS,
    Check,
    Failed,
    NotChecked,
    Object,
    Probe,
    an_object,
)

_PATH = re.compile(
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}){1,8}|(?:/\.well-known(?:/[a-z0-9-]{1,99}){1,6})"
)
_VERSION = re.compile(r"1(?:\.[0-9]{1,3}){0,2}")
_SOFTWARE = re.compile(r"[A-Za-z0-9._-]{1,50}(?:/[A-Za-z0-9._+-]{1,50})?")
_ENDPOINTS = (
    "graphql_endpoint",
    "token_endpoint",
    "jwks_uri",
    "client_jwks_uri",
    "proposals_endpoint",
)
_LIMITS = {"page": 100_000, "poll_seconds": 86_400, "retention_days": 36_500}


async def served(probe: Probe) -> None:
    for address, media_types in await _addresses(probe):
        await probe.fetched(address, media_types)


async def objects(probe: Probe) -> None:
    read = 0
    for address, media_types in await _addresses(probe):
        try:
            found = await probe.fetched(address, media_types)
        except Failed:
            continue  # which D-1 tells
        an_object(found)
        read += 1
    if not read:
        raise NotChecked("None of them can be read.")


async def names_itself(probe: Probe) -> None:
    hub_id = (await probe.hub()).get("hub")
    is_one = isinstance(hub_id, str) and kind_of(hub_id) is Kind.HUB
    if not is_one or str(hub_id).partition("@")[2] != probe.authority:
        raise _is("hub", hub_id, f"Say hub_<ulid>@{probe.authority}, the same for ever.")


async def is_at_its_origin(probe: Probe) -> None:
    hub = await probe.hub()
    for name in ("url", "issuer"):
        _same(hub, name, probe.url)


async def bears_a_name(probe: Probe) -> None:
    name = (await probe.hub()).get("name")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 200 or not name.isprintable():
        raise _is("name", name, "Say what people call the hub, on one line.")


async def runs_something(probe: Probe) -> None:
    software = (await probe.hub()).get("software")
    if not isinstance(software, str) or not _SOFTWARE.fullmatch(software):
        raise _is("software", software, "Say it like name/1.0.")


async def is_of_this_version(probe: Probe) -> None:
    version = (await probe.hub()).get("schema_version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise _is("schema_version", version, 'Say "1": this page is of version 1.')


async def has_plain_addresses(probe: Probe) -> None:
    hub = await probe.hub()
    optional = () if hub.get("poke_endpoint") is None else ("poke_endpoint",)
    for name in (*_ENDPOINTS, *optional):
        value = hub.get(name)
        is_ours = isinstance(value, str) and value.startswith(f"{probe.url}/")
        if not is_ours or not _PATH.fullmatch(str(value).removeprefix(probe.url)):
            raise _is(
                name, value, f"Give an address under {probe.url}/, without query or fragment."
            )


async def is_a_client_by_its_address(probe: Probe) -> None:
    _same(await probe.hub(), "client_metadata_url", probe.url + addresses.CLIENT_METADATA)


async def says_its_limits(probe: Probe) -> None:
    limits = (await probe.hub()).get("limits")
    if not isinstance(limits, dict):
        raise _is("limits", limits, "Give an object of numbers.")
    for name, most in _LIMITS.items():
        value = limits.get(name)
        if type(value) is not int or not 1 <= value <= most:
            raise _is(f"limits.{name}", value, f"Give a whole number from 1 to {most:,}.")


async def server_says_the_same(probe: Probe) -> None:
    hub = await probe.hub()
    server = await probe.read(probe.url + addresses.SERVER_METADATA)
    _same(server, "issuer", probe.url)
    for name in ("token_endpoint", "jwks_uri"):
        _same(server, name, hub.get(name))
    _has(server, "grant_types_supported", "client_credentials")
    _has(server, "token_endpoint_auth_methods_supported", "private_key_jwt")


async def resource_says_the_same(probe: Probe) -> None:
    endpoint = await probe.address("graphql_endpoint")
    path = endpoint.removeprefix(probe.url)
    resource = await probe.read(probe.url + addresses.RESOURCE_METADATA + path)
    _same(resource, "resource", endpoint)
    _same(resource, "authorization_servers", [probe.url])


async def client_says_the_same(probe: Probe) -> None:
    hub, client = await probe.hub(), await _client(probe)
    _same(client, "client_id", probe.url + addresses.CLIENT_METADATA)
    _same(client, "jwks_uri", hub.get("client_jwks_uri"))
    _same(client, "token_endpoint_auth_method", "private_key_jwt")
    _has(client, "grant_types", "client_credentials")


async def client_holds_no_secret(probe: Probe) -> None:
    client = await _client(probe)
    for name in ("client_secret", "jwks"):
        if name in client:
            raise Failed(f"{name} stands in it", "Leave it out: its keys are at jwks_uri.")


async def keys_are_public(probe: Probe) -> None:
    for name in ("jwks_uri", "client_jwks_uri"):
        keys = await probe.read(await probe.address(name), KEYS)
        try:
            app_keys.checked(keys)
        except Invalid as wrong:
            raise Failed(f"At {name}: {wrong.message}", "Publish such keys alone.") from None


async def rings_are_apart(probe: Probe) -> None:
    rings = [
        app_keys.thumbprints(await probe.read(await probe.address(name), KEYS))
        for name in ("jwks_uri", "client_jwks_uri")
    ]
    if not rings[0].isdisjoint(rings[1]):
        raise Failed(
            "the same key is in both",
            "Make two rings: who asks as the hub is not to vouch for its people.",
        )


CHECKS: Mapping[str, Check] = {
    "D-1": served,
    "D-2": objects,
    "D-3": names_itself,
    "D-4": is_at_its_origin,
    "D-5": bears_a_name,
    "D-6": runs_something,
    "D-7": is_of_this_version,
    "D-8": has_plain_addresses,
    "D-9": is_a_client_by_its_address,
    "D-10": says_its_limits,
    "D-11": server_says_the_same,
    "D-12": resource_says_the_same,
    "D-13": client_says_the_same,
    "D-14": client_holds_no_secret,
    "D-15": keys_are_public,
    "D-16": rings_are_apart,
}


async def _addresses(probe: Probe) -> Sequence[tuple[str, frozenset[str]]]:
    """Of all documents, as far as the first tells where they are."""
    found = [
        (probe.url + addresses.HUB, JSON),
        (probe.url + addresses.SERVER_METADATA, JSON),
        (probe.url + addresses.CLIENT_METADATA, JSON),
    ]
    try:
        hub = an_object(await probe.fetched(probe.url + addresses.HUB))
    except Failed:
        return found
    endpoint = hub.get("graphql_endpoint")
    if isinstance(endpoint, str) and endpoint.startswith(f"{probe.url}/"):
        path = endpoint.removeprefix(probe.url)
        found.append((probe.url + addresses.RESOURCE_METADATA + path, JSON))
    for name in ("jwks_uri", "client_jwks_uri"):
        value = hub.get(name)
        if isinstance(value, str) and value.startswith(f"{probe.url}/"):
            found.append((value, KEYS))
    return found


async def _client(probe: Probe) -> Object:
    return await probe.read(probe.url + addresses.CLIENT_METADATA)


def _same(document: Object, name: str, wanted: object) -> None:
    if document.get(name) != wanted:
        raise _is(name, document.get(name), f"Say {wanted}.")


def _has(document: Object, name: str, wanted: str) -> None:
    value = document.get(name)
    if not isinstance(value, list) or wanted not in value:
        raise _is(name, value, f"Have {wanted} in it.")


def _is(name: str, value: Any, do: str) -> Failed:
    return Failed(f"{name} is {repr(value)[:150]}", do)
