"""docs/protocol.md says what the code does: its MUSTs, members, claims, bounds, codes and examples."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from auth import (
    addresses,
    client_assertions,
    id_jag_issue,
    id_jag_reading,
    jwt_reading,
    limits_of_tokens,
)
from auth.app_keys import ALGORITHMS, MOST_KEYS
from domain import identifiers, recurrence, recurrence_rule, texts
from domain.actors import TeamRole
from domain.channels import RemovalReason, Resync
from domain.hubs import LocalHub
from domain.peering import MOST_A_PAGE, PEERING, POLL_SECONDS, PeeringStatus
from federation import documents, forwarding
from federation.answer_headers import MOST_RETRY_AFTER_SECONDS
from federation.client import OutgoingClient
from federation.documents import Documents, DocumentsProblem
from federation.mirroring import asking, parts, pulling, things, values
from federation.mirroring.document import MOST_DATES, MOST_PARTS
from federation.mirroring.reading import MOST_CURSOR, AskedInVain, read_page
from resolvers import once
from tests.docs.pages import page
from tests.federation.neighbourhood import Neighbourhood, peered
from tests.outside import SeededChance, StandingClock
from web import hub_reading, peering, poking
from web.conformance.identity import Identity, made_key
from web.conformance.musts import MUSTS, PARTS, Checked
from web.conformance.running import CHECKS
from web.conformance.small_hub import SmallHub
from web.once import LONGEST_KEY

PAGE = page("docs/protocol.md")
TEXT = " ".join(PAGE.text.split())
SHELTER, PANTRY = "https://shelter.example", "pantry.example"
NAMES = (
    *("hub", "server", "resource", "client", "keys", "client-keys"),
    *("assertion-header", "assertion", "page", "empty", "removed", "resync"),
    *("vouched-header", "vouched"),
)
EXAMPLES: dict[str, Any] = dict(zip(NAMES, map(json.loads, PAGE.blocks("json")), strict=True))
WORDS = re.compile(r"\bMUST\b")


def table_after(words: str) -> set[str]:
    """The names in the first column of the table that comes next."""
    behind = PAGE.text[PAGE.text.index(words) :]
    rows = behind[behind.index("| --- |") :].partition("\n\n")[0]
    first = (row.split("|")[1] for row in rows.splitlines()[1:])
    return {name for cell in first for name in re.findall(r"`([A-Za-z_]+)`", cell)}


def test_every_must_of_the_page_has_an_id_and_is_checked_or_says_why_not() -> None:
    assert len({must.id for must in MUSTS}) == len(MUSTS)
    checked = {must.id for must in MUSTS if isinstance(must.how, Checked)}
    assert checked == CHECKS.keys()
    assert all(must.how for must in MUSTS)
    assert all(WORDS.search(must.says) for must in MUSTS)
    assert [must.id[0] for must in MUSTS] == sorted(
        (must.id[0] for must in MUSTS), key=list(PARTS).index
    )
    ids = [must.id for must in MUSTS]
    assert ids == [
        f"{part}-{n}" for part in PARTS for n in range(1, 1 + sum(i[0] == part for i in ids))
    ]


def test_no_must_stands_outside_the_tables() -> None:
    rows = {line for line in PAGE.text.splitlines() if re.match(r"\| [A-Z]-\d+ \|", line)}
    others = [line for line in PAGE.text.splitlines() if line not in rows and WORDS.search(line)]
    assert len(rows) == len(MUSTS)
    (defining,) = others  # which names the word
    assert "RFC 2119" in defining


async def test_every_member_is_explained_and_every_explained_one_is_served(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test") as (a,):
        served = (await a.http.get(addresses.HUB)).json()
        explained = table_after("**`/.well-known/convoke`**")
        assert set(served) == explained == set(EXAMPLES["hub"])
        assert set(served["limits"]) == set(EXAMPLES["hub"]["limits"])
        client = (await a.http.get(addresses.CLIENT_METADATA)).json()
        assert set(client) == set(EXAMPLES["client"])


def serving(said: dict[str, Any]) -> OutgoingClient:
    """A network in which the shelter says what stands in the page."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=said[request.url.path])

    return OutgoingClient(transport=httpx.MockTransport(answer))


