"""Which addresses this server may connect to when a stranger gives it a URL.

Only what is on the public internet. The lists are spelled out, because what Python's `is_global`
says has changed between patch releases: IANA's special-purpose registries (RFC 6890), multicast,
and every IPv6 form that carries an IPv4 address within it.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import ClassVar

from domain.errors import Problem
from domain.words import say

# A name and a port to addresses, as text.
Resolver = Callable[[str, int], Awaitable[list[str]]]

_IPV4_NOT_PUBLIC = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # behind a carrier's NAT (RFC 6598); some clouds' metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a public number that is the host's own agent within Azure
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
# Global unicast is 2000::/3. Outside it are ::, ::1, IPv4-mapped ::ffff:0:0/96, NAT64 64:ff9b::/96
# and 64:ff9b:1::/48, unique local fc00::/7, link-local fe80::/10, multicast ff00::/8.
_IPV6_PUBLIC = IPv6Network("2000::/3")
_IPV6_NOT_PUBLIC = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, with Teredo 2001::/32 and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]


class FetchReason(StrEnum):
    """Why something could not be fetched: stable words, also kept as an import's last status."""

    SSRF_BLOCKED = "SSRF_BLOCKED"
    DNS_ERROR = "DNS_ERROR"
    TIMEOUT = "TIMEOUT"
    TOO_LARGE = "TOO_LARGE"
    RATE_LIMITED = "RATE_LIMITED"
    FETCH_ERROR = "FETCH_ERROR"


class FetchProblem(Problem):
    """Another server could not be asked, or did not answer as it should."""

    code: ClassVar[str] = "FETCH_FAILED"

    def __init__(
        self,
        reason: FetchReason,
        message: str,
        status: int | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message, ("url",))
        self.reason = reason
        self.status = status
        self.retry_after_seconds = retry_after_seconds


def is_public(address: str) -> bool:
    """Whether it is an address on the public internet. Anything that is no address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _IPV4_NOT_PUBLIC)
    if parsed.scope_id is not None or parsed not in _IPV6_PUBLIC:
        return False
    return not any(parsed in network for network in _IPV6_NOT_PUBLIC)


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def names_loopback(host: str) -> bool:
    """RFC 6761 s6.3: localhost and what is under it; and the addresses themselves."""
    name = host.casefold().rstrip(".")
    return name == "localhost" or name.endswith(".localhost") or is_loopback(host)


def check_addresses(host: str, addresses: list[str], allow_loopback: bool) -> None:
    """Every address of a name must be public: an attacker's name has one good and one bad. Where
    loopback is allowed, for development, they may instead all be loopback."""
    if addresses and allow_loopback and all(is_loopback(address) for address in addresses):
        return
    if addresses and not names_loopback(host) and all(is_public(one) for one in addresses):
        return
    # Which address it was is not said: it would be a map of our network.
    raise FetchProblem(
        FetchReason.SSRF_BLOCKED,
        say(
            "%(host)s is not a server on the public internet, so it is not asked.", host=host[:253]
        ),
    )


async def system_resolver(host: str, port: int) -> list[str]:
    """The operating system's answer; numbers in odd forms, like 0x7f.1, come out as addresses."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
