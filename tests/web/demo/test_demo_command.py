"""./convoke demo, as somebody meets it who has just cloned the project: three hubs, in processes."""

import itertools
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.hubs import LocalHub
from storage import hubs
from storage.embedded import is_running
from storage.engine import Database
from tests.cast import Cast
from tests.docs.pages import page
from tests.web.demo.conftest import Merrow
from web.commands._hub import OpenedHub
from web.commands.demo import NotTheDemo, opened, settings_of
from web.demo import tour
from web.demo.around import AROUND
from web.demo.voices import VOICES
from web.settings import TREE

CURL = re.compile(r"^curl .*?(?=\n\n)", re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r"^TOKEN=\$\((.*?)\)$", re.MULTILINE | re.DOTALL)
LAST_LINE = "Ctrl-C stops them; ./convoke demo starts it again with the same data.\n"
MAKING, LETTING = "Making Port Merrow ...\n", "Letting three hubs work together ...\n"
HUBS = ("Port Merrow", "Merrow Valley", "County Libraries")
STEPS = [f"({number}) " for number in (1, 2, 3, 4)]


@pytest.fixture(scope="module")
def port() -> int:
    """The first of three that are free, one after the other."""
    for _ in range(100):
        with ExitStack() as taken:
            number = 0
            for after in range(3):
                try:
                    server = socket.create_server(("127.0.0.1", number + after if number else 0))
                except OSError:
                    break
                taken.enter_context(server)
                number = number or int(server.getsockname()[1])
            else:
                return number
    raise AssertionError("No three ports are free beside one another.")


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


