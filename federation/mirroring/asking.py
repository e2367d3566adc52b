"""Asking a peer for a page of its feed: within limits, under this hub's own token there."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Protocol

from domain.errors import Problem
from federation.addresses import FetchProblem, FetchReason
from federation.client import OutgoingClient
from federation.mirroring.document import CHANGES
from federation.mirroring.reading import AskedInVain, BadPage, read_page_by_turns
from storage.mirrors import Place
from storage.mirrors_told import ToldPage
from storage.peers import Peer

MOST_BYTES = 8 * 1024 * 1024
SCOPES = frozenset(
    {"federation:sync", "organizations:read", "groups:read", "events:read", "alliances:read"}
)
_JSON = frozenset({"application/json", "application/graphql-response+json"})
_ACCEPT = "application/graphql-response+json, application/json"
# With these it answered, and is only busy, or about to be well again.
_LATER = frozenset({"OVERLOADED", "RATE_LIMITED", "INTERNAL", "UNAVAILABLE"})
_TOO_MUCH = frozenset({"TOO_LARGE", "COST_LIMIT", "TIMEOUT"})


class Tokens(Protocol):
    """This hub's at its peers (`federation.hub_tokens`)."""

    async def token(self, peer: Peer, scopes: Iterable[str]) -> str: ...

    def forget(self, peer: Peer) -> None: ...


class Unreachable(Problem):
    """It did not answer, or not yet, or did not know us: it is asked again, later and later."""

    code: ClassVar[str] = "PEER_UNREACHABLE"

    def __init__(self, message: str, wait_seconds: int = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds  # it asked for so much, at the least


class TooMuch(Exception):  # noqa: N818 - fewer are asked for
    """So many changes do not fit into an answer, for the reason that it says."""


async def ask(
    outgoing: Callable[[], OutgoingClient], tokens: Tokens, peer: Peer, place: Place, first: int
) -> ToldPage:
    """The page behind that place. Raises `Unreachable`, `TooMuch`, `BadPage`, or `AskedInVain` with
    what the peer refuses."""
    variables = {"channel": place.channel, "after": place.cursor, "first": first}
    try:
        body = await posted(outgoing(), tokens, peer, CHANGES, variables)
    except FetchProblem as problem:
        if problem.reason is FetchReason.TOO_LARGE:
            raise TooMuch(problem.message) from None
        raise Unreachable(problem.message, problem.retry_after_seconds or 0) from problem
    try:
        return await read_page_by_turns(body, peer.authority, place.cursor, first)
    except AskedInVain as refused:
        if refused.code in _LATER:
            raise Unreachable(str(refused)) from None
        if refused.code in _TOO_MUCH:
            raise TooMuch(str(refused)) from None
        if refused.code == "UNAUTHENTICATED":
            tokens.forget(peer)
            raise Unreachable(str(refused)) from None
        raise


async def posted(
    client: OutgoingClient, tokens: Tokens, peer: Peer, document: str, variables: Mapping[str, Any]
) -> bytes:
    """What the peer answers, whatever it says. Raises `FetchProblem`, `Unreachable`, or `BadPage`
    where it is no answer to a question in GraphQL."""
    try:
        token = await tokens.token(peer, SCOPES)
    except FetchProblem as problem:  # also one too large: fewer changes make no token smaller
        raise Unreachable(problem.message, problem.retry_after_seconds or 0) from problem
    except Problem as problem:
        raise Unreachable(problem.message) from problem
    answer = await client.post(
        peer.graphql_url,
        body=json.dumps({"query": document, "variables": variables}).encode(),
        content_type="application/json",
        accept=_ACCEPT,
        max_bytes=MOST_BYTES,
        headers={"authorization": f"Bearer {token}"},
    )
    if answer.status >= 500:
        raise Unreachable(f"{peer.authority} answered {answer.status}.")
    if answer.media_type not in _JSON:
        raise BadPage(f"an answer of the type {answer.media_type[:60]!r}")
    return answer.body
