"""Hubs in the benchmark: one mirrors another, a change is seen there, idle peers are read and read."""

from pathlib import Path

from bench import report, results
from bench.hubs import HubsPlan, Together, work_together
from bench.hubs_report import last
from bench.machine import this_machine
from tests.bench.small import Made, silent

TINY = HubsPlan(
    events=200,
    rsvps=100,
    organizations=20,
    groups=20,
    alliances=5,
    changes=2,
    peers=3,
    settle_seconds=0.0,
    idle_seconds=0.5,
)


def test_hubs_are_measured_and_the_report_tells_it(made: Made, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    databases = "select datname from pg_database where datname like 'bench\\_of%'"

    done = work_together(TINY, made.server, made.postgres_pid, tmp_path, silent)

    assert isinstance(done, Together)
    # 85 in a hundred events are for everybody, and so is every organization, group and alliance.
    assert 45 + 150 < done.mirror.changes < 45 + 195
    assert 150 < done.bare.events < 195
    assert len(done.delays) == 2
    assert min(done.delays) > 0
    assert min(done.mirror.seconds, done.mirror.owner, done.mirror.reader, done.bare.seconds) > 0
    assert made.ask(databases) == []
    results.keep(tmp_path, "hubs", this_machine("18.4"), done, quick=True)
    kept = results.all_of(tmp_path)
    assert kept.hubs is not None
    assert kept.hubs.done == done
    page = report.written(kept)
    for said in ("## Hubs", "3 idle peers", f"{done.mirror.changes:,} things", "Not measured yet"):
        assert said in page
    assert report.written(results.Results(), page) == page  # measured elsewhere, and kept
    assert "`./convoke bench hubs` adds it" in report.written(results.Results(), "# Something else")


def test_the_slowest_one_in_a_hundred_is_told() -> None:
    assert last([7.0]) == 7.0
    assert 98 <= last([float(each) for each in range(1, 101)]) <= 100
