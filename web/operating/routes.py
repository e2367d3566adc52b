"""The addresses for whoever runs the hub: is it alive, is it ready, what does it do.

None is for other sites' pages, and nothing of it is kept by caches.
"""

import hmac
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.operating.metrics import CONTENT_TYPE, Metrics
from web.operating.readiness import Readiness
from web.setting_kinds import is_this_machine

HEALTHZ, READYZ, METRICS = "/healthz", "/readyz", "/metrics"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# What a proxy adds: who asks through one is somebody else, wherever the proxy is.
_PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def routes(readiness: Readiness, metrics: Metrics, token: str | None) -> Sequence[Route]:
    """`token` lets anybody read the metrics who shows it; without one, this machine alone does."""

    async def ready(request: Request) -> Response:
        reasons = await readiness.reasons()
        if not reasons:
            return _told({"status": "ready"})
        told = [{"check": each.check, "says": each.says} for each in reasons]
        return _told({"status": "not ready", "reasons": told}, 503)

    async def told_of(request: Request) -> Response:
        if not _may_read(request, token):
            return Response("Not Found", 404, _HEADERS, media_type="text/plain")
        return Response(await metrics.told(), 200, _HEADERS, media_type=CONTENT_TYPE)

    return (Route(HEALTHZ, _alive), Route(READYZ, ready), Route(METRICS, told_of))


async def _alive(request: Request) -> Response:
    """That the loop comes round to it is all it says."""
    return _told({"status": "ok"})


def _told(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, _HEADERS, media_type="application/json")


def _may_read(request: Request, token: str | None) -> bool:
    if token is not None:
        shown = request.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    # A page of another site may make a browser here ask, by a name that leads here (DNS rebinding):
    # it then says that name.
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    is_passed_on = any(name in request.headers for name in _PROXIED)
    return not is_passed_on and is_this_machine(host) and _is_loopback(request)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
