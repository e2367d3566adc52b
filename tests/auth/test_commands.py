"""./convoke client and ./convoke keys, as an operator at a terminal uses them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from domain.ids import Names
from resolvers.hubs import ensure_local_hub
from storage.engine import Database
from tests.auth.people import Town
from tests.auth.signing import made_key, public
from web.commands import main
from web.outside import SystemChance, SystemClock


class Operator:
    """Somebody at a terminal of a hub on this machine, home to the Pantry and the Shelter."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture

    def run(self, *arguments: str, code: int = 0) -> str:
        """What is printed: on standard output, or on the other where it fails."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        out, err = self.capture.readouterr()
        assert (leaving.value.code, bool(err)) == (code, code != 0), out + err
        return err or out

    def told(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@pytest.fixture
def operator(
    database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Operator:
    async def settled() -> None:
        database, clock, chance = Database(database_url), SystemClock(), SystemChance()
        hub = await ensure_local_hub(database, "http://localhost:8000", "Hub", clock, chance)
        names = Names(hub.authority, clock, chance)
        town = Town(database, hub, names, clock.now(), "", "")
        for slug in ("pantry", "shelter"):
            await town.organization(slug)
        await database.close()

    asyncio.run(settled())
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CONVOKE_SECRET_KEY", "the secret of a hub in tests, long enough")
    monkeypatch.setenv("COLUMNS", "200")
    return Operator(capsys)


def create(operator: Operator, *more: str) -> Any:
    return operator.told("client", "create", "--organization", "pantry", "--name", "Site", *more)


def test_an_operator_lets_an_app_in_and_out_again(operator: Operator) -> None:
    made = create(operator, "--scope", "events:write", "--scope", "events:read contacts:read")
    assert made["scopes"] == ["events:read", "contacts:read", "events:write"]
    assert made["secret"].startswith("cvk_secret_")
    fresh = operator.told("client", "rotate", made["id"], "--overlap-hours", "0")
    assert fresh["secret"] not in {made["secret"], None}
    assert operator.run("client", "revoke", made["id"]) == f"Site ({made['id']}) is revoked.\n"
    (listed,) = operator.told("client", "list", "--organization", "pantry")
    assert "secret" not in listed
    assert listed["revokedAt"] is not None
    assert operator.told("client", "list", "--organization", "shelter") == []


def test_without_scopes_an_app_may_read(operator: Operator) -> None:
    assert create(operator)["scopes"] == [
        "organizations:read",
        "groups:read",
        "events:read",
        "alliances:read",
    ]


def test_the_secret_is_printed_once_with_what_to_do_next(operator: Operator) -> None:
    said = operator.run("client", "create", "--organization", "pantry", "--name", "Site")
    secret = next(word for word in said.split() if word.startswith("cvk_secret_"))
    assert f"--client-secret {secret}" in said
    assert "not shown again" in said
    listed = operator.run("client", "list")
    assert secret not in listed
    for word in ("Site", "events:read", "never", "in use"):
        assert word in listed


def test_what_cannot_be_done_is_one_plain_line(operator: Operator) -> None:
    site = ("client", "create", "--name", "Site", "--organization")
    said = operator.run(*site, "nowhere", code=1)
    assert said == "convoke: This hub has no organization nowhere.\n"
    said = operator.run(*site, "pantry", "--scope", "events:all", code=1)
    assert said.startswith("convoke: There is no scope events:all. There are: organizations:read,")
    assert "alliances:agree" in operator.run(*site, "pantry", "--scope", "alliances:agree", code=1)
    assert "app_x" in operator.run("client", "revoke", "app_x", code=1)
    assert "no apps yet" in operator.run("client", "list")


def test_keys_are_listed_turned_and_made_anew(operator: Operator) -> None:
    assert "no keys yet" in operator.run("keys", "list")
    first = operator.told("keys", "turn")
    assert [key["slot"] for key in first] == ["ACTIVE", "NEXT"]
    turned = {key["kid"]: key["slot"] for key in operator.told("keys", "turn")}
    assert turned[first[0]["kid"]] == "RETIRED"
    assert turned[first[1]["kid"]] == "ACTIVE"
    assert "RETIRED" in operator.run("keys", "list")
    renewed = operator.told("keys", "renew")
    assert turned.keys().isdisjoint({key["kid"] for key in renewed})


def test_keys_sealed_with_another_secret_are_not_turned_but_may_be_made_anew(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = operator.told("keys", "turn")
    monkeypatch.setenv("CONVOKE_SECRET_KEY", "another secret, also long enough for it")
    assert "./convoke keys renew" in operator.run("keys", "turn", code=1)
    assert operator.told("keys", "list") == first
    assert len(operator.told("keys", "renew")) == 2
    operator.run("keys", "turn")


def test_an_app_of_people_is_registered_with_where_it_sends_them_back(operator: Operator) -> None:
    there = ("--redirect-uri", "https://pantry.example/back", "--scope", "openid events:read")
    made = create(operator, *there)
    assert (made["kind"], made["authMethod"]) == ("people", "client_secret_basic")
    assert made["redirectUris"] == ["https://pantry.example/back"]
    assert made["secret"].startswith("cvk_secret_")
    phone = create(operator, *there, "--public")
    assert (phone["kind"], phone["authMethod"]) == ("people", "none")
    assert "secret" not in phone
    shown = create(operator, "--kind", "people", "--public")
    assert shown["redirectUris"] == []
    listed = operator.run("client", "list")
    for words in ("of people", "of people, public", "never"):
        assert words in listed
    said = operator.run(
        "client", "create", "--organization", "pantry", "--name", "Site", *there, "--public"
    )
    assert "client secret" not in said
    assert "sends back to  https://pantry.example/back" in said


def test_what_no_app_can_be_is_refused_and_nothing_is_registered(operator: Operator) -> None:
    site = ("client", "create", "--organization", "pantry", "--name", "Site")
    there = ("--redirect-uri", "https://pantry.example/back")
    for more, says in (
        ((*there, "--kind", "machine"), "sends nobody anywhere"),
        (("--redirect-uri", "http://pantry.example/back"), "redirect_uris"),
        (("--kind", "machine", "--public"), "shows who it is"),
        ((*there, "--scope", "organization:admin"), "organization:admin"),
    ):
        assert says in operator.run(*site, *more, code=1)
    assert "no apps yet" in operator.run("client", "list")


def test_an_app_with_keys_has_no_secret_and_changes_its_keys(
    operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(public(made_key())))
    made = create(operator, "--jwks", str(file))
    assert (made["kind"], made["authMethod"]) == ("machine", "private_key_jwt")
    assert "secret" not in made
    assert "with keys" in operator.run("client", "list")
    assert "no secret" in operator.run("client", "rotate", made["id"], code=1)
    file.write_text(json.dumps(public(made_key(), made_key(kid="two"))))
    assert "secret" not in operator.told("client", "rotate", made["id"], "--jwks", str(file))
    for text in ("", "[", "{}", json.dumps({"keys": [made_key().as_dict(private=True)]})):
        file.write_text(text)
        said = operator.run("client", "rotate", made["id"], "--jwks", str(file), code=1)
        assert "key" in said
    assert "cannot be read" in operator.run(
        "client", "rotate", made["id"], "--jwks", str(tmp_path / "missing"), code=1
    )
