"""What is told of hubs (`bench/hubs.py`): three aims, and where the time of a first mirror goes."""

from collections.abc import Iterator
from statistics import median, quantiles

from bench.hubs import Together
from bench.tables import Cells, table

MOST_MILLISECONDS, LEAST_A_SECOND, MOST_OF_A_PROCESSOR = 300.0, 5_000.0, 0.02


def together(done: Together) -> Iterator[str]:
    plan, mirror, idle = done.plan, done.mirror, done.idle
    delay, a_second = median(done.delays), mirror.changes / mirror.seconds
    peers = idle.service + idle.postgres - idle.service_alone - idle.postgres_alone
    yield (
        "Two services in processes of their own, as `./convoke serve` starts them, on one PostgreSQL "
        f"and one machine: the first holds {plan.events:,} events and what belongs to them, and the "
        "second begins with nothing. A delay is from when an event is asked to be created at the one "
        "until the other answers with it. Idle peers are a process of their own that is not counted; "
        "they read and are read each half minute.\n"
    )
    rows: list[Cells] = [
        (
            f"A change is seen elsewhere (the median of {len(done.delays)})",
            f"under {MOST_MILLISECONDS:g} ms",
            f"{delay:.0f} ms",
            "met" if delay < MOST_MILLISECONDS else "not met",
        ),
        (
            f"A first mirror of {mirror.changes:,} things",
            f"{LEAST_A_SECOND:,.0f} a second",
            f"{a_second:,.0f} a second, in {mirror.seconds:.0f} s",
            "met" if a_second >= LEAST_A_SECOND else "not met",
        ),
        (
            f"{plan.peers} idle peers, with PostgreSQL's part",
            f"under {MOST_OF_A_PROCESSOR:.0%} of a processor",
            f"{peers:.2%}",
            "met" if peers < MOST_OF_A_PROCESSOR else "not met",
        ),
    ]
    yield table(("", "Aim", "Measured", ""), rows)
    yield f"The slowest one in a hundred changes was seen after {last(done.delays):,.0f} ms.\n"
    yield from limits(done)


def last(delays: list[float]) -> float:
    return quantiles(delays, n=100, method="inclusive")[98] if len(delays) > 1 else delays[0]


def limits(done: Together) -> Iterator[str]:
    """What a first mirror takes of the machine, and what no reader could do without."""
    mirror, bare = done.mirror, done.bare
    yield "Processor time of the first mirror, for each thing that was mirrored:\n"
    parts = (
        ("The first hub, which tells", mirror.owner),
        ("The second hub, which reads strictly and writes", mirror.reader),
        ("PostgreSQL, for both", mirror.postgres),
    )
    yield table(
        ("", "µs"),
        [(name, f"{seconds / mirror.changes * 1e6:,.0f}") for name, seconds in parts],
    )
    both = bare.events / (bare.seconds + bare.words_seconds)
    yield (
        f"The same {bare.events:,} events with their dates, hosts and shares, copied from tables beside "
        "them by one statement a table, without a service or a trigger, are written at "
        f"{bare.events / bare.seconds:,.0f} a second: into the same indexes and under the same "
        "constraints, and with the whole machine to themselves. To make their words findable takes "
        f"PostgreSQL {bare.words_seconds / bare.events * 1e6:,.0f} µs for each event besides, so that a "
        f"connection that did nothing else would come to {both:,.0f} a second.\n"
    )
