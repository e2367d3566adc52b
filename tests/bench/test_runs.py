"""Runs of the benchmark: answers are compared first, everything asked is counted, all is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import report, results
from bench.agree import Disagreement, difference, normal, require_agreement
from bench.bodies import QUESTIONS, bodies
from bench.compare import Compared, Measure, agreed, compare
from bench.contest import LIMIT, OURS, Left, contestants, limit, ours
from bench.growth import DEEP_PAGE, GrowthPlan, grow
from bench.load import Order
from bench.machine import this_machine
from bench.memory import MemoryPlan, remember
from bench.peers import PEERS
from bench.processes import NotStarted, Running, Server, loading, post, running, used
from bench.tokens import WAYS, TokenPlan, check_tokens
from tests.bench.small import PLAN, SMALL, Made, silent
from web.settings import TREE


def written(directory: Path, name: str, lines: list[bytes]) -> str:
    path = directory / name
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


def test_ours_and_the_limit_give_the_same_bytes(both: tuple[Running, Running]) -> None:
    own, least = both
    for question in QUESTIONS:
        for body in list(bodies(question, SMALL))[:20]:
            answers = [post(each.port, each.server.path, body) for each in (own, least)]
            assert answers[0] == answers[1]


def test_a_comparison_measures_every_cell_and_the_report_tells_it(
    made: Made, tmp_path: Path
) -> None:
    told: list[str] = []
    servers = [ours(made.url), limit(made.url)]
    left = [Left("apollo", "npm is not here.")]

    done = compare(PLAN, servers, left, made.postgres_pid, tmp_path, told.append)

    assert {(m.question, m.connections, m.server) for m in done.measures} == {
        (question, connections, server)
        for question in QUESTIONS
        for connections in (1, 16)
        for server in (OURS, LIMIT)
    }
    assert all(m.errors == 0 and m.per_second > 0 and m.p99 >= m.p50 for m in done.measures)
    results.keep(tmp_path, "compare", this_machine("18.4"), done, quick=True)
    kept = results.all_of(tmp_path)
    assert kept.compare is not None
    assert kept.compare.done == done
    page = report.written(kept)
    for said in ("EventById", "0.6 of the limit", "Without apollo: npm is not here.", "18.4"):
        assert said in page
    assert "Not measured yet: `./convoke bench growth` adds it." in page
    assert told[0] == "The answers agree (10 of each question): convoke, limit."


def test_a_server_that_answers_otherwise_ends_the_run_before_anything_is_measured(
    both: tuple[Running, Running],
) -> None:
    own, least = both
    asked = list(bodies("q1", SMALL))
    with pytest.raises(Disagreement, match=r"limit answers otherwise than convoke, q1 number 0"):
        require_agreement(own, least, "q1", [(asked[0], asked[1])])
    unknown = asked[0].replace(b"EventById", b"Unheard")
    with pytest.raises(Disagreement, match="limit answers"):
        require_agreement(own, least, "q1", [(asked[0], unknown)])
    agreed(PLAN, both, silent)


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "at q.a[1].b: 2.0, and 3.0"),
        ({"a": [1]}, {"a": [1, 2]}, "at q.a: a list of 1, and a list of 2"),
        ({"a": 1}, {"b": 1}, "at q: an object of a, and an object of b"),
        ({"a": None}, {"a": 0}, "at q.a: None, and 0.0"),
        ({"a": True}, {"a": 1}, "at q.a: True, and 1.0"),
        ({"at": "2027-01-01T10:00:00Z"}, {"at": "2027-01-01T12:00:00.5+02:00"}, None),
        ({"at": "2027-01-01T10:00:00Z"}, {"at": "2027-01-01T11:00:00Z"}, "at q.at: "),
        ({"endCursor": "x", "lat": 5}, {"endCursor": "y", "lat": 5.0}, None),
        ({"endCursor": "x"}, {"endCursor": None}, "at q.endCursor: a cursor, and None"),
    ],
)
def test_what_may_differ_is_put_aside_and_nothing_else(
    one: object, other: object, place: str | None
) -> None:
    found = difference(normal(one), normal(other), "q")
    assert found is None if place is None else found is not None and found.startswith(place)


def test_the_load_counts_answers_and_those_that_are_none(
    both: tuple[Running, Running], tmp_path: Path
) -> None:
    own, least = both
    good = next(bodies("q1", SMALL))
    mixed = written(tmp_path, "mixed", [good, good.replace(b"title", b"titel")])
    with loading() as load:
        told = load(Order(own.port, "/graphql", mixed, 2, 20, requests=40))
        assert (told.requests, told.errors) == (40, 20)
        told = load(Order(least.port, "/graphql", written(tmp_path, "good", [good]), 3, 0.1))
        assert told.errors == 0
        assert told.bytes > told.requests * 500
        with pytest.raises(NotStarted, match="Nobody answers"):
            load(Order(least.port, "/graphql", mixed, 1, 20, requests=0))


def test_what_a_server_used_is_read_of_it_and_of_all_it_started(
    both: tuple[Running, Running], tmp_path: Path
) -> None:
    own, _ = both
    file = written(tmp_path, "bodies", list(bodies("q3", SMALL)))
    before = used(own.pid)
    with loading() as load:
        load(Order(own.port, "/graphql", file, 4, 20, requests=300))
    after = used(own.pid)
    assert after.cpu_seconds > before.cpu_seconds
    assert after.memory_bytes > 20_000_000


def test_growth_asks_hubs_of_each_size_and_goes_deep_where_a_list_is_long(
    made: Made, tmp_path: Path
) -> None:
    plan = GrowthPlan(
        sizes=(SMALL.events,), rounds=1, seconds=0.1, pages=3,
        organizations=SMALL.organizations, groups=SMALL.groups, alliances=SMALL.alliances,
    )  # fmt: skip
    done = grow(plan, {SMALL.events: made.url}, made.postgres_pid, tmp_path, silent)
    assert all(each.errors == 0 for each in done.measures)
    assert done.middle(DEEP_PAGE, SMALL.events, "p50")
    results.keep(tmp_path, "growth", this_machine("18.4"), done, quick=True)
    kept = results.all_of(tmp_path).growth
    assert kept is not None
    assert kept.done == done
    assert "Its page after 3 others" in report.written(results.all_of(tmp_path))


def test_memory_is_sampled_over_many_documents(made: Made, tmp_path: Path) -> None:
    plan = MemoryPlan(scale=SMALL, requests=80, documents=20, connections=4, samples=4)
    done = remember(plan, made.url, made.postgres_pid, tmp_path, silent)
    assert [each.requests for each in done.samples] == [20, 40, 60, 80]
    assert [each.errors for each in done.samples] == [0, 0, 0, 0]
    results.keep(tmp_path, "memory", this_machine("18.4"), done, quick=True)
    page = report.written(results.all_of(tmp_path))
    assert "80 requests of 20 different documents" in page


def test_tokens_are_checked_in_every_way_and_the_report_tells_it(
    made: Made, tmp_path: Path
) -> None:
    done = check_tokens(TokenPlan(tokens=20, rounds=2), made.server, silent)
    assert [each.way for each in done.checks] == [*WAYS, *WAYS]
    assert all(each.microseconds > 0 for each in done.checks)
    results.keep(tmp_path, "tokens", this_machine("18.4"), done, quick=True)
    kept = results.all_of(tmp_path)
    assert kept.tokens is not None
    assert kept.tokens.done == done
    page = report.written(kept)
    assert "2 rounds of 20 new tokens each" in page
    assert [way for way in WAYS if f"| {way} | " in page] == list(WAYS)


def test_a_server_that_does_not_start_is_told_with_where_its_words_are(tmp_path: Path) -> None:
    broken = Server("broken", ["false"])
    with (
        pytest.raises(NotStarted, match=r"broken does not answer .* is in .*broken\.log"),
        running(broken, b"{}", tmp_path / "broken.log"),
    ):
        raise AssertionError


def test_who_is_not_asked_for_is_left_out_by_name(made: Made, tmp_path: Path) -> None:
    servers, left = contestants(made.server, made.name, tmp_path, [LIMIT], silent)
    assert [each.name for each in servers] == [OURS, LIMIT]
    assert {each.name for each in left} == PEERS.keys()
    assert {each.why for each in left} == {"It was not asked for."}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--servers", "limit,appolo"], "There is no server appolo. There are convoke, limit, "),
        (["--only", "q4"], "There is no question q4. There are q1, q2, q3."),
    ],
)
def test_a_name_that_is_none_is_refused_before_anything_is_made(
    words: list[str], said: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    command = [sys.executable, str(TREE), "bench", *words, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"convoke: {said}")
    assert not data.exists()


def test_the_report_says_what_each_server_is() -> None:
    assert report.SAID_OF.keys() == {OURS, LIMIT, *PEERS}


def test_a_ratio_is_taken_within_a_round_and_the_median_told() -> None:
    """A machine that is slow for a round is slow for both."""
    per_second = {OURS: (10.0, 100.0, 30.0), LIMIT: (20.0, 400.0, 60.0)}
    measures = [
        Measure(number, "q1", 16, server, speed, 1, 2, 0, 100, 10, 10)
        for server, speeds in per_second.items()
        for number, speed in enumerate(speeds)
    ]
    done = Compared(PLAN, {OURS: {}, LIMIT: {}}, [], measures)
    assert done.ratio("q1", 16, LIMIT) == 0.5
    assert done.middle("q1", 16, LIMIT, "per_second") == 60.0
