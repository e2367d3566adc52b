"""Our own hub keeps to docs/protocol.md, as far as anybody can see from outside."""

from pathlib import Path

from tests.conformance.hubs import failed, listening, met
from web.conformance.musts import MUSTS, Checked
from web.conformance.running import Verdict


async def test_a_stranger_finds_nothing_amiss(database_url: str) -> None:
    async with listening(database_url) as tested:
        found = await tested.checked()
        assert failed(found) == {}
        left = {name: one.came for name, one in found.items() if one.verdict is not Verdict.PASSED}
        assert left.keys() == {must.id for must in MUSTS if must.how is not Checked.ALWAYS}, left


async def test_a_peer_finds_nothing_amiss(database_url: str, tmp_path: Path) -> None:
    async with listening(database_url) as tested, met(tested, tmp_path) as meeting:
        found = await tested.checked(meeting)
        assert failed(found) == {}
        left = {name: one.came for name, one in found.items() if one.verdict is not Verdict.PASSED}
        assert left.keys() == {must.id for must in MUSTS if isinstance(must.how, str)}, left
