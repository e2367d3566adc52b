"""`./convoke conformance`: what it prints, and its exit codes."""

import asyncio
import json
import socket
from functools import partial
from pathlib import Path

import pytest

from tests.conformance.faults import Erring
from tests.conformance.faults_seen_by_anybody import FAULTS
from tests.conformance.hubs import GoingClock, listening
from tests.outside import SeededChance
from web.commands import main
from web.conformance.identity import kept_identity
from web.conformance.musts import MUSTS


async def ended(*arguments: str) -> object:
    """Its exit code; it has a loop of its own."""

    def run() -> object:
        with pytest.raises(SystemExit) as leaving:
            main(["conformance", *arguments])
        return leaving.value.code

    return await asyncio.to_thread(run)


async def test_a_hub_that_conforms_is_told_so_must_by_must(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(database_url) as tested:
        assert await ended(tested.url) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("passed       D-1   Each document MUST be answered to a GET")
    assert "not checked  F-2   A peer MUST be told the channel" in "\n".join(lines)
    assert lines[-1].endswith("docs/protocol.md says what each is about.")


async def test_what_fails_is_told_with_what_came_and_the_way_out(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(database_url) as tested:
        tested.fault = partial(Erring, fault=FAULTS["D-7"])
        assert await ended(tested.url) == 1
    out = capsys.readouterr().out
    assert "failed       D-7   `schema_version` MUST be" in out
    assert "came: schema_version is '2'" in out
    assert 'do: Say "1"' in out


async def test_as_a_peer_it_leaves_its_peering_and_keeps_its_keys_to_itself(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        tester = f"http://127.0.0.1:{free.getsockname()[1]}"
    kept = tmp_path / "kept" / "tester.json"
    async with listening(database_url) as tested:
        asked = (tested.url, "--as-peer", tester, "--keep", str(kept), "--wait", "10", "--json")
        code = await ended(*asked)
    found = json.loads(capsys.readouterr().out)
    assert [each for each in found["findings"] if each["verdict"] == "failed"] == []
    assert code == 0
    assert [each["id"] for each in found["findings"]] == [must.id for must in MUSTS]
    verdicts = {each["id"]: each["verdict"] for each in found["findings"]}
    assert verdicts["P-4"] == verdicts["F-18"] == verdicts["W-3"] == "passed"
    assert kept.stat().st_mode & 0o077 == 0
    clock, chance = GoingClock(), SeededChance()
    one, other = (kept_identity(kept, tester, clock, chance) for _ in range(2))
    assert one.hub_id == other.hub_id
    assert one.asking.as_dict(private=True) == other.asking.as_dict(private=True)
    assert one.agreed == {tested.service.hub.id}
    assert kept_identity(kept, "https://another.example", clock, chance).agreed == set()
    assert kept_identity(kept, tester, clock, chance).hub_id == one.hub_id


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("https://pantry.example/path",), "is no address for a hub"),
        (("https://pantry.example", "--listen", "127.0.0.1:8990"), "--listen is for --as-peer"),
        (("https://pantry.example", "--as-peer", "https://a.example"), "--listen 127.0.0.1:8990"),
        (
            ("https://pantry.example", "--as-peer", "https://a.example", "--listen", "here"),
            "--listen is a host and a port",
        ),
    ],
)
async def test_what_cannot_be_is_refused_before_anybody_is_asked(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ended(*arguments) == 1
    assert said in capsys.readouterr().err


async def test_where_nobody_is_every_document_is_missing_and_nothing_else_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        tester = f"http://127.0.0.1:{free.getsockname()[1]}"
    kept = str(tmp_path / "tester.json")
    for as_peer in ((), ("--as-peer", tester, "--keep", kept)):
        assert await ended(nobody, "--json", *as_peer) == 1
        found = json.loads(capsys.readouterr().out)
        checked = [each for each in found["findings"] if each["verdict"] != "not checked"]
        assert [each["id"] for each in checked] == ["D-1"]
        assert "check that it is running" in checked[0]["came"]
