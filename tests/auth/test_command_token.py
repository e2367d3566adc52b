"""./convoke token, against a hub that really listens."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from auth.authenticate import viewer_of
from auth.routes import routes
from tests.auth.listening import listening
from tests.auth.people import Office, bearer
from web.commands import main

Answer = Callable[[Request], Awaitable[Response]]


class Terminal:
    def __init__(self, office: Office, url: str, capture: pytest.CaptureFixture[str]) -> None:
        self.office, self.url, self.capture = office, url, capture

    async def run(self, *more: str, secret: str | None = None, code: int = 0) -> str:
        """What is printed; the server goes on answering meanwhile."""
        app = self.office.app
        arguments = ["token", "--url", self.url, "--client-id", app.client.id]
        arguments += ["--client-secret", secret or app.secret, *more]
        self.capture.readouterr()

        def asked() -> object:
            with pytest.raises(SystemExit) as leaving:
                main(arguments)
            return leaving.value.code

        found = await asyncio.to_thread(asked)
        out, err = self.capture.readouterr()
        assert (found, bool(err)) == (code, code != 0), out + err
        return err or out


@pytest.fixture
async def terminal(office: Office, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Terminal]:
    async with listening(Starlette(routes=routes(office.service, lambda _: office.desk))) as url:
        yield Terminal(office, url, capsys)


async def test_the_token_alone_is_printed_and_is_good(terminal: Terminal) -> None:
    printed = await terminal.run()
    assert printed.count("\n") == 1
    office = terminal.office
    headers = bearer(printed.strip())
    viewer = await viewer_of(headers, office.service.verifier, office.town.database)
    assert viewer.organization_id == office.town.pantry
    assert viewer.scopes == {"organizations:read", "events:read"}


async def test_for_programs_the_whole_answer_is_printed(terminal: Terminal) -> None:
    printed = await terminal.run("--scope", "events:write", "--scope", "events:read", "--json")
    answer = json.loads(printed)
    assert (answer["expires_in"], answer["scope"]) == (300, "events:read events:write")


async def test_the_secret_may_be_read_from_standard_input(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(terminal.office.app.secret + "\n"))
    assert (await terminal.run(secret="-")).startswith("ey")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "secret" in await terminal.run(secret="-", code=1)


async def test_a_refusal_is_said_in_the_hubs_own_words(terminal: Terminal) -> None:
    said = await terminal.run("--scope", "events:publish", code=1)
    assert said == (
        f"convoke: {terminal.url} gives no token: This client is not registered for "
        "events:publish: ask without, or have it registered anew.\n"
    )
    wrong = await terminal.run(secret="cvk_secret_wr:ng%", code=1)
    assert "Unknown client, or not its secret." in wrong
    assert "cvk_secret" not in wrong


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, "<html>hello</html>", "is no hub: it answered 200"),
        (200, "[]", "is no hub"),
        (200, '{"access_token": 1}', "is no hub"),
        (404, "nothing", "is no hub: it answered 404"),
        (500, "[" * 50_000, "is no hub"),
        (400, '{"error": "made\\u001b[31mup\\n"}', "gives no token: made[31mup\n"),
        (200, "a" * 70_000, "larger than"),
    ],
)
async def test_a_server_that_is_no_hub_is_not_believed(
    office: Office, capsys: pytest.CaptureFixture[str], status: int, body: str, says: str
) -> None:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse(body, status)

    async with listening(Starlette(routes=[Route("/oauth/token", answer, methods=["POST"])])) as at:
        assert says in await Terminal(office, at, capsys).run(code=1)


async def test_the_secret_does_not_leave_over_plain_http_or_along_a_redirect(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[str] = []

    async def elsewhere(request: Request) -> Response:
        heard.append(request.headers["authorization"])
        return PlainTextResponse("{}")

    async def sends_on(request: Request) -> Response:
        return Response(status_code=307, headers={"location": "/elsewhere"})

    moved = [
        Route("/oauth/token", sends_on, methods=["POST"]),
        Route("/elsewhere", elsewhere, methods=["POST"]),
    ]
    async with listening(Starlette(routes=moved)) as at:
        assert "sends us on" in await Terminal(office, at, capsys).run(code=1)
    assert heard == []
    assert "https" in await Terminal(office, "http://hub.example", capsys).run(code=1)
