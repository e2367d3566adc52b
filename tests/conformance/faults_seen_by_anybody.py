"""Faults that anybody sees, each with the MUST that it breaks."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from auth import addresses
from tests.conformance.faults import Answer, Ask, Fault, Request, part_of, saying

RESOURCE = addresses.RESOURCE_METADATA + addresses.RESOURCE
ULID = "01JD8X5V0M7Q2K3B4N6P8R9S1T"
GROUP_OF_NOBODY = "grp_00000000000000000000000000"


def document(path: str, change: Callable[[dict[str, Any]], Any]) -> Fault:
    async def fault(request: Request, ask: Ask) -> Answer:
        answer = await ask(request)
        return answer.saying(change(answer.said)) if request.path == path else answer

    return fault


def saying_of_itself(**said: Any) -> Fault:
    return document(addresses.HUB, lambda told: told | said)


async def a_page_of_html(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    if request.path == addresses.HUB:
        return replace(answer, headers={**answer.headers, "content-type": "text/html"})
    return answer


def _twice(told: dict[str, Any]) -> bytes:
    text = json.dumps(told)
    return f'{{"client_name": "Somebody else", {text[1:]}'.encode()


async def one_ring(request: Request, ask: Ask) -> Answer:
    if request.path != addresses.CLIENT_KEYS:
        return await ask(request)
    return saying((await ask(replace(request, path=addresses.JWKS))).said)


def a_private_key(told: dict[str, Any]) -> dict[str, Any]:
    first, *others = told["keys"]
    return {"keys": [{**first, "d": "c2VjcmV0"}, *others]}


async def takes_proposals_with_200(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    taken = request.path == addresses.PROPOSALS and answer.status == 202
    return replace(answer, status=200) if taken else answer


async def tells_proposals_apart(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    asked = request.asked
    is_own = isinstance(asked, dict) and request.headers["host"] in str(asked.get("url"))
    return saying({}, 409) if request.path == addresses.PROPOSALS and is_own else answer


async def takes_any_proposal(request: Request, ask: Ask) -> Answer:
    if request.path == addresses.PROPOSALS and request.asked == {}:
        return saying({}, 202)
    return await ask(request)


def token() -> Answer:
    told = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 300}
    return saying(told)


async def gives_strangers_tokens(request: Request, ask: Ask) -> Answer:
    is_stranger = request.path == addresses.TOKEN and "nobody.invalid" in str(
        request.claims.get("sub")
    )
    return token() if is_stranger else await ask(request)


async def gives_strangers_persons(request: Request, ask: Ask) -> Answer:
    is_stranger = request.path == addresses.TOKEN and not request.assertion
    return token() if is_stranger else await ask(request)


async def answers_one_type(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    if request.headers.get("accept") == "application/graphql-response+json":
        return replace(answer, headers={**answer.headers, "content-type": "application/json"})
    return answer


async def takes_text(request: Request, ask: Ask) -> Answer:
    return await ask(
        replace(request, headers={**request.headers, "content-type": "application/json"})
        if request.headers.get("content-type") == "text/plain"
        else request
    )


async def takes_lists(request: Request, ask: Ask) -> Answer:
    if request.path == "/graphql" and isinstance(request.asked, list):
        return saying([{"data": {}} for _ in request.asked])
    return await ask(request)


async def takes_everything(request: Request, ask: Ask) -> Answer:
    return saying({"data": {}}) if len(request.body) > 1_000_000 else await ask(request)


def _of_validation(answer: Answer) -> bool:
    return b"GRAPHQL_VALIDATION_FAILED" in answer.body


async def errs_without_codes(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    return answer.saying({"errors": [{"message": "No."}]}) if _of_validation(answer) else answer


async def errs_with_another_code(request: Request, ask: Ask) -> Answer:
    answer = await ask(request)
    if not _of_validation(answer):
        return answer
    return answer.saying({"errors": [{"message": "No.", "extensions": {"code": "NO"}}]})


async def takes_bad_tokens_for_none(request: Request, ask: Ask) -> Answer:
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    is_bad = request.path == "/graphql" and part_of(shown, 0).get("alg") == "none"
    return await ask(request.without("authorization") if is_bad else request)


def empty_page(end: str | None = "place") -> Answer:
    place = {"hasNextPage": False, "endCursor": end}
    return saying({"data": {"changes": {"edges": [], "pageInfo": place}}})


async def tells_everybody(request: Request, ask: Ask) -> Answer:
    is_nobody = "changes(" in request.document and "authorization" not in request.headers
    return empty_page() if is_nobody else await ask(request)


async def hears_every_poke(request: Request, ask: Ask) -> Answer:
    if request.path == addresses.POKE and "authorization" not in request.headers:
        return saying({}, 202)
    return await ask(request)


async def keeps_keys_of_nobody(request: Request, ask: Ask) -> Answer:
    return await ask(
        request.without("idempotency-key").asking({"query": "{ __typename }"})
        if GROUP_OF_NOBODY in str(request.variables.get("group"))
        else request
    )


async def knows_all_members(request: Request, ask: Ask) -> Answer:
    if request.path == "/graphql" and isinstance(request.asked, dict):
        beyond = request.asked.keys() - {"query", "variables"}
        if beyond:
            return saying({"errors": [{"message": f"{beyond} is not known"}]}, 400)
    return await ask(request)


FAULTS: Mapping[str, Fault] = {
    "D-1": a_page_of_html,
    "D-2": document(addresses.CLIENT_METADATA, _twice),
    "D-3": saying_of_itself(hub=f"hub_{ULID}@other.example"),
    "D-4": saying_of_itself(issuer="https://other.example"),
    "D-5": saying_of_itself(name="Two\nlines"),
    "D-6": saying_of_itself(software="<b>"),
    "D-7": saying_of_itself(schema_version="2"),
    "D-8": saying_of_itself(poke_endpoint="https://other.example/poke"),
    "D-9": saying_of_itself(client_metadata_url="https://other.example/client"),
    "D-10": saying_of_itself(limits={"page": 0, "poll_seconds": 30, "retention_days": 90}),
    "D-11": document(addresses.SERVER_METADATA, lambda told: told | {"issuer": "https://b.test"}),
    "D-12": document(RESOURCE, lambda told: told | {"authorization_servers": ["https://b.test"]}),
    "D-13": document(
        addresses.CLIENT_METADATA, lambda told: told | {"token_endpoint_auth_method": "none"}
    ),
    "D-14": document(addresses.CLIENT_METADATA, lambda told: told | {"client_secret": "s"}),
    "D-15": document(addresses.JWKS, a_private_key),
    "D-16": one_ring,
    "P-1": takes_proposals_with_200,
    "P-2": tells_proposals_apart,
    "P-3": takes_any_proposal,
    "T-3": gives_strangers_tokens,
    "E-1": answers_one_type,
    "E-2": takes_text,
    "E-3": takes_lists,
    "E-4": takes_everything,
    "E-5": errs_without_codes,
    "E-6": takes_bad_tokens_for_none,
    "E-8": errs_with_another_code,
    "F-1": tells_everybody,
    "K-1": hears_every_poke,
    "W-1": gives_strangers_persons,
    "W-4": keeps_keys_of_nobody,
    "V-1": knows_all_members,
}
