"""Whether a hub gives tokens to machines as docs/protocol.md has it, and refuses what is no good."""

from collections.abc import Mapping

from joserfc.jwk import ECKey

from federation.client import Fetched
from web.conformance.identity import Identity, made_key, public
from web.conformance.musts import LONGEST_TOKEN_SECONDS
from web.conformance.probing import Check, Failed, NotChecked, Probe, an_object, said


async def gives_a_bearer_token(probe: Probe) -> None:
    answer = await _given(probe)
    told = an_object(answer)
    lives = told.get("expires_in")
    if str(told.get("token_type")).lower() != "bearer":
        raise Failed(f"token_type is {told.get('token_type')!r}", "Say Bearer.")
    if type(lives) is not int or not 0 < lives <= LONGEST_TOKEN_SECONDS:
        raise Failed(f"expires_in is {lives!r}", f"Say 1 to {LONGEST_TOKEN_SECONDS} seconds.")
    if "no-store" not in answer.headers.get("cache-control", ""):
        raise Failed("Cache-Control has no no-store", "Say so: it is a secret (RFC 6749 s5.1).")


async def gives_no_refresh_token(probe: Probe) -> None:
    if "refresh_token" in an_object(await _given(probe)):
        raise Failed("there is one", "Leave it out: the hub asks again (RFC 6749 s4.4.3).")


async def knows_no_stranger(probe: Probe) -> None:
    """A client that there cannot be (RFC 6761 s6.4)."""
    stranger = "https://nobody.invalid/.well-known/convoke/client"
    answer = await probe.token(
        {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": _signed_by(probe, stranger),
        }
    )
    _require(answer, 401, "invalid_client")


async def refuses_other_audiences(probe: Probe) -> None:
    await _refused(probe, audience=[probe.url, "https://nobody.invalid"])


async def refuses_what_has_expired(probe: Probe) -> None:
    now = int(probe.clock.now().timestamp())
    await _refused(probe, iat=now - 400, exp=now - 340)


async def refuses_what_lasts(probe: Probe) -> None:
    await _refused(probe, exp=int(probe.clock.now().timestamp()) + 3_600)


async def refuses_what_was_used(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    form = await meeting.form(probe)
    first = await probe.token(form)
    if first.status != 200:
        raise Failed(f"{first.status}, {said(first.body)}", "Give a token the first time.")
    _require(await probe.token(form), 401, "invalid_client")


async def refuses_two_names(probe: Probe) -> None:
    await _refused(probe, iss="https://nobody.invalid/.well-known/convoke/client")


async def refuses_other_keys(probe: Probe) -> None:
    """Under the name of the right one."""
    made, right = made_key(probe.chance), probe.as_peer.identity.asking
    await _refused(
        probe, key=ECKey.import_key({**made.as_dict(private=True), "kid": right.kid or ""})
    )


async def refuses_keys_that_are_brought(probe: Probe) -> None:
    key = probe.as_peer.identity.asking
    await _refused(probe, header={"jwk": public(key)})


async def refuses_other_scopes(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    form = await meeting.form(probe, scope="events:read events:write")
    _require(await probe.token(form), 400, "invalid_scope")


async def refuses_other_resources(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    form = await meeting.form(probe) | {"resource": "https://nobody.invalid/graphql"}
    _require(await probe.token(form), 400, "invalid_target")


async def asks_well_itself(probe: Probe) -> None:
    probe.as_peer.require_begun()
    small = probe.as_peer.small
    if not small.tokens_given and not small.wrong_assertions:
        raise NotChecked("The hub has not asked the tester for a token.")
    if small.wrong_assertions:
        raise Failed("; ".join(dict.fromkeys(small.wrong_assertions)), "Sign it as the page says.")


CHECKS: Mapping[str, Check] = {
    "T-1": gives_a_bearer_token,
    "T-2": gives_no_refresh_token,
    "T-3": knows_no_stranger,
    "T-4": refuses_other_audiences,
    "T-5": refuses_what_has_expired,
    "T-6": refuses_what_lasts,
    "T-7": refuses_what_was_used,
    "T-8": refuses_two_names,
    "T-9": refuses_other_keys,
    "T-10": refuses_keys_that_are_brought,
    "T-11": refuses_other_scopes,
    "T-12": refuses_other_resources,
    "T-13": asks_well_itself,
}


async def _given(probe: Probe) -> Fetched:
    meeting = probe.as_peer
    await meeting.token(probe)
    if meeting.answer is None:
        raise NotChecked("There was no token.")
    return meeting.answer


async def _refused(
    probe: Probe,
    *,
    audience: object = None,
    key: ECKey | None = None,
    header: Mapping[str, object] | None = None,
    **claims: object,
) -> None:
    """An assertion that is good but for that. That a good one is taken was seen before."""
    meeting = probe.as_peer
    await meeting.token(probe)
    assertion = meeting.identity.assertion(audience or probe.url, key=key, header=header, **claims)
    _require(await probe.token(await meeting.form(probe, assertion)), 401, "invalid_client")


def _require(answer: Fetched, status: int, error: str) -> None:
    told = an_object(answer).get("error")
    # RFC 6749 s5.2: of invalid_client, 400 will do where no header was used to authenticate.
    fits = {status, 400} if error == "invalid_client" else {status}
    if answer.status not in fits or told != error:
        raise Failed(
            f"{answer.status}, {said(answer.body)}",
            f"Refuse it with {status} and {error} (RFC 6749 s5.2).",
        )


def _signed_by(probe: Probe, client_id: str) -> str:
    key = made_key(probe.chance)
    stranger = Identity(client_id, "", key, key, probe.clock, probe.chance)
    return stranger.assertion(probe.url, iss=client_id, sub=client_id)
