"""Attacks on the way of a code: stolen, sent twice, sent elsewhere, and without its proof key."""

from collections import Counter
from urllib.parse import urlsplit

from sqlalchemy import select

from auth.desk import digest_of
from domain.apps import AuthMethod
from storage import credentials
from storage.credential_tables import grants
from tests.attacks.target import CALLBACK, ISSUER, Target, error_of
from tests.auth.people import basic_of
from tests.web.account.apps_of_people import CHALLENGE, VERIFIER, asking, told

PEOPLES = grants.c.person_id.is_not(None)


async def ended(target: Target) -> list[str | None]:
    """Of each authorization that a person gave: why it ended."""
    async with target.counter.desk.database.reading(fresh=True) as db:
        return list(await db.scalars(select(grants.c.revoked_why).where(PEOPLES)))


async def test_a_code_that_is_sent_again_ends_what_came_of_it(target: Target) -> None:
    app = await target.app()
    fields = target.redeeming(app, await target.code(app))
    first = await target.posted(fields)
    assert first.status_code == 200, first.text
    token = first.json()["access_token"]
    assert await target.is_good(token)
    assert error_of(await target.posted(fields)) == (400, "invalid_grant")
    assert await ended(target) == ["CODE_REPLAY"]
    assert not await target.is_good(token)


async def test_of_twenty_uses_of_a_code_at_once_one_wins_and_wins_nothing(target: Target) -> None:
    app = await target.app()
    answers = await target.at_once(target.redeeming(app, await target.code(app)))
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] == 1
    assert counted.keys() <= {200, 400, 429}, counted
    assert {error_of(each) for each in answers if each.status_code == 400} == {
        (400, "invalid_grant")
    }
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert await ended(target) == ["CODE_REPLAY"]
    assert not await target.is_good(won["access_token"])


async def test_a_code_put_into_another_app_is_refused_and_stays_good(target: Target) -> None:
    app = await target.app()
    thief = await target.app(id="app_thief", name="Thief", organization_id=target.cast.library)
    secretive = await target.app(id="app_keeper", auth_method=AuthMethod.SECRET_BASIC)
    async with target.counter.desk.database.writing() as db:
        await credentials.add_secret(
            db, secretive.id, digest_of("its secret"), secretive.created_at
        )
    code = await target.code(app)
    before = await target.contents()
    assert error_of(await target.posted(target.redeeming(thief, code))) == (400, "invalid_grant")
    answer = await target.posted(
        target.redeeming(secretive, code), authorization=basic_of(secretive.id, "its secret")
    )
    assert error_of(answer) == (400, "invalid_grant")
    assert await target.contents() == before
    assert (await target.posted(target.redeeming(app, code))).status_code == 200


DOWNGRADES = [
    {"code_challenge": "", "code_challenge_method": ""},
    {"code_challenge_method": ""},
    {"code_challenge_method": "plain"},
    {"code_challenge_method": "plain", "code_challenge": VERIFIER},
    {"code_challenge_method": "s256"},
    {"code_challenge": "short"},
    {"code_challenge": CHALLENGE.decode() + "="},
]


async def test_without_a_proof_key_or_with_a_plain_one_nobody_is_asked(target: Target) -> None:
    app = await target.app()
    before = await target.contents()
    for downgrade in DOWNGRADES:
        answer = await target.anna.open(asking(app, **downgrade))
        where, said = told(answer.headers["location"])
        assert (answer.status_code, where) == (303, CALLBACK), downgrade
        assert (said["error"], said["iss"]) == ("invalid_request", ISSUER), downgrade
        assert "code" not in said
    assert await target.contents() == before
    assert (await target.anna.open(asking(app))).status_code == 200


VERIFIERS = {
    "": "invalid_request",
    "short": "invalid_request",
    "b" * 129: "invalid_request",
    "b" * 43: "invalid_grant",
    CHALLENGE.decode(): "invalid_grant",
    VERIFIER + "x": "invalid_grant",
    VERIFIER[:43]: "invalid_grant",
}


async def test_a_stolen_code_without_its_verifier_is_worth_nothing(target: Target) -> None:
    app = await target.app()
    code = await target.code(app)
    before = await target.contents()
    for verifier, error in VERIFIERS.items():
        answer = await target.posted(target.redeeming(app, code, code_verifier=verifier))
        assert error_of(answer) == (400, error), verifier
    assert await target.contents() == before
    assert (await target.posted(target.redeeming(app, code))).status_code == 200