def running(data: Path) -> dict[int, str]:
    """The processes that name the data directory: by their number, what they were begun with."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            words = file.read_text().replace("\0", " ")
            if str(data) in words:
                found[int(file.parent.name)] = words
    return found


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
        assert process.stderr.readline() == MAKING
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
        allies, making, near, directory, waiting, events, impact, three = (
            pasted(http, curl, token) for curl in curls
        )
        # One of them keeps to its allies; those of the other hubs are listed too.
        others = [voice.name for around in AROUND for voice in around.voices]
        listed = [each["name"] for each in directory["organizations"]["nodes"]]
        assert len(listed) == len(VOICES) - 1 + len(others)
        assert set(listed) > set(others)
        assert len(allies["occurrences"]["nodes"]) == 5
        assert making["createEvent"]["userErrors"] == []
        assert making["createEvent"]["event"]["sharedWith"] == [{"name": "The Common Table"}]
        assert near["occurrences"]["totalCount"] > 20
        it_waits_for_open_door(waiting["viewer"])
        it_is_done_with_others(events)
        it_was_last_month(impact)
        somebody_signs_in(url, printed)
        three_hubs_work_together(http, port, three)
        it_was_shown(printed)
        # Nothing but a token, the body and a hub's own words is wider than a terminal.
        wide = [line for line in printed.splitlines() if len(line) > 80]
        assert all(line.startswith(("  -H 'Authorization: ", "  -d '", '  "variables"', '  >     {"message": '))
                   for line in wide if str(data) not in line)  # fmt: skip

        before, file = ids(http, port), (data / "demo.json").read_bytes()
        assert before["events"]["totalCount"] > 250
        hubs = json.loads(file)["hubs"]
        assert [hub["url"] for hub in hubs] == [url_of(port + after) for after in range(3)]
        assert [len(hub["organizations"]) for hub in hubs] == [len(VOICES), 2, 2]
        for hub in hubs:
            for app in hub["organizations"]:
                answer = http.post(
                    f"{hub['url']}/oauth/token",
                    data={"grant_type": "client_credentials", "scope": " ".join(app["scopes"])},
                    auth=(app["clientId"], app["clientSecret"]),
                )
                assert answer.status_code == 200, answer.text
        code, out, err = stopped(process, signal.SIGTERM)
    assert (code, out, err) == (0, "Stopped.\n", MAKING + LETTING)
    assert not is_running(data)
    assert running(data) == {}

    with demo(port, data) as (process, printed):
        assert ids(http, port) == before
        assert (data / "demo.json").read_bytes() == file
        token = shell_token(printed)
        again = [pasted(http, curl, token) for curl in CURL.findall(printed)]
        assert again[-4:-1] == [waiting, events, impact]
        assert again[-1]["events"]["nodes"] == three["events"]["nodes"]
        assert not any(step in printed for step in STEPS)  # they were shown before
        said = without_the_libraries(http, process, port, data)
        code, out, err = stopped(process, signal.SIGINT)
    assert (code, out, err) == (0, "Stopped.\n", "")
    assert said.startswith(
        f"County Libraries, at port {port + 2}, was ended by signal 9; why may be in {data}"
    )
    assert not is_running(data)
    assert running(data) == {}


def url_of(port: int) -> str:
    return f"http://localhost:{port}"


def three_hubs_work_together(http: httpx.Client, port: int, three: dict[str, Any]) -> None:
    """Each of them answers for all, and each is heard from by each."""
    nodes = three["events"]["nodes"]
    assert {each["origin"]["name"] for each in nodes} == set(HUBS)
    (shared,) = [each for each in nodes if each["title"] == "Soup and stories"]
    assert shared["host"] == {"name": "Valley Food Bank"}
    assert shared["origin"]["url"] == url_of(port + 1)
    readme = page("README.md")
    query, shown = readme.blocks("graphql")[-1], json.loads(readme.blocks("json")[-1])
    answer = http.post(f"{url_of(port)}/graphql", json={"query": query}).json()["data"]
    for told in (shown, answer):  # in another order on another day of the week
        told["alliance"]["events"]["nodes"].sort(key=itemgetter("title"))
        told["alliance"]["events"]["sources"].sort(key=lambda each: each["hub"]["name"])
    assert answer == shown
    for after in range(3):
        query = """{ events(filter: {search: "Soup and stories"}, first: 1) {
          nodes { summary version origin { name } hosts { nodes { status organization { slug } } } }
          sources { hub { name } status }
        } }"""
        patience = time.monotonic() + 90  # the one that was stopped looks within half a minute
        while True:
            answer = http.post(f"{url_of(port + after)}/graphql", json={"query": query})
            (event,) = answer.json()["data"]["events"]["nodes"]
            if event["summary"] == tour.WORDS[0] or time.monotonic() > patience:
                break
            time.sleep(0.5)
        # As it was changed at the first hub; the valley's is the truth of it.
        assert (event["summary"], event["origin"]["name"]) == (tour.WORDS[0], "Merrow Valley")
        places = {each["organization"]["slug"]: each["status"] for each in event["hosts"]["nodes"]}
        assert places == dict.fromkeys(
            ("valley-food-bank", "second-helping", "county-libraries"), "ACCEPTED"
        )
        sources = answer.json()["data"]["events"]["sources"]
        stands = {each["hub"]["name"]: each["status"] for each in sources}
        assert stands == dict.fromkeys(HUBS, "CURRENT") | {HUBS[after]: "LOCAL"}


def it_was_shown(printed: str) -> None:
    """The four steps, in their order, each with its answer."""
    places = [printed.index(step) for step in (*STEPS, "Port Merrow is up.")]
    assert places == sorted(places)
    one_list, edit, without, back = (
        printed[begin:end] for begin, end in itertools.pairwise(places)
    )
    for name in HUBS:
        assert f'"origin": {{"name": "{name}"}}' in one_list
        assert f'"origin": {{"name": "{name}"}}' in without
    assert edit.count(tour.WORDS[0]) == 3  # as it was answered, at its owner, and here again
    assert '"userErrors": []' in edit
    assert '"code": "PEER_UNREACHABLE"' in without
    assert '"contact": null' in without
    assert '"contact": {"email": "hello@county-libraries.example"}' in back
    assert "errors" not in back


def without_the_libraries(
    http: httpx.Client, process: subprocess.Popen[str], port: int, data: Path
) -> str:
    """Killed, it is missed: the demo says so, and the others answer for what they know of it."""
    (number,) = [each for each, words in running(data).items() if f"--port {port + 2} " in words]
    os.kill(number, signal.SIGKILL)
    assert process.stderr is not None
    assert process.stderr.readline() == MAKING
    said = process.stderr.readline()
    query = '{ events(filter: {search: "Warm room"}, first: 1) { nodes { origin { name } } } }'
    for after in range(2):
        answer = http.post(f"{url_of(port + after)}/graphql", json={"query": query})
        (event,) = answer.json()["data"]["events"]["nodes"]
        assert event["origin"]["name"] == "County Libraries"
    with pytest.raises(httpx.ConnectError):
        http.post(f"{url_of(port + 2)}/graphql", json={"query": query})
    return said


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


def test_the_ports_of_all_three_are_looked_at_before_anything_is_begun(
    port: int, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", port + 2)):
        code, out, err = refused(port, tmp_path / "data")
    assert (code, out) == (1, "")
    assert err.startswith(f"convoke: Port {port + 2} is in use. Choose another with --port")
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
