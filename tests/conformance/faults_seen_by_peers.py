"""Faults that only a peer sees, each with the MUST that it breaks."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from auth import addresses
from tests.conformance.faults import Answer, Ask, Fault, Request, part_of, saying
from tests.conformance.faults_seen_by_anybody import token
from web.conformance.feed import PAGE

LONG = timedelta(minutes=20)  # until what was counted of failed tries is forgotten
MACHINE = "client_credentials"
Object = dict[str, Any]


def gives(is_wrong: Callable[[Request], bool]) -> Fault:
    """A token, where none is to be given."""

    async def fault(request: Request, ask: Ask) -> Answer:
        is_asked = request.path == addresses.TOKEN and bool(request.assertion)
        return token() if is_asked and is_wrong(request) else await ask(request)

    return fault


def answering_tokens(**said: Any) -> Fault:
    async def fault(request: Request, ask: Ask) -> Answer:
        answer = await ask(request)
        if request.path != addresses.TOKEN or answer.status != 200:
            return answer
        return answer.saying(answer.said | said)

    return fault


def using_again(path: str, instead: Answer) -> Fault:
    """An assertion that was used is good once more."""
    used: set[str] = set()

    async def fault(request: Request, ask: Ask) -> Answer:
        jti = str(request.claims.get("jti", ""))
        if request.path != path or not jti:
            return await ask(request)
        if jti in used:
            return instead
        used.add(jti)
        return await ask(request)

    return fault


def _has_expired() -> Callable[[Request], bool]:
    """By the latest that was heard."""
    latest = 0

    def is_old(request: Request) -> bool:
        nonlocal latest
        latest = max(latest, request.claims.get("iat", 0))
        return bool(request.claims.get("exp", 0) < latest)

    return is_old


async def believes_any_signature(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    is_known = request.path == addresses.TOKEN and "nobody" not in str(request.claims.get("iss"))
    return token() if is_known and b"not signed by a key" in answer.body else answer


async def gives_tokens_to_nobody(request: Request, ask: Ask) -> Answer:
    if request.path == addresses.TOKEN and request.form.get("grant_type") == MACHINE:
        return saying({"error": "invalid_client"}, 401)
    return await ask(request)


async def takes_tokens_of_others(request: Request, ask: Ask) -> Answer:
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    is_others = part_of(shown, 1).get("scope") == "events:read federation:sync"
    return await ask(request.without("authorization") if is_others else request)


# ── the feed ─────────────────────────────────────────────────────────────────────────────────────


def asking(change: Callable[[Request], Request]) -> Fault:
    """The feed, with something else than was asked for."""

    async def fault(request: Request, ask: Ask) -> Answer:
        is_peers = "query Feed" in request.document and "authorization" in request.headers
        return await ask(change(request) if is_peers else request)

    return fault


def telling(change: Callable[[Object, Request], Object]) -> Fault:
    """Something else than the page that was asked for, of the public channel."""

    async def fault(request: Request, ask: Ask) -> Answer:
        answer = await ask(request)
        is_page = "query Feed" in request.document and b'"edges"' in answer.body
        if not is_page or "authorization" not in request.headers:
            return answer
        page = answer.said["data"]["changes"]
        return answer.saying({"data": {"changes": change(page, request)}})

    return fault


def _is_first(request: Request) -> bool:
    return request.variables.get("first") == PAGE and request.variables.get("after") is None


def _things(**said: Any) -> Callable[[Object, Request], Object]:
    """The first of a page says that of itself."""

    def change(page: Object, request: Request) -> Object:
        if page["edges"] and _is_first(request):
            page["edges"][0]["node"]["entity"] |= said
        return page

    return change


def _without_end(page: Object, _request: Request) -> Object:
    if not page["edges"]:
        page["pageInfo"]["endCursor"] = None
    return page


def _twice(page: Object, request: Request) -> Object:
    if page["edges"] and _is_first(request):
        page["edges"][-1] = page["edges"][0]
    return page


def _by_turns() -> Callable[[Object, Request], Object]:
    turn = 0

    def change(page: Object, request: Request) -> Object:
        nonlocal turn
        if _is_first(request):
            turn += 1
            page["edges"] = page["edges"][:: 1 if turn % 2 else -1]
        return page

    return change


def _one_cursor(page: Object, _request: Request) -> Object:
    for edge in page["edges"]:
        edge["cursor"] = page["pageInfo"]["endCursor"]
    return page


def _without_an_end() -> Callable[[Object, Request], Object]:
    """Behind the last thing comes the last thing."""
    last: list[Object] = []

    def change(page: Object, request: Request) -> Object:
        is_behind = request.variables.get("after") is not None
        if is_behind and last and not page["edges"]:
            page["edges"] = last[-1:]
        elif not is_behind and page["edges"]:
            last[:] = page["edges"]
        return page

    return change


def _one_more(request: Request) -> Request:
    first = request.variables["first"]
    return request.with_variables(first=first + 1) if 0 < first < 5 else request


def _clamped(request: Request) -> Request:
    return request.with_variables(first=max(0, min(request.variables["first"], 1_000)))


async def sees_no_news(request: Request, ask: Ask) -> Answer:
    """Where nothing is asked for, it says that there is nothing."""
    answer = await ask(request)
    if request.variables.get("first") == 0 or "channel0" in request.variables:
        return answer.saying(answer.body.replace(b'"hasNextPage":true', b'"hasNextPage":false'))
    return answer


def _forgiving(request: Request) -> Request:
    after = request.variables.get("after")
    return request.with_variables(after=None) if after == "nonsense" else request


async def tells_channels_apart(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    if str(request.variables.get("channel")).startswith("aln_"):
        return saying({"errors": [{"message": "None.", "extensions": {"code": "NOT_FOUND"}}]})
    return answer


def _is_own(request: Request) -> bool:
    is_hub = str(request.variables.get("channel")).startswith("hub_")
    return is_hub and request.headers["host"] not in str(request.variables.get("channel"))


async def closes_the_peers_own(request: Request, ask: Ask) -> Answer:
    if _is_own(request) and request.variables.get("after") is None:
        return saying({"errors": [{"message": "No.", "extensions": {"code": "CHANNEL_CLOSED"}}]})
    return await ask(request)


def _any_channels_cursor(request: Request) -> Request:
    return request.with_variables(after=None) if _is_own(request) else request


async def closes_the_public(request: Request, ask: Ask) -> Answer:
    if request.variables.get("channel") == "public" and "authorization" in request.headers:
        return saying({"errors": [{"message": "No.", "extensions": {"code": "CHANNEL_CLOSED"}}]})
    return await ask(request)


async def is_not_believed(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    if "query Mirror" not in request.document or b'"edges"' not in answer.body:
        return answer
    told = answer.said
    for edge in told["data"]["changes"]["edges"]:
        edge["node"]["entity"]["slug"] = "../admin"
    return answer.saying(told)


async def does_not_wait(request: Request, ask: Ask) -> Answer:
    return await ask(request.without("prefer"))


# ── pokes, and changes ───────────────────────────────────────────────────────────────────────────


async def hears_no_poke(request: Request, ask: Ask) -> Answer:
    return saying({}, 401) if request.path == addresses.POKE else await ask(request)


async def hears_what_is_for_others(request: Request, ask: Ask) -> Answer:
    is_others = request.path == addresses.POKE and "nobody" in str(request.claims.get("aud"))
    return saying({}, 202) if is_others else await ask(request)


async def does_not_look(request: Request, ask: Ask) -> Answer:
    is_good = request.path == addresses.POKE and request.claims.get("aud")
    if is_good and "nobody" not in str(request.claims["aud"]):
        return HEARD(request)
    return await ask(request)


class _Heard:
    """Each assertion once."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def __call__(self, request: Request) -> Answer:
        jti = str(request.claims.get("jti"))
        status = 401 if jti in self._used else 202
        self._used.add(jti)
        return saying({}, status)


