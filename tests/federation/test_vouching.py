"""A hub vouches for its people at another: who it is believed of, and every way in which it is not.

Whatever is refused leaves nothing behind at the hub that was asked.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from domain.errors import Problem
from storage.tables import alliance_members, audit_entries, event_hosts
from storage.tables import organizations as organization_rows
from tests.federation.acting import Town, a_town, an_organization, copied
from tests.federation.neighbourhood import Neighbourhood
from tests.federation.vouching import (
    brought,
    claims_of,
    ended,
    given,
    kept,
    signed,
    symmetric,
    vouched,
    words,
)

READ = "{ viewer { organization { id } person { id displayName } scopes } }"
UPDATE = """mutation Edit($input: UpdateEventInput!) {
  updateEvent(input: $input) { event { title } userErrors { code message } }
}"""


@pytest.fixture
async def town(neighbourhood: Neighbourhood) -> AsyncIterator[Town]:
    async with neighbourhood("a.test", "b.test") as (here, there):
        yield await a_town(here, there)


async def test_a_hub_is_believed_of_its_own_people_and_for_its_own_organizations(
    town: Town,
) -> None:
    answer = await brought(vouched(town.sam, town.here), town.there, town.here)
    said = answer.json()
    assert (said["token_type"], said["expires_in"], said["scope"]) == (
        "Bearer",
        300,
        "organizations:read events:read",
    )
    assert "refresh_token" not in said
    assert answer.headers["cache-control"] == "no-store"
    bearer = town.here.service.tokens.verifier.verified(said["access_token"])
    assert (bearer.person_id, bearer.organization_id, bearer.hub_id, bearer.client_id) == (
        town.sam.id,
        town.shelter,
        town.there.hub_id,
        town.there.client_id,
    )
    found = await town.here.ask(READ, token=said["access_token"])
    assert found["data"]["viewer"] == {
        "organization": {"id": town.shelter},
        "person": {"id": town.sam.id, "displayName": "Sam"},
        "scopes": ["events:read", "organizations:read"],
    }


async def test_it_is_noted_with_both_names_and_the_hub_that_vouched(town: Town) -> None:
    token = await given(town, jti="one-of-sams")
    bearer = town.here.service.tokens.verifier.verified(token)
    async with town.here.database.reading() as db:
        noted = (
            await db.execute(
                select(
                    audit_entries.c.person_id, audit_entries.c.hub_id, audit_entries.c.detail
                ).where(audit_entries.c.action == "token.delegated")
            )
        ).all()
    assert noted == [(town.sam.id, town.there.hub_id, f"assertion one-of-sams, token {bearer.jti}")]
    assert token not in str(noted)


CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://c.test"}, "its iss is the hub whose client asks"),
    ({"iss": "https://b.test/"}, "its iss is the hub whose client asks"),
    ({"iss": "https://B.test"}, "its iss is the hub whose client asks"),
    ({"iss": "https://a.test@b.test"}, "its iss is the hub whose client asks"),
    ({"iss": "https://a.test"}, "this hub vouches for nobody to itself"),
    ({"iss": None}, "its iss"),
    ({"aud": "https://c.test"}, "its aud is https://a.test alone"),
    ({"aud": ["https://a.test", "https://c.test"]}, "its aud is"),
    ({"aud": "https://a.test/graphql"}, "its aud is"),
    ({"aud": None}, "its aud is"),
    ({"client_id": "https://c.test/.well-known/convoke/client"}, "its client_id"),
    ({"client_id": None}, "its client_id"),
    ({"resource": "https://c.test/graphql"}, "its resource"),
    ({"resource": ["https://a.test/graphql", "https://c.test/graphql"]}, "its resource"),
    ({"exp": 1}, "it has expired"),
    ({"exp": True}, "its exp is a time"),
    ({"exp": 1e300}, "its exp is a time"),
    ({"exp": None}, "its exp is a time"),
    ({"iat": None}, "its iat is a time"),
    ({"jti": None}, "its jti"),
    ({"jti": "x" * 257}, "its jti"),
    ({"jti": ["one"]}, "its jti"),
    ({"cnf": {"jkt": "x"}}, "bound to a key"),
    ({"act": {"sub": "https://c.test/.well-known/convoke/client"}}, "of its own alone"),
    ({"sub": "prs_01JD8000000000000000000000@c.test"}, "its sub is a person of the hub"),
    ({"sub": "org_01JD8000000000000000000000@b.test"}, "its sub is the id of a person"),
    ({"sub": "Sam"}, "its sub is the id of a person"),
    ({"sub": None}, "its sub is the id of a person"),
    ({"org": "org_01JD8000000000000000000000@b.test"}, "its org is an organization of that hub"),
    ({"org": "org_01JD8000000000000000000000@c.test"}, "its org is an organization of that hub"),
    ({"org": None}, "its org is the id"),
    ({"role": "EMPEROR"}, "its role is one of"),
    ({"role": None}, "its role is one of"),
    ({"name": ""}, "its name"),
    ({"name": "Sam\u202egro.tset"}, "its name holds letters that cannot be shown"),
    ({"name": "S" * 201}, "its name"),
    ({"scope": None}, "its scope"),
    ({"scope": ["events:read"]}, "its scope"),
    ({"auth_time": "now"}, "its auth_time"),
    ({"amr": "pwd"}, "its amr"),
]


async def test_what_it_says_is_for_this_hub_now_and_of_its_own(town: Town) -> None:
    before = await kept(town)
    for different, why in CLAIMS:
        answer = await brought(vouched(town.sam, town.here, **different), town.there, town.here)
        assert why in words(answer, 400, "invalid_grant"), different
        assert await kept(town) == before, different


async def test_it_is_good_for_five_minutes_at_most_and_not_of_the_future(town: Town) -> None:
    now, before = int(town.here.clock.now().timestamp()), await kept(town)
    for times, why in (
        ({"exp": now}, "it has expired"),
        ({"iat": now, "exp": now + 301}, "at most 300 seconds"),
        ({"iat": now + 31, "exp": now + 100}, "of the future"),
        ({"nbf": now + 31}, "of the future"),
        ({"iat": now + 20, "exp": now + 10}, "at most 300 seconds"),
    ):
        answer = await brought(vouched(town.sam, town.here, **times), town.there, town.here)
        assert why in words(answer, 400, "invalid_grant"), times
        assert await kept(town) == before, times
    for times in ({"iat": now - 299, "exp": now + 1}, {"iat": now + 30, "exp": now + 330}):
        answer = await brought(vouched(town.sam, town.here, **times), town.there, town.here)
        assert answer.status_code == 200, answer.text


async def test_only_a_key_with_which_the_hub_vouches_for_people_signs_it(town: Town) -> None:
    tokens, now_ = town.there.service.tokens, claims_of(town.sam, town.here)
    right, asking = tokens.ring.signing_key, tokens.client_ring.signing_key
    strange = ECKey.generate_key("P-256", {"kid": str(right.kid)})
    published = dict(right.as_dict(private=False))
    before = await kept(town)
    forged = {
        "another key under its name": signed(now_, strange),
        "the key by which the hub asks": signed(now_, asking),
        "a name of another key": signed(now_, strange, {"kid": "other"}),
        "no name of a key": signed(now_, right, {"kid": None}),
        "a key that it brings along": signed(
            now_, strange, {"jwk": dict(strange.as_dict(private=False))}
        ),
        "the address of a key": signed(now_, strange, {"jku": "https://c.test/oauth/jwks"}),
        "the address of a certificate": signed(now_, strange, {"x5u": "https://c.test/x"}),
        "a certificate": signed(now_, strange, {"x5c": ["MIIB"]}),
        "what must be understood": signed(now_, right, {"crit": ["b64"], "b64": False}),
        "no signature": signed(now_, right, {"alg": "none"}),
        "a public key as a secret": signed(now_, symmetric(published), algorithm="HS256"),
        "the type of an access token": signed(now_, right, {"typ": "at+jwt"}),
        "the type of a client assertion": signed(now_, right, {"typ": "JWT"}),
        "no type": signed(now_, right, {"typ": None}),
        "the type in other letters": signed(now_, right, {"typ": "OAUTH-ID-JAG+JWT"}),
        "a list": signed([], right),
        "nothing": "",
        "no JWT": "a.b.c",
        "an access token of its own": town.sam.token("events:read"),
        "its client assertion": await town.there.service.hub_tokens.assertion(
            await town.there.peer(town.here)
        ),
        "changed since": vouched(town.sam, town.here)[:-4] + "AAAA",
    }
    for what, assertion in forged.items():
        answer = await brought(assertion, town.there, town.here)
        said = words(answer, 400, "invalid_request" if not assertion else "invalid_grant")
        assert said, what
        assert await kept(town) == before, what
    assert not [each for each in town.here.roads.asked if "c.test" in each]


async def test_names_of_keys_that_nobody_has_fetch_them_once(town: Town) -> None:
    claims = claims_of(town.sam, town.here)
    key = town.there.service.tokens.ring.signing_key
    for number in range(20):
        answer = await brought(
            signed(claims, key, {"kid": f"invented {number}"}), town.there, town.here
        )
        assert "not signed by a key" in words(answer, 400, "invalid_grant")
    fetched = [each for each in town.here.roads.asked if each.endswith("b.test/oauth/jwks")]
    assert len(fetched) <= 2, fetched


async def test_it_is_used_once_also_by_many_at_once(town: Town) -> None:
    assertion = vouched(town.sam, town.here)
    answers = await asyncio.gather(*(brought(assertion, town.there, town.here) for _ in range(8)))
    assert sorted(each.status_code for each in answers) == [200] + [400] * 7
    before = await kept(town)
    again = await brought(assertion, town.there, town.here)
    assert "already been used" in words(again, 400, "invalid_grant")
    assert await kept(town) == before


async def test_without_the_key_by_which_the_hub_asks_it_is_worth_nothing(town: Town) -> None:
    """Stolen on its way, or by the worker that signs, it takes another key to use it."""
    before = await kept(town)
    stolen = vouched(town.sam, town.here)
    used = await town.there.service.hub_tokens.assertion(await town.there.peer(town.here))
    strange = ECKey.generate_key("P-256", {"kid": "one"})
    forged = signed(
        {
            "iss": town.there.client_id,
            "sub": town.there.client_id,
            "aud": "https://a.test",
            "exp": int(town.here.clock.now().timestamp()) + 60,
            "jti": "x",
        },
        strange,
        {"typ": "JWT"},
    )
    refused = await brought(stolen, town.there, town.here, client_assertion=forged)
    assert words(refused, 401, "invalid_client")
    bare = await town.here.http.post(
        "/oauth/token",
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": stolen,
            "client_id": town.there.client_id,
        },
    )
    assert words(bare, 401, "invalid_client")
    assert await kept(town) == before
    first = await brought(stolen, town.there, town.here, client_assertion=used)
    assert first.status_code == 200
    before = await kept(town)
    second = await brought(
        vouched(town.sam, town.here), town.there, town.here, client_assertion=used
    )
    assert words(second, 401, "invalid_client")
    assert await kept(town) == before


async def test_an_app_of_an_organization_vouches_for_nobody(town: Town) -> None:
    before = await kept(town)
    answer = await town.here.http.post(
        "/oauth/token",
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": vouched(town.sam, town.here),
        },
        auth=("app_of_tests", "no secret"),
    )
    assert words(answer, 401, "invalid_client")
    assert await kept(town) == before


# ── scopes ───────────────────────────────────────────────────────────────────────────────────────


async def test_what_no_person_of_another_hub_may_have_is_refused(town: Town) -> None:
    before = await kept(town)
    for scope in ("organization:admin", "hubs:admin", "federation:sync", "openid", "audit:read"):
        answer = await brought(
            vouched(town.sam, town.here, scope=f"{READS_AND} {scope}"), town.there, town.here
        )
        assert scope in words(answer, 400, "invalid_scope")
        assert await kept(town) == before


async def test_more_than_the_hub_vouched_for_is_refused(town: Town) -> None:
    before = await kept(town)
    answer = await brought(
        vouched(town.sam, town.here, scope="events:read"),
        town.there,
        town.here,
        scope="events:read events:write",
    )
    assert "exceeds the" in words(answer, 400, "invalid_scope")
    assert await kept(town) == before
    less = await brought(
        vouched(town.sam, town.here, scope="events:read events:write"),
        town.there,
        town.here,
        scope="events:read",
    )
    assert less.json()["scope"] == "events:read"


async def test_editing_is_for_organizations_that_work_with_one_here(town: Town) -> None:
    stranger, ines = await an_organization(town.there, "stranger", "Ines")
    await copied(organization_rows, stranger, town.there, town.here)
    before = await kept(town)
    answer = await brought(
        vouched(ines, town.here, scope="events:read events:write"), town.there, town.here
    )
    assert "stand in an alliance" in words(answer, 400, "invalid_scope")
    assert await kept(town) == before
    unasked = "events:read attendance:write events:hosts alliances:write alliances:agree"
    answer = await brought(vouched(ines, town.here, scope=unasked), town.there, town.here)
    assert set(answer.json()["scope"].split()) == set(unasked.split())


async def test_a_place_on_an_event_is_working_together_too(town: Town) -> None:
    await ended(town, alliance_members)
    await given(town, scope="events:write")
    await ended(town, event_hosts)
    before = await kept(town)
    answer = await brought(
        vouched(town.sam, town.here, scope="events:write"), town.there, town.here
    )
    assert words(answer, 400, "invalid_scope")
    assert await kept(town) == before


async def test_a_hub_by_itself_changes_nothing(town: Town) -> None:
    machine = town.there.service.hub_tokens
    token = await machine.token(await town.there.peer(town.here), ["events:read"])
    edit = {"input": {"id": town.drive, "version": await town.version(), "title": "Ours"}}
    before = await kept(town)
    said = await town.here.ask(UPDATE, edit, token=token)
    assert said["errors"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"
    assert await kept(town) == before
    with pytest.raises(Problem, match="not registered for events:write"):
        await machine.token(await town.there.peer(town.here), ["events:read", "events:write"])
    assert await kept(town) == before


# ── ways of tests ────────────────────────────────────────────────────────────────────────────────

READS_AND = "events:read"
