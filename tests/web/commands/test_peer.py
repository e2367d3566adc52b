"""./convoke peer: other hubs, by whoever runs this one."""

import asyncio
import io
import sys

import pytest

from domain.peering import PeeringStatus
from storage import peers
from storage.engine import Database
from storage.hubs import local
from storage.peers import Peer
from tests.outside import MONDAY
from tests.web.commands.conftest import Terminal

HUB = "hub_01JD8X5V0M7Q2K3B4N6P8R9S1T@pantry.example"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_SECRET_KEY", "a secret of the tests, in 32 letters and more")


def known(terminal: Terminal, status: PeeringStatus = PeeringStatus.ACTIVE) -> None:
    """That the hub of this terminal knows the Pantry's."""
    url = "https://pantry.example"
    pantry = Peer(
        hub_id=HUB,
        authority="pantry.example",
        url=url,
        name="The Pantry's hub",
        software="convoke/0.1.0",
        status=status,
        since=MONDAY,
        we_agreed_at=None if status is PeeringStatus.PROPOSED else MONDAY,
        they_agreed_at=None,
        suspended_why=None,
        graphql_url=f"{url}/graphql",
        issuer=url,
        token_endpoint=f"{url}/oauth/token",
        client_id=f"{url}/.well-known/convoke/client",
        poke_url=None,
        schema_version="1",
        most_a_page=1_000,
        jwks_uri=f"{url}/oauth/jwks",
        client_jwks_uri=f"{url}/.well-known/convoke/client-keys",
        thumbprints=("one",),
        client_thumbprints=("two",),
        keys_replaced_at=None,
        looked_at=MONDAY,
        last_synced_at=None,
        faults=0,
        last_error=None,
        last_error_at=None,
    )

    async def kept() -> None:
        database = Database(terminal.url)
        async with database.writing() as db:
            assert await local(db) is not None
            await peers.keep(db, pantry, MONDAY)
        await database.close()

    asyncio.run(kept())


def status_of(terminal: Terminal) -> str:
    (found,) = terminal.json("peer", "list")
    status: str = found["status"]
    return status


def test_a_hub_that_works_with_no_other_says_so(town: Terminal) -> None:
    assert "works with no other yet" in town.done("peer", "list")
    assert town.json("peer", "list") == []


def test_a_hub_that_is_not_known_is_named(town: Terminal) -> None:
    for step in (["show"], ["accept"], ["resume"], ["end"], ["suspend", "--why", "It"]):
        code, out, err = town.run("peer", step[0], "nobody.test", *step[1:])
        assert (code, out) == (1, "")
        assert "knows no nobody.test" in err


def test_an_address_that_no_hub_has_is_refused_with_the_way_out(town: Terminal) -> None:
    for url, says in (
        ("http://pantry.example", "begins with https://"),
        ("https://pantry.example/hub", "like https://pantry.example"),
        ("https://127.0.0.1", "not a server on the public internet"),
    ):
        code, out, err = town.run("peer", "add", url, "--yes")
        assert (code, out) == (1, "")
        assert says in " ".join(err.split())
    assert town.json("peer", "list") == []


def test_it_stops_goes_on_and_ends(town: Terminal) -> None:
    known(town)
    why = "It was broken into."
    assert "resume pantry.example" in town.done("peer", "suspend", "pantry.example", "--why", why)
    assert town.json("peer", "show", HUB)["suspendedWhy"] == why
    assert status_of(town) == "SUSPENDED"
    assert "is ACTIVE" in town.done("peer", "resume", "https://pantry.example")
    assert "is ENDED" in town.done("peer", "end", "pantry.example", "--yes")
    assert status_of(town) == "ENDED"
    assert town.audit()[-3:] == [
        ("peering.suspended", "operator"),
        ("peering.resumed", "operator"),
        ("peering.ended", "operator"),
    ]


def test_nothing_ends_where_nobody_says_so(town: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    known(town)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, _, _ = town.run("peer", "end", "pantry.example")
    assert code != 0
    assert status_of(town) == "ACTIVE"


def test_a_proposal_waits_in_the_list_for_an_answer(town: Terminal) -> None:
    known(town, PeeringStatus.PROPOSED)
    assert "./convoke peer accept pantry.example" in " ".join(town.done("peer", "list").split())
    told = town.done("peer", "show", "pantry.example")
    assert "The Pantry's hub" in told
    assert "one" in told
