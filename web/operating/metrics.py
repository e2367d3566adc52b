"""What a hub counts and measures of itself, as Prometheus reads it.

`SERIES` is the one table of all there is: a metric that is not in it does not exist, and the docs
repeat it. Labels are bounded: routes, codes, trusted documents, duties, peers; never a person, an
address or what somebody asked.

Several processes write into files of one directory (prometheus-client's multiprocess mode), so that
whichever of them is asked tells the sums of all, also of those that have ended.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics import disable_created_metrics
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Series:
    """One metric: its name, its labels, and what it says."""

    name: str
    labels: tuple[str, ...]
    says: str


REQUESTS = Series(
    "convoke_http_request_seconds",
    ("method", "route", "status"),
    "How long requests took, by the address they were for (its pattern) and the answer's status.",
)
IN_PROGRESS = Series("convoke_http_requests_in_progress", (), "Requests that are being answered.")
OPERATIONS = Series(
    "convoke_graphql_operation_seconds",
    ("document",),
    "How long GraphQL operations took: trusted documents by the first 12 digits of their id, all "
    "others together.",
)
REFUSALS = Series(
    "convoke_graphql_refusals_total",
    ("code",),
    "GraphQL requests that were answered with an error alone, by its code.",
)
LOGGED = Series(
    "convoke_logged_total", ("level",), "Lines in the log of the level warning and above."
)
LAG = Series(
    "convoke_event_loop_lag_seconds",
    (),
    "How much later than asked for a process came round to what it had to do.",
)
CONNECTIONS = Series(
    "convoke_database_connections",
    ("pool", "state"),
    "Connections to the database: `busy`, `idle`, and requests `waiting` for one; of the pool for "
    "compiled queries (`answering`, and `replica` where there is one) and of that for all else "
    "(`ordinary`).",
)
TURNS = Series(
    "convoke_graphql_waiting", (), "GraphQL requests that wait for their turn to be run."
)
PROCESSES = Series("convoke_processes", (), "Processes that answer.")
CPU = Series("convoke_process_cpu_seconds_total", (), "Processor time of those that answer.")
MEMORY = Series("convoke_process_resident_bytes", (), "Memory of those that answer.")

DISK = Series("convoke_disk_free_bytes", (), "Room on the disk that holds the data directory.")
FEED = Series(
    "convoke_feed_head",
    ("kind",),
    "Numbers given so far in the feeds: the `public` one, those of `alliance`s and of `hub`s, "
    "summed up.",
)
MAIL = Series("convoke_mail_waiting", (), "Letters that wait to be sent.")
MAIL_AGE = Series("convoke_mail_oldest_seconds", (), "How long the oldest of them has waited.")
DUTY = Series("convoke_duty_late_seconds", ("duty",), "How long a duty has been due.")
DUTY_FAILURES = Series(
    "convoke_duty_failures", ("duty",), "How often it failed since it was done last."
)
BACKUP = Series("convoke_backup_age_seconds", (), "How long ago the last backup was taken.")
PEER_LAG = Series(
    "convoke_peer_lag_seconds",
    ("peer",),
    "Since when it is not known that everything of a peer's is here.",
)
PEER_FAULTS = Series(
    "convoke_peer_faults", ("peer",), "How often a peer could not be read since it last was."
)
PEER_DELIVERIES = Series(
    "convoke_peer_deliveries_waiting", ("peer",), "Changes that wait to be told to a peer."
)
PEER_OLDEST = Series(
    "convoke_peer_delivery_oldest_seconds", ("peer",), "How long the oldest of them has waited."
)
PEER_REFUSED = Series(
    "convoke_peer_records_refused", ("peer",), "Records of a peer's that were not believed."
)
UP = Series("convoke_database_up", (), "1 where the database told the rest of this, else 0.")

SERIES: tuple[Series, ...] = (
    REQUESTS,
    IN_PROGRESS,
    OPERATIONS,
    REFUSALS,
    TURNS,
    LAG,
    CONNECTIONS,
    PROCESSES,
    CPU,
    MEMORY,
    LOGGED,
    DISK,
    UP,
    FEED,
    MAIL,
    MAIL_AGE,
    DUTY,
    DUTY_FAILURES,
    BACKUP,
    PEER_LAG,
    PEER_FAULTS,
    PEER_DELIVERIES,
    PEER_OLDEST,
    PEER_REFUSED,
)

# What is looked up when somebody asks: the labels' values, and the figure.
Figures = Iterable[tuple[Series, tuple[str, ...], float]]
Look = Callable[[], Awaitable[Figures]]


class Metrics:
    """Of one process. `shared` is the directory of all processes of a hub, where it has several;
    `look` gives what is not counted as it happens."""

    def __init__(self, look: Look, shared: Path | None = None) -> None:
        # A second series for each, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._look = look
        self._shared = shared
        self._sample: Callable[[], None] | None = None
        self._registry = CollectorRegistry()
        self.requests = Histogram(*_named(REQUESTS), buckets=SECONDS, registry=self._registry)
        self.in_progress = self._gauge(IN_PROGRESS)
        self.operations = Histogram(*_named(OPERATIONS), buckets=SECONDS, registry=self._registry)
        self.refusals = Counter(*_named(REFUSALS), registry=self._registry)
        self.logged = Counter(*_named(LOGGED), registry=self._registry)
        self.lag = Histogram(*_named(LAG), buckets=LAG_SECONDS, registry=self._registry)
        self.connections = self._gauge(CONNECTIONS)
        self.turns = self._gauge(TURNS)
        self.processes = self._gauge(PROCESSES)
        self.cpu = Counter(*_named(CPU), registry=self._registry)
        self.memory = self._gauge(MEMORY)

    def sampled_by(self, sample: Callable[[], None]) -> None:
        """`sample` looks at the process itself, whenever somebody asks too."""
        self._sample = sample

    async def told(self) -> bytes:
        if self._sample is not None:
            self._sample()
        registry = self._registry
        if self._shared is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._shared))  # type: ignore[no-untyped-call]
        found = CollectorRegistry()
        found.register(_Found(await self._look()))
        return generate_latest(registry) + generate_latest(found)

    def _gauge(self, series: Series) -> Gauge:
        # Of those that live, the sum.
        return Gauge(*_named(series), registry=self._registry, multiprocess_mode="livesum")


class _Found(Collector):
    """What was looked up a moment ago."""

    def __init__(self, figures: Figures) -> None:
        self._figures = tuple(figures)

    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for series, values, figure in self._figures:
            family = families.get(series.name)
            if family is None:
                name, says, labels = _named(series)
                family = families[series.name] = GaugeMetricFamily(name, says, labels=labels)
            family.add_metric(values, figure)
        return families.values()


def _named(series: Series) -> tuple[str, str, tuple[str, ...]]:
    return series.name, series.says, series.labels
