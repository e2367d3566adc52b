"""Each request as it ends: measured, and a line in the log where that is of JSON.

What was asked is never told: the address is the pattern of its route, a document is named by its
id where the operator trusts it, and whoever asked not at all.
"""

import logging
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from prometheus_client import Histogram
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.operating.metrics import SECONDS, Metrics
from web.operating.sampling import Sampling

OTHER = "other"
DOCUMENT, REFUSAL = "document", "refusal"  # in the request's state, where the endpoint leaves them
DIGITS = 12  # of a document's id: enough to find it
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Whoever left before there was an answer. nginx's number for it.
_LEFT = 499

access = logging.getLogger("convoke.access")


class Observed:
    """An ASGI application in front of all others. `patterns` is the address of what answers where
    it is not found by a router; `routes` are the addresses that are."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        sampling: Sampling,
        routes: Iterable[BaseRoute],
        patterns: Mapping[str, str],
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.sampling = sampling
        self._patterns = patterns
        self.routes = tuple(each for each in routes if isinstance(each, Route))
        self._by_endpoint = {id(route.endpoint): route.path for route in self.routes}
        self._requests: dict[tuple[str, str, int], _Tally] = {}
        self._documents: dict[str, _Tally] = {}
        self._at_work = 0
        sampling.also(self._hand_over)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = _LEFT

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.monotonic()  # uvloop's own clock counts in milliseconds
        self._at_work += 1
        try:
            await self.app(scope, receive, sending)
        finally:
            self._at_work -= 1
            self._note(scope, status, time.monotonic() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = self._route(scope)
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        self._of_request(method, route, status).observe(seconds)
        state = scope.get("state", {})
        document = state.get(DOCUMENT)
        if document is not None:
            self._of_document(document).observe(seconds)
        refusal = state.get(REFUSAL)
        if refusal is not None:
            self.metrics.refusals.labels(refusal).inc()
        if access.isEnabledFor(logging.INFO):
            told = {
                "request": state.get("request_id"),
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            told |= {"document": document} if document else {}
            told |= {"refusal": refusal} if refusal else {}
            access.info("%s %s %d", method, route, status, extra={"told": told})

    def _route(self, scope: Scope) -> str:
        known = self._patterns.get(scope["path"])
        return known or self._by_endpoint.get(id(scope.get("endpoint")), OTHER)

    def _of_request(self, method: str, route: str, status: int) -> "_Tally":
        key = (method, route, status)
        kept = self._requests.get(key)
        if kept is None:
            histogram = self.metrics.requests.labels(method, route, str(status))
            kept = self._requests[key] = _Tally(histogram)
        return kept

    def _of_document(self, document: str) -> "_Tally":
        kept = self._documents.get(document)
        if kept is None:
            kept = self._documents[document] = _Tally(self.metrics.operations.labels(document))
        return kept

    def _hand_over(self) -> None:
        self.metrics.in_progress.set(self._at_work)
        for tally in (*self._requests.values(), *self._documents.values()):
            tally.hand_over()


class _Tally:
    """What was measured since it was handed over last. A histogram of prometheus-client takes locks
    for each value, and with several processes writes it into a file: as much as all else that is
    done here for a request, many times over."""

    __slots__ = ("_counts", "_histogram", "_sum")

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._counts = [0] * (len(SECONDS) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(SECONDS, seconds)] += 1
        self._sum += seconds

    def hand_over(self) -> None:
        """It has no way to take several values at once but its own parts."""
        if not any(self._counts):
            return
        for bucket, count in zip(self._histogram._buckets, self._counts, strict=True):
            if count:
                bucket.inc(count)
        self._histogram._sum.inc(self._sum)
        self._counts = [0] * (len(SECONDS) + 1)
        self._sum = 0.0
