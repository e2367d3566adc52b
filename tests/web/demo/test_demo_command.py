"""./convoke demo, as somebody meets it who has just cloned the project."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.hubs import LocalHub
from storage import hubs
from storage.embedded import is_running
from storage.engine import Database
from tests.cast import Cast
from tests.web.demo.conftest import Merrow
from web.commands._hub import OpenedHub
from web.commands.demo import NotTheDemo, opened, settings_of
from web.demo.voices import VOICES
from web.settings import TREE

CURL = re.compile(r"^curl .*?(?=\n\n)", re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r"^TOKEN=\$\((.*?)\)$", re.MULTILINE | re.DOTALL)
LAST_LINE = "Ctrl-C stops it; ./convoke demo starts it again with the same data.\n"


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number: int = taken.getsockname()[1]
    return number


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """One for all: each would read the certificates of the whole world anew."""
    with httpx.Client() as client:
        yield client


def command(port: int, data: Path) -> list[str]:
    return [sys.executable, str(TREE), "demo", "--port", str(port), "--data", str(data)]


@contextmanager
def started(port: int, data: Path) -> Iterator[subprocess.Popen[str]]:
    """As a shell starts it; a database of somebody's own in the environment is not touched."""
    surroundings = {name: value for name, value in os.environ.items() if name[:8] != "CONVOKE_"}
    with subprocess.Popen(
        command(port, data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=surroundings | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def demo(port: int, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Running, with what it printed."""
    with started(port, data) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line == LAST_LINE:
                break
        else:
            raise AssertionError(process.communicate())
        yield process, printed


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def refused(port: int, data: Path) -> tuple[int, str, str]:
    done = subprocess.run(command(port, data), capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def shell_token(printed: str) -> str:
    """What the shell calls $TOKEN: got by the printed command."""
    found = TOKEN.search(printed)
    assert found is not None
    launcher, *words = shlex.split(found[1].replace("\\\n", ""))
    assert launcher == "./convoke"
    done = subprocess.run(
        [sys.executable, str(TREE), *words], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def pasted(http: httpx.Client, curl: str, token: str = "") -> dict[str, Any]:
    """What the printed command answers."""
    words = [word.replace("$TOKEN", token) for word in shlex.split(curl.replace("\\\n", ""))]
    assert words[0] == "curl"
    if words[1] == "-iG":
        name, _, value = words[words.index("-d") + 1].partition("=")
        kept = http.get(words[2], params={name: value})
        assert (kept.status_code, bool(kept.headers["etag"])) == (200, True), kept.text
        answered: dict[str, Any] = kept.json()["data"]
        return answered
    headers = [words[i + 1] for i, word in enumerate(words) if word == "-H"]
    body = words[words.index("-d") + 1]
    answer = http.post(
        words[1], content=body, headers=dict(header.split(": ", 1) for header in headers)
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert "errors" not in found, found
    data: dict[str, Any] = found["data"]
    return data


def ids(http: httpx.Client, port: int) -> dict[str, Any]:
    """What everybody sees of the city."""
    query = (
        "{ organizations(first: 100) { nodes { id slug } } alliances { nodes { id } }"
        " events(first: 100) { totalCount nodes { id title startsAt } } }"
    )
    answer = http.post(f"http://localhost:{port}/graphql", json={"query": query})
    found: dict[str, Any] = answer.json()["data"]
    return found


def test_interrupted_while_it_makes_the_city_it_ends_in_order(port: int, data: Path) -> None:
    """The next test's start goes on from there."""
    with started(port, data) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "Making Port Merrow ...\n"
        code, out, err = stopped(process, signal.SIGTERM)
    assert (code, err) == (130, "")
    assert out == "\nStopped before it was ready. ./convoke demo goes on from there.\n"
    assert not is_running(data)


def test_what_it_prints_can_be_pasted_and_what_it_writes_works(
    port: int, data: Path, http: httpx.Client
) -> None:
    with demo(port, data) as (process, printed):
        url = f"http://localhost:{port}"
        assert f"  Explorer   {url}/graphql\n" in printed
        assert f"  Data       {data}\n" in printed
        token = shell_token(printed)
        curls = CURL.findall(printed)
        allies, making, near, directory, waiting, events, impact = (
            pasted(http, curl, token) for curl in curls
        )
        # One of them keeps to its allies.
        assert len(directory["organizations"]["nodes"]) == len(VOICES) - 1
        assert len(allies["occurrences"]["nodes"]) == 5
        assert making["createEvent"]["userErrors"] == []
        assert making["createEvent"]["event"]["sharedWith"] == [{"name": "The Common Table"}]
        assert near["occurrences"]["totalCount"] > 20
        it_waits_for_open_door(waiting["viewer"])
        it_is_done_with_others(events)
        it_was_last_month(impact)
        somebody_signs_in(url, printed)
        # Nothing but a token and the body is wider than a terminal.
        wide = [line for line in printed.splitlines() if len(line) > 80]
        assert all(line.startswith(("  -H 'Authorization: ", "  -d '", '  "variables"'))
                   for line in wide if str(data) not in line)  # fmt: skip

        before, file = ids(http, port), (data / "demo.json").read_bytes()
        assert before["events"]["totalCount"] > 250
        (hub,) = json.loads(file)["hubs"]
        assert hub["url"] == url
        assert len(hub["organizations"]) == len(VOICES)
        for app in hub["organizations"]:
            answer = http.post(
                f"{url}/oauth/token",
                data={"grant_type": "client_credentials", "scope": " ".join(app["scopes"])},
                auth=(app["clientId"], app["clientSecret"]),
            )
            assert answer.status_code == 200, answer.text
        code, out, err = stopped(process, signal.SIGTERM)
    assert (code, out, err) == (0, "Stopped.\n", "Making Port Merrow ...\n")
    assert not is_running(data)

    with demo(port, data) as (process, printed):
        assert ids(http, port) == before
        assert (data / "demo.json").read_bytes() == file
        token = shell_token(printed)
        again = [pasted(http, curl, token) for curl in CURL.findall(printed)]
        assert again[-3:] == [waiting, events, impact]
        code, out, err = stopped(process, signal.SIGINT)
    assert (code, out, err) == (0, "Stopped.\n", "Making Port Merrow ...\n")
    assert not is_running(data)


def it_waits_for_open_door(viewer: dict[str, Any]) -> None:
    """Something of each kind, with what can be done about it."""
    places = viewer["organization"]["alliances"]["nodes"]
    by_name = {place["alliance"]["name"]: place for place in places}
    asked = by_name["Roofs & Rights"]
    assert (asked["status"], asked["nextActions"]) == ("INVITED", ["respondToAllianceMembership"])
    lacking = by_name["Merrow Commons"]
    assert lacking["status"] == "ACTIVE"
    assert lacking["missingAgreements"] == [{"title": "Code of the Commons"}]
    voted_on = by_name["The Common Table"]["alliance"]["proposals"]["nodes"]
    assert [one["nextActions"] for one in voted_on] == [["castBallot"], ["castBallot"]]
    requests = {
        group["name"]: group["requests"]["nodes"]
        for group in viewer["organization"]["groups"]["nodes"]
    }
    (asking,) = requests["Befrienders"]
    assert asking["nextActions"] == ["respondToGroupMembership"]
    (offered,) = viewer["handovers"]["nodes"]
    assert offered["nextActions"] == ["respondToHandover"]


def it_is_done_with_others(events: dict[str, Any]) -> None:
    shared, full, twice = events["shared"], events["full"], events["twice"]
    hosts = {
        host["organization"]["name"]: (host["status"], host["mayEdit"], host["nextActions"])
        for host in shared["hosts"]["nodes"]
    }
    assert hosts == {
        "Second Helping Food Bank": ("ACCEPTED", "ALL", []),
        "Ayuda Mutua del Sur / Southside Mutual Aid": ("ACCEPTED", "DETAILS", []),
        "Open Door Refugee Welcome": ("INVITED", "DETAILS", ["respondToEventHost"]),
    }
    assert (full["capacity"], full["remainingCapacity"]) == (8, 0)
    assert full["attendance"] == {"accepted": 8, "waitlisted": 3}
    (other,) = twice
    assert other["score"] > 0.6
    assert "same place" in other["reasons"]
    assert other["event"]["title"] == "Lanterns and brass at Lighthouse Point"


def it_was_last_month(impact: dict[str, Any]) -> None:
    """Whatever of the demo's usual weeks lies in that month too, of which nothing was recorded."""
    own, allied = impact["viewer"]["organization"]["impact"], impact["alliance"]["impact"]
    assert own["eventsHeld"] >= 3
    assert (own["peopleConnected"], own["firstTimers"], own["turnout"]) == (14, 14, 0.8333)
    assert own["newConnections"] > own["crossOrganizationConnections"] > 0
    assert own["returnRate"] == 0.4286
    assert 0 < own["coverage"] < 1
    assert allied["eventsHeld"] >= 5
    assert allied["peopleConnected"] >= 25
    assert allied["returnRate"] > 0
    assert 0 < allied["coverage"] < 1


async def test_another_port_s_demo_is_told_with_the_way_out(merrow: Merrow) -> None:
    before = merrow.hub
    settings = settings_of(8100, Path("/demo"))
    with pytest.raises(NotTheDemo) as refusal:
        await opened(OpenedHub(settings, merrow.database))
    assert refusal.value.message == (
        "/demo belongs to localhost:8055, whose name stands in every id. Start it with --port "
        "8055, or name another directory with --data."
    )
    assert await hub_of(merrow.database) == before


async def test_a_real_hub_is_not_filled_with_the_demo(
    database: Database, hub: LocalHub, cast: Cast
) -> None:
    settings = replace(settings_of(8000, Path("/pantry")), base_url=hub.url)
    with pytest.raises(NotTheDemo) as refusal:
        await opened(OpenedHub(settings, database))
    assert refusal.value.message == (
        "/pantry holds another hub, that of Harbor Shelter. Name a directory of the demo's own "
        "with --data."
    )
    assert await hub_of(database) == hub


async def hub_of(database: Database) -> LocalHub | None:
    async with database.reading() as db:
        return await hubs.local(db)


@pytest.mark.parametrize(
    ("port", "directory"), [(8000, ".convoke/demo"), (8100, ".convoke/demo-8100")]
)
def test_each_port_has_a_directory_of_its_own_and_no_settings_of_a_real_hub(
    port: int, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anna@db.example/hub")
    monkeypatch.setenv("CONVOKE_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("CONVOKE_BASE_URL", "https://hub.example")
    monkeypatch.setenv("CONVOKE_LIMIT_DEPTH", "7")
    settings = settings_of(port, None)
    assert settings.data == TREE / directory
    assert (settings.base_url, settings.host) == (f"http://localhost:{port}", "localhost")
    assert (settings.database_url, settings.secret_key) == (None, None)
    assert settings.limits.depth == 7


def test_a_port_in_use_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        code, out, err = refused(number, tmp_path / "data")
    assert (code, out) == (1, "")
    assert err.startswith(f"convoke: Port {number} is in use. Choose another with --port")
    assert not (tmp_path / "data").exists()


def somebody_signs_in(url: str, printed: str) -> None:
    """As the printout says: at the page that it names, by the letter in the demo's outbox."""
    said = re.search(
        r"  Sign in as (?P<address>\S+)\n +at (?P<page>\S+)\n  Read it at (?P<outbox>\S+)\n",
        printed,
    )
    assert said is not None
    with httpx.Client(base_url=url) as browser:
        page = browser.get(said["page"])
        asked = {"address": said["address"], "form_token": form_token(page)}
        assert browser.post("/account/sign-in/letter", data=asked).status_code == 303
        letter = re.search(
            r"/account/sign-in/link\?letter=([\w-]+)", browser.get(said["outbox"]).text
        )
        assert letter is not None
        page = browser.get("/account/sign-in/link", params={"letter": letter[1]})
        pressed = {"letter": letter[1], "form_token": form_token(page)}
        home = browser.post("/account/sign-in/link", data=pressed, follow_redirects=True)
        assert home.status_code == 200
        assert "Nour al-Khatib" in home.text


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]
