"""What a hub does wrong as it asks the tester is found too."""

from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest

from auth import addresses
from federation.client import OutgoingClient
from tests.conformance.hubs import GoingClock
from tests.outside import SeededChance
from web.conformance.identity import Identity, made_key, public
from web.conformance.meeting import Meeting
from web.conformance.probing import Check, Failed, Probe
from web.conformance.running import CHECKS
from web.conformance.small_hub import PAGE, Asked, SmallHub

TESTER, HUB = "https://tester.example", "https://pantry.example"
FIRST = Asked("public", None, PAGE, is_posted_json=True)


def identity(url: str) -> Identity:
    chance = SeededChance(url)
    return Identity(url, "hub", made_key(chance), made_key(chance), GoingClock(), chance)


def looking(small: SmallHub) -> Probe:
    """After the hub gave the tester a token."""
    met = Meeting(small, 1.0, print, print, is_begun=True, _tried=True, _token="of-the-tester")
    clock = GoingClock()
    out = OutgoingClient(transport=httpx.MockTransport(lambda _: httpx.Response(404)))
    return Probe(HUB, out, clock, SeededChance(), clock.pause, met)


@pytest.mark.parametrize(
    ("must", "asked", "said"),
    [
        ("R-1", Asked("public", None, PAGE, is_posted_json=False), "did not post JSON"),
        ("R-2", Asked("public", None, PAGE + 1, is_posted_json=True), "where limits say page"),
        ("R-2", Asked("public", None, None, is_posted_json=True), "first was None"),
        ("R-3", Asked("public", "my own place", PAGE, is_posted_json=True), "it gave back"),
    ],
)
async def test_a_reader_that_asks_otherwise_is_found(must: str, asked: Asked, said: str) -> None:
    check: Check = CHECKS[must]
    with pytest.raises(Failed, match=said):
        await check(looking(SmallHub(identity(TESTER), pages=[FIRST, asked])))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda hub: hub.assertion("https://other.example"), "aud is not"),
        (lambda hub: hub.assertion([TESTER, HUB]), "aud is not"),
        (lambda hub: hub.assertion(TESTER, sub="somebody"), "iss and sub"),
        (lambda hub: hub.assertion(TESTER, iat=1, exp=2**33), "more than 300 seconds"),
        (lambda hub: hub.assertion(TESTER, iat=1, exp=100), "has expired"),
        (lambda hub: hub.assertion(TESTER, jti=None), "jti is none"),
        (lambda hub: hub.assertion(TESTER, header={"jku": HUB}), "more than alg, typ and kid"),
    ],
)
async def test_a_hub_that_asks_for_tokens_otherwise_is_found(
    wrong: Callable[[Identity], str], said: str
) -> None:
    hub, small = identity(HUB), SmallHub(identity(TESTER))
    small.their_client_id = hub.client_id
    small.their_keys = {"keys": [public(hub.asking)]}
    assert await asked(small, hub, hub.assertion(TESTER)) == 200
    await CHECKS["T-13"](looking(small))

    assert await asked(small, hub, wrong(hub)) == 200  # it is let go on
    with pytest.raises(Failed, match=said):
        await CHECKS["T-13"](looking(small))


async def test_the_tester_gives_tokens_to_the_hub_that_is_tested_and_to_nobody_else() -> None:
    hub, other, small = identity(HUB), identity("https://other.example"), SmallHub(identity(TESTER))
    small.their_client_id = hub.client_id
    small.their_keys = {"keys": [public(hub.asking)]}
    assert await asked(small, other, other.assertion(TESTER)) == 401
    assert await asked(small, hub, "nonsense") == 401
    assert not small.tokens_given


async def asked(small: SmallHub, hub: Identity, assertion: str) -> int:
    transport = httpx.ASGITransport(app=small.app())
    async with httpx.AsyncClient(transport=transport, base_url=TESTER) as http:
        form = hub.form(assertion, f"{TESTER}/graphql", grant_type="client_credentials")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        sent = await http.post(addresses.TOKEN, content=urlencode(form), headers=headers)
    return sent.status_code
