"""What peers poke us for: POST /federation/poke, a hint that something moved there, and nothing else.

It is answered with nothing, and believed as far as to look sooner: the worker of `web/mirroring.py`
does, by the row that is changed here, whichever process that is.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import addresses, client_assertions, throttle
from auth.adapter import NotRecognizedError
from auth.throttle import Limit, TooManyTries
from storage import deliveries, mirrors, peers
from web.service import Service

# Whoever can sign for no peer costs us a look at a key, and no more than so many.
POKES = Limit("pokes by address", burst=60, seconds=1.0)


def routes(service: Service) -> list[Route]:
    async def poke(request: Request) -> Response:
        """Something moved there, a peer says. Answered with nothing, whatever we make of it."""
        scheme, _, assertion = request.headers.get("authorization", "").partition(" ")
        try:
            await throttle.count(service.desk(request), POKES, service.desk(request).address)
            if scheme.lower() != "bearer" or not await _heard(service, assertion.strip()):
                return _unknown(
                    "Show who you are: a client assertion, as the bearer of which you ask."
                )
        except TooManyTries as problem:
            headers = {"Retry-After": str(problem.wait_seconds)}
            return JSONResponse({"error": problem.code}, 429, headers=headers)
        except NotRecognizedError as error:
            return _unknown(str(error.description))
        return Response(status_code=202)

    return [Route(addresses.POKE, poke, methods=["POST"])]


async def _heard(service: Service, assertion: str) -> bool:
    """Whether it came from a peer. The worker looks at once (`mirrors.hasten`)."""
    fields = {"client_assertion_type": client_assertions.TYPE, "client_assertion": assertion}
    proven = await service.tokens.assertions.proven(fields)
    if proven is None:
        return False
    async with service.database.writing() as db:
        if not await db.run_sync(proven.is_first_use):
            return False
        peer = await db.run_sync(
            lambda connection: peers.by_client_id(connection, proven.client_id)
        )
        if peer is None or not peer.is_active:
            return False
        await mirrors.hasten(db, peer.hub_id)
        await deliveries.hasten(db, peer.hub_id, service.clock.now())  # it is there again
    return True


def _unknown(why: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
    return JSONResponse({"error": "invalid_client", "error_description": why}, 401, headers=headers)
