"""./convoke token for a person: a code at the terminal, Anna's answer in her browser."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth import device
from auth.built_in import ensure_built_in
from auth.routes import routes
from domain.errors import Invalid
from federation.client import OutgoingClient, OutgoingSettings
from storage.credential_tables import device_codes, grants
from tests.auth.letting_in import Doorstep
from tests.auth.listening import listening
from tests.outside import StandingClock
from web.commands import _letting_in, main
from web.commands._asking_a_hub import Hub, NoToken

READS = ("events:read",)


class Terminal:
    """`answers` is what somebody does while the command line waits."""

    def __init__(self, doorstep: Doorstep, hub: Hub, clock: StandingClock) -> None:
        self.doorstep, self.hub, self.clock = doorstep, hub, clock
        self.waited: list[float] = []
        self.answers: list[Callable[[str], Awaitable[object]]] = []

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.forward(seconds=seconds)
        if self.answers:
            await self.answers.pop(0)(await self.code())

    async def code(self) -> str:
        async with self.doorstep.office.town.database.reading() as db:
            newest = select(device_codes.c.user_code).order_by(device_codes.c.created_at.desc())
            code: str = (await db.scalars(newest.limit(1))).one()
        return code

    async def nobody(self, _code: str) -> None:
        """The person is still looking for their glasses."""

    async def anna_allows(self, code: str) -> None:
        await self.allows(code, "events:read", "offline_access")

    async def anna_allows_it_once(self, code: str) -> None:
        await self.allows(code, "events:read")

    async def allows(self, code: str, *ticked: str) -> None:
        doorstep, desk = self.doorstep, self.doorstep.office.desk
        asked = await device.waiting(desk, code)
        given = set(ticked) & set(asked.scopes)
        await device.allow(desk, doorstep.anna, code, doorstep.pantry, given)

    async def anna_refuses(self, code: str) -> None:
        await device.deny(self.doorstep.office.desk, self.doorstep.anna, code)

    async def standing(self) -> int:
        """How many authorizations last."""
        async with self.doorstep.office.town.database.reading() as db:
            those = select(func.count()).where(
                grants.c.person_id.is_not(None), grants.c.revoked_at.is_(None)
            )
            return await db.scalar(those) or 0

    def person_of(self, answer: dict[str, str]) -> str | None:
        return self.doorstep.office.service.verifier.verified(answer["access_token"]).person_id


@pytest.fixture
async def terminal(doorstep: Doorstep, clock: StandingClock) -> AsyncIterator[Terminal]:
    office = doorstep.office
    await ensure_built_in(office.town.database, clock)
    app = Starlette(routes=routes(office.service, lambda _: office.desk))
    way_out = OutgoingClient(OutgoingSettings(allow_loopback=True))
    async with listening(app) as url, way_out as client:
        yield Terminal(doorstep, Hub(client, url), clock)


async def test_anna_answers_and_the_token_speaks_for_her(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.answers = [terminal.nobody, terminal.nobody, terminal.anna_allows]
    answer = await _letting_in.token_of_person(terminal.hub, READS, terminal.wait)
    assert terminal.person_of(answer) == terminal.doorstep.anna.person_id
    assert answer["scope"] == "events:read"
    assert "refresh_token" not in answer
    assert terminal.waited == [5, 5, 5]
    out, told = capsys.readouterr()
    assert out == "", "what is printed is the token alone"
    code = device.shown(await terminal.code())
    for words in ("http://hub.test/device", code, "10 minutes"):
        assert words in told


async def test_the_command_prints_the_token_alone(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its own time: it waits for five seconds, once."""

    def run() -> object:
        with pytest.raises(SystemExit) as leaving:
            main(["token", "--url", terminal.hub.url, "--scope", "events:read"])
        return leaving.value.code

    running = asyncio.create_task(asyncio.to_thread(run))
    async with asyncio.timeout(30):
        while not running.done():
            async with terminal.doorstep.office.town.database.reading() as db:
                waits = await db.scalar(select(func.count()).select_from(device_codes))
            if waits and not await terminal.standing():
                await terminal.anna_allows(await terminal.code())
            await asyncio.wait([running], timeout=0.2)
    assert await running == 0
    out, told = capsys.readouterr()
    assert out.count("\n") == 1
    person = terminal.person_of({"access_token": out.strip()})
    assert person == terminal.doorstep.anna.person_id
    assert "/device" in told