def said_by_the_page() -> dict[str, Any]:
    return {
        addresses.HUB: EXAMPLES["hub"],
        addresses.SERVER_METADATA: EXAMPLES["server"],
        addresses.RESOURCE_METADATA + addresses.RESOURCE: EXAMPLES["resource"],
        addresses.CLIENT_METADATA: EXAMPLES["client"],
        addresses.JWKS: EXAMPLES["keys"],
        addresses.CLIENT_KEYS: EXAMPLES["client-keys"],
    }


HERE = LocalHub(
    "hub_01JD8X5V0M7Q2K3B4N6P8R9S1T@here.test", "here.test", "https://here.test", "Here"
)


async def test_the_documents_of_the_page_are_believed() -> None:
    async with serving(said_by_the_page()) as out:
        facts = await Documents(HERE, lambda: out).read(SHELTER)
    assert facts.hub_id == EXAMPLES["hub"]["hub"]
    assert EXAMPLES["assertion-header"]["kid"] in facts.client_thumbprints
    assert EXAMPLES["vouched-header"]["kid"] in facts.thumbprints


async def test_and_without_any_of_their_members_they_are_not() -> None:
    for name in EXAMPLES["hub"]:
        kept = {each: value for each, value in EXAMPLES["hub"].items() if each != name}
        async with serving(said_by_the_page() | {addresses.HUB: kept}) as out:
            reader = Documents(HERE, lambda out=out: out)  # type: ignore[misc]
            if name == "poke_endpoint":
                await reader.read(SHELTER)  # which may be null
                continue
            with pytest.raises(DocumentsProblem, match=name):
                await reader.read(SHELTER)


def test_the_pages_of_the_page_are_believed() -> None:
    (organization,) = read("page").organizations
    assert organization.id.endswith(f"@{PANTRY}")
    assert not read("page").refusals
    assert read("empty").is_all
    removed = {"cursor": "place", "node": EXAMPLES["removed"]}
    told = EXAMPLES["empty"]["data"]["changes"] | {"edges": [removed]}
    found = read_page(json.dumps({"data": {"changes": told}}).encode(), PANTRY, None, 1)
    assert found.removed == (EXAMPLES["removed"]["id"],)
    with pytest.raises(AskedInVain) as asked:
        read("resync")
    assert asked.value.code == Resync.code


def read(name: str) -> Any:
    return read_page(json.dumps(EXAMPLES[name]).encode(), PANTRY, None, 1)


async def test_the_claims_of_the_page_are_those_that_are_sent(neighbourhood: Neighbourhood) -> None:
    async with neighbourhood("a.test", "b.test") as (a, b):
        await peered(a, b)
        sent = await b.service.hub_tokens.assertion(await b.peer(a))
    header, claims = (part_of(sent, number) for number in (0, 1))
    assert set(header) == set(EXAMPLES["assertion-header"]) == {"alg", "typ", "kid"}
    assert set(claims) == set(EXAMPLES["assertion"])
    assert set(claims) | {"nbf"} == table_after("The JWT's header and claims:")
    assert EXAMPLES["vouched-header"]["typ"] == id_jag_issue.TYPE
    explained = table_after("The client is looked at first")
    assert explained == {*EXAMPLES["vouched"], "typ", "nbf", "cnf", "act"}


