"""A provider at an address inside: whoever names it, and however, it is not asked."""

import pytest

from auth.provider_directory import Directory
from auth.provider_outgoing import ProviderProblem
from federation.client import OutgoingClient, OutgoingSettings
from tests.federation.test_client import resolving
from tests.outside import StandingClock

INSIDE = (
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
)


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_not_asked(clock: StandingClock, address: str) -> None:
    resolve, asked = resolving("93.184.215.14", address)
    async with OutgoingClient(OutgoingSettings(), resolver=resolve) as client:
        directory = Directory(lambda: client, clock, allow_loopback=False)
        with pytest.raises(ProviderProblem) as refusal:
            await directory.metadata("https://login.pantry.example")
    assert "not a server on the public internet" in refusal.value.message
    assert address not in refusal.value.message
    assert asked == ["login.pantry.example"]


@pytest.mark.parametrize(
    "issuer", ["https://0x7f.1", "https://[::1]", "https://2130706433", "https://localhost"]
)
async def test_this_machine_is_not_asked_by_any_of_its_names(
    clock: StandingClock, issuer: str
) -> None:
    async with OutgoingClient() as client:
        directory = Directory(lambda: client, clock, allow_loopback=False)
        with pytest.raises(ProviderProblem):
            await directory.metadata(issuer)


async def test_a_failure_is_remembered_for_a_moment(clock: StandingClock) -> None:
    resolve, asked = resolving("10.0.0.1")
    async with OutgoingClient(OutgoingSettings(), resolver=resolve) as client:
        directory = Directory(lambda: client, clock, allow_loopback=False)
        for _ in range(5):
            with pytest.raises(ProviderProblem):
                await directory.metadata("https://login.pantry.example")
        assert len(asked) == 1
        clock.forward(seconds=11)
        with pytest.raises(ProviderProblem):
            await directory.metadata("https://login.pantry.example")
    assert len(asked) == 2