ELSEWHERE = [
    "https://evil.example/callback",
    f"{CALLBACK}/",
    f"{CALLBACK}/../evil",
    f"{CALLBACK}?next=evil",
    f"{CALLBACK}#x",
    f"{CALLBACK}%2f..%2fevil",
    "https://map.example/Callback",
    "https://MAP.example/callback",
    "https://map.example:443/callback",
    "http://map.example/callback",
    "https://map.example.evil.example/callback",
    "https://map.example@evil.example/callback",
    "https://evil.example\\@map.example/callback",
    "//map.example/callback",
    "/callback",
    "javascript:alert(1)",
    "",
]


async def test_nobody_is_sent_to_an_address_that_is_not_the_apps(target: Target) -> None:
    """Not for an answer, and not for an error either."""
    app = await target.app()
    before = await target.contents()
    for address in ELSEWHERE:
        for more in ({}, {"response_type": "token"}, {"prompt": "none"}):
            answer = await target.anna.open(asking(app, **{"redirect_uri": address, **more}))
            assert answer.status_code == 400, (address, answer.text)
            assert "not registered for it" in answer.text
            assert "location" not in answer.headers
            assert "refresh" not in answer.headers
            assert "evil" not in answer.text
    assert await target.contents() == before
    assert (await target.anna.open(asking(app))).status_code == 200


async def test_a_code_is_not_good_for_another_address_of_its_app(target: Target) -> None:
    other = "https://map.example/other"
    app = await target.app(redirect_uris=(CALLBACK, other))
    code = await target.code(app)
    before = await target.contents()
    for address in (other, f"{CALLBACK}/", ""):
        answer = await target.posted(target.redeeming(app, code, redirect_uri=address))
        assert error_of(answer) == (400, "invalid_grant")
    assert await target.contents() == before
    assert (await target.posted(target.redeeming(app, code))).status_code == 200


async def test_every_answer_to_an_app_says_who_answers(target: Target) -> None:
    """Mix-up (RFC 9207): the app asks at several, and each of them says which one it is."""
    app = await target.app()
    said = []
    for more in ({"response_type": "token"}, {"scope": "everything"}, {"prompt": "none"}):
        answer = await target.anna.open(asking(app, **more))
        said.append(told(answer.headers["location"])[1])
    for pressed in ("deny", "allow"):
        await target.anna.open(asking(app))
        answer = await target.anna.send(target.anna.form("/oauth/consent"), answer=pressed)
        said.append(told(answer.headers["location"])[1])
    assert [each.get("error") for each in said] == [
        "unsupported_response_type",
        "invalid_scope",
        "consent_required",
        "access_denied",
        None,
    ]
    assert {(each["iss"], each["state"]) for each in said} == {(ISSUER, "s-1")}
    metadata = (await target.http.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == ISSUER
    assert metadata["authorization_response_iss_parameter_supported"] is True


async def test_a_code_is_for_this_hub_alone(target: Target) -> None:
    """Audience injection (RFC 8707): asked for with another's address, or redeemed with it."""
    app, elsewhere = await target.app(), "https://other.example/graphql"
    before = await target.contents()
    answer = await target.anna.open(asking(app, resource=elsewhere))
    assert told(answer.headers["location"])[1]["error"] == "invalid_target"
    assert await target.contents() == before
    code = await target.code(app, resource=f"{ISSUER}/graphql")
    before = await target.contents()
    answer = await target.posted(target.redeeming(app, code, resource=elsewhere))
    assert error_of(answer) == (400, "invalid_target")
    assert await target.contents() == before
    answer = await target.posted(target.redeeming(app, code, resource=f"{ISSUER}/graphql"))
    assert answer.status_code == 200


async def test_a_code_is_never_in_the_address_of_a_page_of_ours(target: Target) -> None:
    """Where a browser would tell it to whoever is linked there (Referer)."""
    app = await target.app()
    await target.anna.open(asking(app))
    answer = await target.anna.send(target.anna.form("/oauth/consent"), answer="allow")
    assert urlsplit(answer.headers["location"]).netloc == "map.example"
    assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert answer.headers["cache-control"] == "no-store"