def part_of(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


# What a sentence of the page says, and where the code has it.
FIGURES: list[tuple[str, Callable[[], object]]] = [
    (
        "page (changes in an answer) 1 to 100,000, of which a reader uses at most {:,}",
        lambda: MOST_A_PAGE,
    ),
    ("at most {:,} bytes", lambda: documents.MOST_BYTES),
    ("gives all six {:.0f} seconds", lambda: documents.ALL_SECONDS),
    ("1 to {} public keys", lambda: MOST_KEYS),
    ("at most {} seconds behind `iat`", lambda: jwt_reading.LONGEST_SECONDS),
    ("at most {} seconds ahead", lambda: jwt_reading.LEEWAY_SECONDS),
    ("at most {} seconds from `iat` to `exp`", lambda: jwt_reading.LONGEST_SECONDS),
    ("clocks {} apart", lambda: jwt_reading.LEEWAY_SECONDS),
    ("1 to {} letters that can be shown", lambda: id_jag_reading.MOST_OF_A_NAME),
    ("At most {} proposals from one address at once", lambda: peering.PROPOSALS_BY_ADDRESS.burst),
    ("{} at once and one a second", lambda: limits_of_tokens.ASKED.burst),
    ("of failed ones, {} and one in ten seconds", lambda: limits_of_tokens.FAILED.burst),
    ("after {} bad pages in a row", lambda: pulling.MOST_FAULTS),
    ("an opaque text of at most {:,} characters", lambda: MOST_CURSOR),
    ("1 to 2^{} - 1", lambda: values.MOST_VERSION.bit_length() - 1),
    ("| texts of one line | {} characters", lambda: texts.LINE),
    ("`cancellationReason` | {:,} characters", lambda: texts.PARAGRAPH),
    ("messages | {:,} characters", lambda: texts.PAGE),
    ("the body of an agreement {:,}", lambda: 10 * texts.PAGE),
    ("`features` | {} entries", lambda: values.MOST_WORDS),
    ("| `identifiers` | {}, a `system`", lambda: identifiers.MOST),
    ("a `value` of {} characters", lambda: identifiers.LONGEST),
    ("shared with {} alliances", lambda: parts.MOST_SHARES),
    ("| Alliance | {:,} members", lambda: MOST_PARTS),
    ("{} agreements", lambda: things.MOST_AGREEMENTS),
    ("{:,} dates, each", lambda: MOST_DATES),
    ("{} translations", lambda: things.MOST_TRANSLATIONS),
    (
        "An RRULE (RFC 5545) of {} characters",
        lambda: recurrence_rule.MOST_CHARACTERS,
    ),
    ("{} dates, 1,000 exceptions", lambda: recurrence.MOST_DATES),
    ("dates, {:,} exceptions", lambda: recurrence.MOST_EXCEPTIONS),
    ("0 to {:,} people", lambda: parts.MOST_PEOPLE - 1),
    ("`Prefer: wait={:.0f}`", lambda: hub_reading.MOST_SECONDS),
    (
        "with its answer for {} days",
        lambda: once.KEPT.days,
    ),
    ("`Idempotency-Key` of 1 to {} visible", lambda: LONGEST_KEY),
    ("within {:.0f} seconds; where nothing came back", lambda: forwarding.SECONDS),
    ("after {:.0f} seconds, twice as long", lambda: pulling.SHORTEST_PAUSE.total_seconds()),
    ("at most {:.0f} minutes, each time", lambda: pulling.LONGEST_PAUSE.total_seconds() / 60),
    ("and {} MiB", lambda: asking.MOST_BYTES // 2**20),
]


@pytest.mark.parametrize(("said", "figure"), FIGURES, ids=[said for said, _ in FIGURES])
def test_a_figure_of_the_page_is_that_of_the_code(said: str, figure: Callable[[], object]) -> None:
    assert said.format(figure()) in TEXT


def test_the_words_of_the_page_are_those_of_the_code() -> None:
    assert table_after("Each side keeps its own state:") >= set(PeeringStatus)
    for reason in RemovalReason:
        assert f"`{reason}`" in PAGE.text
    for role in TeamRole:
        assert f"`{role}`" in PAGE.text
    for algorithm in ALGORITHMS:
        assert algorithm in PAGE.text
    for change in forwarding.MAY_WAIT:
        assert f"`{change}`" in PAGE.text
    assert client_assertions.TYPE in PAGE.text
    assert poking.PAUSE_SECONDS == 1.0
    assert MOST_RETRY_AFTER_SECONDS == 3_600
    assert EXAMPLES["hub"]["limits"]["poll_seconds"] == POLL_SECONDS
    for code in (
        *pulling._CLOSED,
        *asking._TOO_MUCH,
        *asking._LATER - {"RATE_LIMITED", "UNAVAILABLE"},
    ):
        assert f"`{code}`" in PAGE.text


def test_the_states_of_the_page_follow_as_the_code_has_it() -> None:
    for status in PeeringStatus:
        (row,) = (line for line in PAGE.text.splitlines() if line.startswith(f"| `{status}` | "))
        told = set(re.findall(r"`([A-Z]+)`", row.split("|")[3]))
        follow = {to for step in PEERING.steps if status in step.start for to in step.to} - {status}
        assert told == follow, status


def test_the_testers_own_documents_have_the_members_of_the_page() -> None:
    chance = SeededChance()
    identity = Identity(SHELTER, "hub", made_key(chance), made_key(chance), StandingClock(), chance)
    said = SmallHub(identity).documents[addresses.HUB]
    assert set(said) == {*EXAMPLES["hub"], "of_another_time"}