async def test_a_refusal_and_silence_are_said_plainly(terminal: Terminal) -> None:
    terminal.answers = [terminal.anna_refuses]
    with pytest.raises(NoToken, match="did not allow it"):
        await _letting_in.token_of_person(terminal.hub, READS, terminal.wait)
    terminal.waited.clear()
    with pytest.raises(NoToken, match="in time"):
        await _letting_in.token_of_person(terminal.hub, READS, terminal.wait)
    assert sum(terminal.waited) == 600
    with pytest.raises(NoToken, match="There is no scope events:all"):
        await _letting_in.token_of_person(terminal.hub, ["events:all"], terminal.wait)
    assert await terminal.standing() == 0


async def test_it_waits_longer_where_it_is_told_to(terminal: Terminal) -> None:
    async def impatient(seconds: float) -> None:
        """Its clock runs twice as fast as the hub's."""
        terminal.waited.append(seconds)
        terminal.clock.forward(seconds=seconds / 2)
        if len(terminal.waited) == 4:
            await terminal.anna_allows(await terminal.code())

    await _letting_in.token_of_person(terminal.hub, READS, impatient)
    assert terminal.waited == [5, 5, 10, 15]


async def test_what_is_kept_gets_the_next_token_without_a_browser(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "kept.json"
    terminal.answers = [terminal.anna_allows]
    first = await _letting_in.token_kept(terminal.hub, READS, file, terminal.wait)
    assert "refresh_token" not in first, "it is in the file, and nowhere else"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = [file.read_text()]
    for _ in range(3):
        answer = await _letting_in.token_kept(terminal.hub, (), file, terminal.wait)
        assert terminal.person_of(answer) == terminal.doorstep.anna.person_id
        kept.append(file.read_text())
    assert len(set(kept)) == 4, "each is good for one time"
    assert terminal.waited == [5]
    assert await terminal.standing() == 1


async def test_two_commands_at_once_do_not_take_each_other_for_thieves(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "kept.json"
    terminal.answers = [terminal.anna_allows]
    await _letting_in.token_kept(terminal.hub, READS, file, terminal.wait)

    def another() -> str:
        async def asked() -> str:
            async with OutgoingClient(OutgoingSettings(allow_loopback=True)) as client:
                hub = Hub(client, terminal.hub.url)
                answer = await _letting_in.token_kept(hub, READS, file, asyncio.sleep)
                return str(answer["access_token"])

        return asyncio.run(asked())

    tokens = await asyncio.gather(*(asyncio.to_thread(another) for _ in range(4)))
    assert len(set(tokens)) == 4
    assert await terminal.standing() == 1


async def test_what_was_ended_is_asked_for_again(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    terminal.answers = [terminal.anna_allows, terminal.anna_allows_it_once]
    await _letting_in.token_kept(terminal.hub, READS, file, terminal.wait)
    async with terminal.doorstep.office.town.database.writing() as db:
        await db.execute(grants.update().values(revoked_at=terminal.clock.now()))
    await _letting_in.token_kept(terminal.hub, READS, file, terminal.wait)
    assert terminal.waited == [5, 5]
    assert json.loads(file.read_text())["refresh_token"] is None, "she let it in, and not to stay"


async def test_what_is_kept_is_forgotten_at_the_hub_too(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    terminal.answers = [terminal.anna_allows]
    await _letting_in.token_kept(terminal.hub, READS, file, terminal.wait)
    await _letting_in.forget(file, lambda url: Hub(terminal.hub.client, url))
    assert not file.exists()
    assert await terminal.standing() == 0


async def test_no_other_file_is_written_over(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    for text in ("Dear Anna", "[1]", '{"hub": 1, "refresh_token": "x"}', "{}"):
        file.write_text(text)
        with pytest.raises(Invalid, match="something else"):
            await _letting_in.token_kept(terminal.hub, READS, file, terminal.wait)
        assert file.read_text() == text
    link = tmp_path / "link"
    link.symlink_to(file)
    for elsewhere in (link, tmp_path / "no" / "folder", tmp_path):
        with pytest.raises(Invalid, match="cannot be used"):
            await _letting_in.token_kept(terminal.hub, READS, elsewhere, terminal.wait)
    assert terminal.waited == []


def refusal_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as leaving:
        main(["token", "--url", "http://127.0.0.1:9", *arguments])
    assert leaving.value.code == 1
    return capsys.readouterr().err


def test_what_makes_no_sense_is_said_before_anybody_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = ("--client-id", "app_1", "--client-secret", "x")
    assert "for a person" in refusal_of(capsys, *app, "--stay", "kept")
    assert "for a person" in refusal_of(capsys, *app, "--forget")
    assert "--stay FILE" in refusal_of(capsys, "--forget")
    assert "client create" in refusal_of(capsys, "--client-id", "app_1")
    assert "client create" in refusal_of(capsys, "--client-secret", "x")
