"""Whether any of a peer's channels has news: asked of several at once, before any of them is read.

Most turns find nothing, and a coalition's hub reads some twenty channels of each of its peers. With
`first: 0` a page holds no change, and says whether there is one. A peer that answers in another way
than this has told nothing: its channels are then read one by one, and what is wrong with its answers is
found there.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import orjson

from federation.addresses import FetchProblem
from federation.client import OutgoingClient
from federation.mirroring.asking import Tokens, Unreachable, posted
from federation.mirroring.reading import MOST_CURSOR, BadPage
from storage.mirrors import Place
from storage.peers import Peer

AT_ONCE = 10  # channels; a hub may refuse a question with more than twenty fields


async def glance(
    outgoing: Callable[[], OutgoingClient], tokens: Tokens, peer: Peer, places: Sequence[Place]
) -> dict[str, str]:
    """By channel the cursor that the place moves to, of those without news. Raises `Unreachable`."""
    quiet: dict[str, str] = {}
    for at in range(0, len(places), AT_ONCE):
        some = places[at : at + AT_ONCE]
        variables = {f"channel{index}": each.channel for index, each in enumerate(some)}
        variables |= {f"after{index}": each.cursor or "" for index, each in enumerate(some)}
        try:
            body = await posted(outgoing(), tokens, peer, document(len(some)), variables)
        except FetchProblem as problem:
            raise Unreachable(problem.message, problem.retry_after_seconds or 0) from problem
        except BadPage:
            continue
        quiet |= _without_news(body, some)
    return quiet


@cache
def document(channels: int) -> str:
    """`AT_ONCE` of them at the most, so that a peer keeps what it made of each."""
    indices = range(channels)
    declared = ", ".join(f"$channel{index}: ID, $after{index}: String" for index in indices)
    fields = "".join(
        f"  of{index}: changes(channel: $channel{index}, after: $after{index}, first: 0) {{\n"
        "    pageInfo { hasNextPage endCursor }\n  }\n"
        for index in indices
    )
    return f"query Glance({declared}) {{\n{fields}}}"


def _without_news(body: bytes, places: Sequence[Place]) -> dict[str, str]:
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    data = told.get("data") if isinstance(told, dict) and "errors" not in told else None
    if not isinstance(data, dict):
        return {}
    quiet: dict[str, str] = {}
    for index, place in enumerate(places):
        match data.get(f"of{index}"):
            case {"pageInfo": {"hasNextPage": False, "endCursor": str(cursor)}} if (
                0 < len(cursor) <= MOST_CURSOR
            ):
                quiet[place.channel] = cursor
    return quiet
