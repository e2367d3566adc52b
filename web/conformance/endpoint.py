"""Whether a hub's endpoint answers as docs/protocol.md has it: media types, refusals, codes."""

import base64
import json
from collections.abc import Mapping

from web.conformance.musts import LARGEST_BODY
from web.conformance.probing import Answer, Check, Failed, Probe, said

ASKED = json.dumps({"query": "{ __typename }"}).encode()
_BOTH = "application/graphql-response+json, application/json"


async def answers_json(probe: Probe) -> None:
    endpoint = await probe.address("graphql_endpoint")
    for accept in ("application/json", "application/graphql-response+json"):
        found = await probe.posted(endpoint, ASKED, accept=accept)
        if found.status != 200 or found.media_type != accept:
            raise Failed(
                f"asked for {accept}: {found.status}, {found.media_type or 'no type'}",
                "Answer each of the two media types to whoever accepts it (GraphQL over HTTP).",
            )
        if Answer(found).body.get("data") != {"__typename": "Query"}:
            raise Failed(said(found.body), "Answer a query with its data.")


async def takes_json_alone(probe: Probe) -> None:
    found = await probe.posted(
        await probe.address("graphql_endpoint"), ASKED, "text/plain", accept=_BOTH
    )
    _require_status(found.status, 415, "What a page of another site can post is not to be run.")


async def takes_one_object(probe: Probe) -> None:
    endpoint = await probe.address("graphql_endpoint")
    for body in (b"[" + ASKED + b"]", b"{", b"null"):
        found = await probe.posted(endpoint, body, accept=_BOTH)
        _require_status(found.status, 400, f"Refuse {body[:20]!r}: one JSON object is one request.")


async def refuses_large_bodies(probe: Probe) -> None:
    body = json.dumps({"query": "{ __typename }", "variables": {"more": "x" * LARGEST_BODY}})
    found = await probe.posted(await probe.address("graphql_endpoint"), body.encode(), accept=_BOTH)
    _require_status(found.status, 413, "Stop reading, and answer.")


async def errors_have_codes(probe: Probe) -> None:
    answer = await probe.graphql("{ nothingOfThatName }")
    errors = answer.body.get("errors")
    if not isinstance(errors, list) or not errors:
        raise Failed(said(answer.fetched.body), "Tell what is wrong in `errors`.")
    for error in errors:
        is_told = isinstance(error, dict) and isinstance(error.get("message"), str)
        if not is_told or answer.code is None:
            raise Failed(said(json.dumps(error).encode()), "Give each error a message, and a code.")


async def refuses_bad_tokens(probe: Probe) -> None:
    for token in ("nonsense", _unsigned(probe)):
        await require_refused(probe, token)


async def refuses_tokens_of_others(probe: Probe) -> None:
    """One that the tester signs as if it were the hub's."""
    token = probe.as_peer.identity.access_token_like(probe.url, f"{probe.url}/graphql")
    await require_refused(probe, token)


async def refuses_what_does_not_fit(probe: Probe) -> None:
    answer = await probe.graphql("{ nothingOfThatName }")
    if answer.code is None:
        return  # which E-5 tells
    answer.require_code("GRAPHQL_VALIDATION_FAILED")


async def passes_over_unknown_members(probe: Probe) -> None:
    endpoint = await probe.address("graphql_endpoint")
    body = json.dumps({"query": "{ __typename }", "ofAnotherTime": True}).encode()
    found = await probe.posted(endpoint, body, accept=_BOTH)
    if found.status != 200:
        raise Failed(f"{found.status}, {said(found.body)}", "Pass over members you do not know.")


CHECKS: Mapping[str, Check] = {
    "E-1": answers_json,
    "E-2": takes_json_alone,
    "E-3": takes_one_object,
    "E-4": refuses_large_bodies,
    "E-5": errors_have_codes,
    "E-6": refuses_bad_tokens,
    "E-7": refuses_tokens_of_others,
    "E-8": refuses_what_does_not_fit,
    "V-1": passes_over_unknown_members,
}


async def require_refused(probe: Probe, token: str) -> None:
    endpoint = await probe.address("graphql_endpoint")
    found = await probe.posted(endpoint, ASKED, accept=_BOTH, authorization=f"Bearer {token}")
    challenge = found.headers.get("www-authenticate", "")
    if found.status != 401 or not challenge.lower().startswith("bearer"):
        raise Failed(
            f"{found.status}, www-authenticate {challenge[:80] or 'missing'}",
            'Answer 401 with WWW-Authenticate: Bearer error="invalid_token" (RFC 6750 s3).',
        )


def _require_status(status: int, wanted: int, do: str) -> None:
    if status != wanted:
        raise Failed(f"{status} instead of {wanted}", do)


def _unsigned(probe: Probe) -> str:
    """What says that it is the hub's, with nothing to show for it (RFC 8725 s3.2)."""
    now = int(probe.clock.now().timestamp())
    claims = {
        "iss": probe.url,
        "aud": f"{probe.url}/graphql",
        "sub": "tester",
        "client_id": "tester",
        "iat": now,
        "exp": now + 60,
        "jti": "tester",
        "scope": "events:read",
    }
    parts = ({"alg": "none", "typ": "at+jwt"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*texts, b""]).decode()
