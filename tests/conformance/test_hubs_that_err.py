"""A hub with one fault fails at that fault, and at nothing else; and every MUST has such a hub."""

from functools import partial
from pathlib import Path

import pytest

from tests.conformance import faults_seen_by_anybody as by_anybody
from tests.conformance import faults_seen_by_peers as by_peers
from tests.conformance.faults import Erring
from tests.conformance.hubs import again, failed, listening, met
from web.conformance.musts import MUSTS, Checked

# These take time, because somebody waits; they are looked at for faults of their own.
SLOW = {"F-18", "R-3", "R-4", "K-5"}


async def test_each_fault_that_anybody_sees_is_found_and_nothing_else(database_url: str) -> None:
    otherwise: dict[str, dict[str, str]] = {}
    async with listening(database_url) as tested:
        for must, fault in by_anybody.FAULTS.items():
            tested.fault = partial(Erring, fault=fault)
            tested.clock.ahead += by_peers.LONG
            found = failed(await tested.checked())
            if found.keys() != {must}:
                otherwise[must] = found
    assert otherwise == {}


@pytest.mark.parametrize("half", [0, 1])
async def test_each_fault_that_a_peer_sees_is_found_and_nothing_else(
    database_url: str, tmp_path: Path, half: int
) -> None:
    otherwise: dict[str, dict[str, str]] = {}
    async with listening(database_url) as tested, met(tested, tmp_path) as meeting:
        quick = [must for must in MUSTS if must.id not in SLOW]
        for must, fault in [*by_peers.FAULTS.items()][half::2]:
            tested.fault = partial(Erring, fault=fault)
            tested.clock.ahead += by_peers.LONG
            musts = MUSTS if must in SLOW else quick
            waits = 2.0 if must == "K-5" else meeting.read_within_seconds
            found = failed(await tested.checked(again(meeting, waits), musts))
            if found.keys() != {must}:
                otherwise[must] = found
    assert otherwise == {}


async def test_a_hub_that_agrees_and_gives_no_token_is_found(
    database_url: str, tmp_path: Path
) -> None:
    async with listening(database_url) as tested, met(tested, tmp_path) as meeting:
        tested.fault = partial(Erring, fault=by_peers.gives_tokens_to_nobody)
        meeting.wait_seconds = 2.0
        assert failed(await tested.checked(meeting)).keys() == {"P-5"}


def test_there_is_a_hub_that_errs_for_every_must_but_these() -> None:
    """What a hub does of itself, and not as an answer: test_readers_that_err.py has most of it."""
    errs = {*by_anybody.FAULTS, *by_peers.FAULTS, "P-5"}
    checked = {must.id for must in MUSTS if isinstance(must.how, Checked)}
    assert checked - errs == {"P-4", "T-13", "R-1", "R-2", "R-3", "R-4", "V-2"}
