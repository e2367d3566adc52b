"""./convoke provider, as an operator at a terminal uses it."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from domain.outside import Clock
from tests.auth.lying_provider import Provider, providing
from tests.auth.test_commands import Operator, operator
from web.outside import SystemClock

__all__ = ["operator"]  # the fixture


@pytest.fixture
def there() -> Iterator[Provider]:
    """A provider that goes on answering while the command has a loop of its own."""
    clock: Clock = SystemClock()
    up, over, made = threading.Event(), threading.Event(), []

    async def until_over() -> None:
        async with providing(clock) as provider:
            made.append(provider)
            up.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(until_over()))
    thread.start()
    assert up.wait(30)
    yield made[0]
    over.set()
    thread.join(30)


def adding(there: Provider, **changed: str) -> list[str]:
    options = {
        "organization": "pantry",
        "name": "Pantry login",
        "issuer": there.url,
        "client-id": "convoke",
        "client-secret": "a secret of theirs",
        **changed,
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def test_an_operator_adds_a_provider_and_removes_it(
    operator: Operator, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVOKE_ALLOW_LOOPBACK", "yes")
    made = operator.told("provider", "add", *adding(there))
    assert made["redirectUri"] == f"http://localhost:8000/account/providers/{made['id']}/callback"
    assert there.asked == ["/.well-known/openid-configuration"]
    (listed,) = operator.told("provider", "list")
    assert listed == {name: made[name] for name in listed}
    assert "a secret of theirs" not in operator.run("provider", "list")
    said = operator.run("provider", "add", *adding(there), code=1)
    assert "set up already" in said
    assert operator.run("provider", "remove", made["id"]) == (
        f"Pantry login ({made['id']}) is removed.\n"
    )
    assert "no such sign-in" in operator.run("provider", "remove", made["id"], code=1)
    assert "no providers yet" in operator.run("provider", "list")


def test_what_cannot_be_added_is_said_in_one_line(operator: Operator, there: Provider) -> None:
    """Without CONVOKE_ALLOW_LOOPBACK this machine is not asked."""
    for changed, said in (
        ({}, "The issuer is the provider's address"),
        ({"issuer": "https://10.0.0.1"}, "not a server on the public internet"),
        ({"issuer": "https://localhost:1/"}, "not a server on the public internet"),
        ({"issuer": "ftp://pantry.example"}, "The issuer is the provider's address"),
        ({"issuer": "https://a@pantry.example"}, "The issuer is the provider's address"),
        ({"organization": "nowhere"}, "no organization nowhere"),
        ({"name": " "}, "name: write something here"),
    ):
        answer = operator.run("provider", "add", *adding(there, **changed), code=1)
        assert said in answer, changed
        assert answer.count("\n") == 1
    assert there.asked == []
    assert "no providers yet" in operator.run("provider", "list")
