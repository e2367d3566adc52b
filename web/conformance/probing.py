"""What a check works with: the hub that is looked at, the way out to it, and what was read so far.

A check is a function of a `Probe`; it raises `Failed` where the hub does otherwise than the page
says, and `NotChecked` where that cannot be said. All requests go out by `federation/client.py`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from auth import addresses
from domain.outside import Chance, Clock
from federation.addresses import FetchProblem, FetchReason
from federation.client import Fetched, OutgoingClient
from web.conformance.musts import MOST_DOCUMENT_BYTES

if TYPE_CHECKING:
    from web.conformance.meeting import Meeting

MOST_ANSWER_BYTES = 8 * 1024 * 1024
LONGEST_WAIT_SECONDS = 60
JSON = frozenset({"application/json"})
KEYS = frozenset({"application/json", "application/jwk-set+json"})
GRAPHQL = frozenset({"application/json", "application/graphql-response+json"})
FORM = "application/x-www-form-urlencoded"

Object = dict[str, Any]


class Failed(Exception):  # noqa: N818 - what was found, not a fault of ours
    """`came` instead of what the page says, and the way out."""

    def __init__(self, came: str, do: str) -> None:
        super().__init__(came)
        self.came, self.do = came, do


class NotChecked(Exception):  # noqa: N818 - what was found, not a fault of ours
    """Why it cannot be said."""


@dataclass
class Probe:
    """`url` is the hub's origin. `pause` waits; `meeting` is how this stands with it as its peer."""

    url: str
    out: OutgoingClient
    clock: Clock
    chance: Chance
    pause: Callable[[float], Awaitable[None]]
    meeting: "Meeting | None" = None
    _documents: dict[str, Object | Failed] = field(default_factory=dict)
    kept: Object = field(default_factory=dict)  # what one check read, for another

    @property
    def authority(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def as_peer(self) -> "Meeting":
        if self.meeting is None:
            raise NotChecked("Only as a peer: --as-peer.")
        return self.meeting

    # ── documents ────────────────────────────────────────────────────────────────────────────────

    async def fetched(self, address: str, media_types: frozenset[str] = JSON) -> Fetched:
        """Raises `Failed`."""
        try:
            return await self.out.fetch(
                address,
                accept=", ".join(sorted(media_types)),
                max_bytes=MOST_DOCUMENT_BYTES,
                media_types=media_types,
            )
        except FetchProblem as problem:
            if problem.reason is FetchReason.RATE_LIMITED:
                raise
            raise Failed(
                f"{address}: {problem.message}", "Serve it there, to everybody, as the page says."
            ) from None

    async def read(self, address: str, media_types: frozenset[str] = JSON) -> Object:
        """The document, read once. Raises `NotChecked` where it cannot be: D-1 and D-2 say so."""
        if address not in self._documents:
            try:
                self._documents[address] = an_object(await self.fetched(address, media_types))
            except Failed as failed:
                self._documents[address] = failed
        found = self._documents[address]
        if isinstance(found, Failed):
            raise NotChecked(f"{address} cannot be read.") from None
        return found

    async def hub(self) -> Object:
        return await self.read(self.url + addresses.HUB)

    async def address(self, name: str) -> str:
        """An endpoint by its name in the hub's document, where that may be asked."""
        value = (await self.hub()).get(name)
        if not isinstance(value, str) or not value.startswith(f"{self.url}/"):
            raise NotChecked(f"The hub says no {name} that may be asked: see D-8.")
        return value

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    async def posted(
        self,
        address: str,
        body: bytes,
        content_type: str = "application/json",
        accept: str = "application/json",
        **headers: str,
    ) -> Fetched:
        """Whatever is answered. Of who asks to wait, it is asked again after that."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(3):
            try:
                return await self.out.post(
                    address,
                    body=body,
                    content_type=content_type,
                    accept=accept,
                    max_bytes=MOST_ANSWER_BYTES,
                    headers=sent,
                )
            except FetchProblem as problem:
                wait = problem.retry_after_seconds
                if wait is None or wait > LONGEST_WAIT_SECONDS:
                    raise
                await self.pause(wait)
        raise NotChecked(f"{address} asks to come back later, again and again.")

    async def graphql(
        self, document: str, variables: Mapping[str, Any] | None = None, **headers: str
    ) -> "Answer":
        body = json.dumps({"query": document, "variables": dict(variables or {})}).encode()
        accept = "application/graphql-response+json, application/json"
        endpoint = await self.address("graphql_endpoint")
        return Answer(await self.posted(endpoint, body, accept=accept, **headers))

    async def token(self, fields: Mapping[str, str]) -> Fetched:
        """What its token endpoint answers."""
        address = await self.address("token_endpoint")
        return await self.posted(address, urlencode(fields).encode(), FORM)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the endpoint answered."""

    fetched: Fetched

    @property
    def body(self) -> Object:
        return an_object(self.fetched)

    @property
    def code(self) -> str | None:
        """Of its first error."""
        errors = self.body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        extensions = first.get("extensions") if isinstance(first, dict) else None
        code = extensions.get("code") if isinstance(extensions, dict) else None
        return code if isinstance(code, str) else None

    def require_code(self, *codes: str) -> None:
        if self.code not in codes:
            raise Failed(
                f"{self.fetched.status}, {said(self.fetched.body)}",
                f"Refuse it with the code {' or '.join(codes)} in `extensions`.",
            )


def an_object(fetched: Fetched) -> Object:
    """Raises `Failed`."""
    try:
        read = json.loads(fetched.body.decode(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as wrong:
        raise Failed(
            f"{fetched.url} is no JSON: {str(wrong)[:100]}", "Answer a JSON object in UTF-8."
        ) from None
    if not isinstance(read, dict):
        raise Failed(f"{fetched.url} is JSON, but no object", "Answer a JSON object in UTF-8.")
    return read


def said(body: bytes) -> str:
    """A stranger's words, for a terminal: short, and without what steers it."""
    text = body[:400].decode(errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200] or "nothing"


def _each_once(pairs: list[tuple[str, Any]]) -> Object:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a name stands twice")
    return read


Check = Callable[[Probe], Awaitable[None]]