HEARD = _Heard()


async def lets_machines_change(request: Request, ask: Ask) -> Answer:
    if request.document.startswith("mutation") and "authorization" in request.headers:
        return saying({"data": {"leaveGroup": {"userErrors": []}}})
    return await ask(request)


FAULTS: Mapping[str, Fault] = {
    "T-1": answering_tokens(expires_in=86_400),
    "T-2": answering_tokens(refresh_token="for-ever"),
    "T-4": gives(lambda asked: isinstance(asked.claims.get("aud"), list)),
    "T-5": gives(_has_expired()),
    "T-6": gives(lambda asked: asked.claims["exp"] - asked.claims["iat"] > 300),
    "T-7": using_again(addresses.TOKEN, token()),
    "T-8": gives(lambda asked: asked.claims["iss"] != asked.claims["sub"]),
    "T-9": believes_any_signature,
    "T-10": gives(lambda asked: "jwk" in asked.header),
    "T-11": gives(lambda asked: "events:write" in asked.form.get("scope", "")),
    "T-12": gives(lambda asked: "nobody" in asked.form.get("resource", "")),
    "E-7": takes_tokens_of_others,
    "F-2": closes_the_public,
    "F-3": telling(_without_end),
    "F-4": asking(_one_more),
    "F-5": asking(_clamped),
    "F-6": telling(_twice),
    "F-7": telling(_by_turns()),
    "F-8": telling(_one_cursor),
    "F-9": telling(_without_an_end()),
    "F-10": asking(_forgiving),
    "F-11": tells_channels_apart,
    "F-12": telling(_things(id="org_01JD8X5V0M7Q2K3B4N6P8R9S1T@other.example")),
    "F-13": telling(_things(visibility="PRIVATE")),
    "F-14": telling(_things(version=0)),
    "F-15": closes_the_peers_own,
    "F-16": asking(_any_channels_cursor),
    "F-17": is_not_believed,
    "F-18": does_not_wait,
    "F-22": sees_no_news,
    "K-2": hears_no_poke,
    "K-3": using_again(addresses.POKE, saying({}, 202)),
    "K-4": hears_what_is_for_others,
    "K-5": does_not_look,
    "W-2": gives(lambda asked: "jwt-bearer" in asked.form.get("grant_type", "")),
    "W-3": lets_machines_change,
}
