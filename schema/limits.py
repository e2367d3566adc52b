"""How much one request may ask of a hub: every bound of the endpoint, with its unit and default.

`web/settings.py` reads an override of each from CONVOKE_LIMIT_<NAME>. The connection's bounds are
kept in `web/protocol.py`, the body's in `web/body.py`, the document's in `schema/guard.py`, and
those of a run in `schema/run.py`. The figures were measured against hostile requests: a hub that
keeps them answers or refuses each one within a bounded time.
"""

from dataclasses import Field, dataclass, field, fields, replace
from typing import Any


def _limit(default: Any, unit: str, says: str, *, least: float = 1) -> Any:
    """A bound: its default, its unit, what it is for, and the least it may be set to."""
    return field(default=default, metadata={"unit": unit, "says": says, "least": least})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every bound. `documented()` lists them with their words, for settings and docs."""

    # The connection: uvicorn alone waits for ever for a request, and takes any number of headers.
    header_seconds: float = _limit(
        10.0, "seconds", "Until a request's headers must have arrived.", least=0.05
    )
    body_seconds: float = _limit(
        20.0, "seconds", "Until a request's body must have arrived.", least=0.05
    )
    keep_alive_seconds: float = _limit(
        15.0, "seconds", "How long an idle connection is kept for its next request.", least=0.05
    )
    stalled_seconds: float = _limit(
        30.0,
        "seconds",
        "How long a client may take nothing of an answer waiting for it.",
        least=0.05,
    )
    header_bytes: int = _limit(65_536, "bytes", "Request line and headers together.", least=1_024)
    header_count: int = _limit(64, "headers", "Headers of one request.", least=8)
    connections_per_address: int = _limit(
        100, "connections", "Open at a time from one address (an IPv6 /64 counts as one)."
    )

    # The body.
    body_bytes: int = _limit(131_072, "bytes", "Body of a GraphQL request.", least=1_024)
    variables_depth: int = _limit(24, "levels", "Lists and objects within one another.", least=2)
    variables_list: int = _limit(1_000, "items", "Longest list or object among the variables.")
    variables_string: int = _limit(20_000, "characters", "Longest text among the variables.")

    # The document.
    source_characters: int = _limit(16_384, "characters", "Text of a GraphQL document.", least=256)
    tokens: int = _limit(1_200, "tokens", "Words and signs of a document.", least=64)
    comments: int = _limit(50, "comments", "Comments of a document.", least=0)
    depth: int = _limit(12, "levels", "Fields within one another.", least=3)
    aliases: int = _limit(20, "aliases", "Aliases written in a document.")
    root_fields: int = _limit(20, "fields", "Fields at the top of an operation.")
    selections: int = _limit(400, "selections", "Fields and fragments written in a document.")
    same_key: int = _limit(50, "fields", "Fields answering under one name at one place.")
    directives: int = _limit(20, "directives", "Directives written in a document.")
    arguments: int = _limit(20, "arguments", "Arguments of one field or directive.")
    variable_definitions: int = _limit(40, "variables", "Variables that an operation declares.")
    operations: int = _limit(5, "operations", "Operations of a document.")
    fragments: int = _limit(40, "fragments", "Named fragments of a document.")
    name_characters: int = _limit(80, "characters", "Longest name in a document.", least=16)
    page_size: int = _limit(100, "items", "Most that `first`, or a list of ids, may ask for.")
    assumed_list: int = _limit(10, "items", "What a list without `first` is counted as.")
    cost: int = _limit(
        5_000,
        "nodes",
        "Values an operation may come to, lists counted at their full page.",
        least=50,
    )
    validation_errors: int = _limit(4, "errors", "Mistakes told of an invalid document.")
    comparisons: int = _limit(
        20_000,
        "comparisons",
        "Work spent on finding fields that contradict one another.",
        least=100,
    )

    # The run.
    run_seconds: float = _limit(
        5.0, "seconds", "Until an operation is stopped and answered with TIMEOUT.", least=0.05
    )
    answer_bytes: int = _limit(1_000_000, "bytes", "Largest answer.", least=1_024)
    errors: int = _limit(10, "errors", "Errors told in one answer.")
    error_characters: int = _limit(200, "characters", "Longest error message.", least=40)
    cached_document_characters: int = _limit(
        262_144,
        "characters",
        "Text of all documents kept parsed and checked; of trusted ones, the same again.",
        least=0,
    )
    running_per_processor: int = _limit(8, "operations", "Run at a time, for each processor.")
    running_per_address: int = _limit(
        3, "operations", "Run at a time for one address; its others wait, and nobody else."
    )
    waiting_per_processor: int = _limit(
        64, "operations", "Wait their turn, for each processor; more are answered 503.", least=0
    )
    waiting_seconds: float = _limit(
        5.0,
        "seconds",
        "How long an operation waits its turn before it is answered 503.",
        least=0.05,
    )

    # Following: WebSockets and event streams.
    streams: int = _limit(
        1_000, "connections", "WebSockets and event streams at a time, for each process."
    )
    stream_seconds: float = _limit(
        3_600.0,
        "seconds",
        "How long a WebSocket or an event stream lasts; its client then comes again.",
        least=0.05,
    )
    stream_ping_seconds: float = _limit(
        20.0,
        "seconds",
        "Between two signs of life; a WebSocket that answers none for as long is closed.",
        least=0.05,
    )
    socket_init_seconds: float = _limit(
        5.0, "seconds", "Until a WebSocket's client must have sent connection_init.", least=0.05
    )
    socket_message_bytes: int = _limit(
        65_536, "bytes", "Largest message that a WebSocket's client may send.", least=1_024
    )
    socket_messages: int = _limit(
        120, "messages", "What a WebSocket's client may send in a minute, pings included.", least=10
    )
    subscriptions: int = _limit(10, "subscriptions", "Of one WebSocket, at a time.")
    told_bytes: int = _limit(
        262_144, "bytes", "Largest answer to a subscription, each time it is told.", least=1_024
    )


def for_hubs(limits: Limits) -> Limits:
    """Those of a peer hub, which somebody here has agreed to: it takes whole things, a thousand at a
    time. What it names is at the most what a thing may hold, and seldom is; so it is not the price
    that bounds a page, but its time, its bytes, and one at a time."""
    return replace(
        limits,
        page_size=max(limits.page_size, 1_000),
        cost=max(limits.cost, 10**13),
        answer_bytes=max(limits.answer_bytes, 8 * 1024 * 1024),  # what peers take at most
    )


def documented() -> tuple["Field[Any]", ...]:
    """Each limit's field: `name`, `type`, `default`, and `metadata` with unit, says and least."""
    return fields(Limits)
