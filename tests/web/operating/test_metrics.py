"""What Prometheus is told, and who may hear it."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from domain.hubs import LocalHub
from schema.documents import digest_of
from storage import documents, operating
from storage.engine import Database
from tests.cast import Cast
from tests.outside import StandingClock
from tests.web.edge.asking import Told, asking, call
from tests.web.operating.peer import an_active_peer
from web.app import create_app
from web.operating.metrics import SERIES
from web.operating.observed import Observed
from web.service import Service

HERE = (("host", "localhost:8000"),)
TOKEN = "a-token-of-prometheus"
Labels = frozenset[tuple[str, str]]


async def scraped(
    app: Observed, headers: tuple[tuple[str, str], ...] = HERE, client: str = "127.0.0.1"
) -> Told:
    return await call(app, headers=headers, method="GET", path="/metrics", client=client)


async def figures(app: Observed) -> dict[tuple[str, Labels], float]:
    told = await scraped(app)
    assert told.status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(told.body.decode())
        for sample in family.samples
    }


def labelled(**labels: str) -> Labels:
    return frozenset(labels.items())


async def test_requests_are_measured_by_the_pattern_of_their_address(app: Observed) -> None:
    for number in range(3):
        await call(app, headers=(), method="GET", path=f"/events/evt_{number}")
        await call(app, headers=(), method="GET", path=f"/of-nobody-{number}")
    found = await figures(app)
    counted = {
        key: value for key, value in found.items() if key[0] == "convoke_http_request_seconds_count"
    }
    routes = {dict(labels)["route"]: value for (_, labels), value in counted.items()}
    assert routes == {"/events/{id:path}": 3, "other": 3}
    assert not any("evt_" in value for _, labels in found for _, value in labels)


async def test_what_took_so_long_is_in_the_bucket_of_it(app: Observed) -> None:
    """Handed over in bulk, as prometheus-client would have counted it one by one."""
    took = (0.0, 0.001, 0.0011, 0.3, 11.0, 11.0)
    tally, alone = app._of_document("ours"), app.metrics.operations.labels("theirs")
    for _ in range(2):  # and each only once
        for seconds in took:
            tally.observe(seconds)
            alone.observe(seconds)
        await figures(app)
    found = await figures(app)
    ours, theirs = (
        {
            (name, dict(labels).get("le")): value
            for (name, labels), value in found.items()
            if ("document", document) in labels
        }
        for document in ("ours", "theirs")
    )
    assert ours == pytest.approx(theirs)
    assert ours["convoke_graphql_operation_seconds_count", None] == 12


async def test_operations_are_told_apart_where_the_operator_trusts_them(
    app: Observed, database: Database, clock: StandingClock
) -> None:
    trusted = "{ hub { name } }"
    digest = await documents_added(database, clock, trusted)
    named = json.dumps({"documentId": f"sha256:{digest}"})
    await call(app, **asking(trusted))
    await call(app, chunks=[named.encode()])
    await call(app, **asking("{ nonsense }"))
    found = await figures(app)
    name = "convoke_graphql_operation_seconds_count"
    by_document = {dict(k[1])["document"]: v for k, v in found.items() if k[0] == name}
    assert by_document == {"other": 2, digest[:12]: 1}
    assert found["convoke_graphql_refusals_total", labelled(code="GRAPHQL_VALIDATION_FAILED")] == 1


async def documents_added(database: Database, clock: StandingClock, source: str) -> str:
    digest = digest_of(source)
    async with database.writing() as db:
        await documents.add(db, digest, source, ["query"], clock.now())
    return digest


async def test_what_is_told_is_in_the_table_and_all_of_the_table_is_told(
    app: Observed, hub: LocalHub, database: Database, clock: StandingClock, cast: Cast
) -> None:
    await call(app, **asking("{ nonsense }"))
    await an_active_peer(database)
    async with database.writing() as db:
        await operating.note_backup(db, 100, clock.now())
        await db.execute(
            text(
                "insert into duties (name, due_at, ran_at, done, failures, request_id)"
                " values ('expire', :at, :at, 0, 2, 'time_1')"
            ),
            {"at": clock.now() - timedelta(minutes=1)},
        )
    app.metrics.logged.labels("error").inc()
    told = (await scraped(app)).body.decode()
    named = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))
    assert named == {series.name for series in SERIES}
    for series in SERIES:
        labels = re.search(rf"^{series.name}(?:_bucket|_sum)?(?:{{(.*)}})? ", told, re.MULTILINE)
        assert labels is not None, series.name
        keys = set(re.findall(r'(\w+)="', labels[1] or "")) - {"le"}
        assert keys == set(series.labels), series.name


async def test_a_peer_s_lag_and_what_waits_for_it_are_told(
    app: Observed, database: Database
) -> None:
    await an_active_peer(database)
    found = await figures(app)
    far = labelled(peer="far.test")
    told = {
        name: found[f"convoke_peer_{name}", far]
        for name in (
            "lag_seconds",
            "faults",
            "deliveries_waiting",
            "delivery_oldest_seconds",
            "records_refused",
        )
    }
    assert told == {
        "lag_seconds": 60,
        "faults": 2,
        "deliveries_waiting": 1,
        "delivery_oldest_seconds": 3600,
        "records_refused": 3,
    }


async def test_the_feeds_are_told_by_their_kind(app: Observed, cast: Cast) -> None:
    found = await figures(app)
    assert found["convoke_feed_head", labelled(kind="public")] > 0
    assert not any("org_" in value for _, labels in found for _, value in labels)


async def test_metrics_are_told_without_a_database(service: Service, database: Database) -> None:
    away = Database(database.url.replace(f"/{database.engine.url.database}?", "/nowhere?"))
    found = await figures(create_app(replace(service, database=away)))
    await away.close()
    assert found["convoke_database_up", labelled()] == 0
    assert found["convoke_process_resident_bytes", labelled()] > 10_000_000
    assert not any(name.startswith("convoke_mail") for name, _ in found)


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        (HERE, "192.0.2.1"),
        ((*HERE, ("x-forwarded-for", "192.0.2.1")), "127.0.0.1"),
        ((("host", "hub.example"),), "127.0.0.1"),
        ((*HERE, ("authorization", f"Bearer {TOKEN}")), "192.0.2.1"),
    ],
    ids=["from elsewhere", "through a proxy", "by another name", "with a token nobody asks for"],
)
async def test_without_a_token_metrics_are_for_this_machine_alone(
    app: Observed, headers: tuple[tuple[str, str], ...], client: str
) -> None:
    told = await scraped(app, headers, client)
    assert (told.status, told.body) == (404, b"Not Found")


@pytest.mark.parametrize(
    ("shown", "status"),
    [(f"Bearer {TOKEN}", 200), ("Bearer another-token-of-prometheus", 404), ("", 404)],
)
async def test_with_a_token_metrics_are_for_whoever_shows_it(
    service: Service, shown: str, status: int
) -> None:
    app = create_app(replace(service, settings=replace(service.settings, metrics_token=TOKEN)))
    headers = (("host", "hub.example"), ("authorization", shown))
    assert (await scraped(app, headers, "192.0.2.1")).status == status
    assert (await scraped(app)).status == 404  # from here too
