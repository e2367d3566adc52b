"""Running: deadlines, turns, contexts, answers, and what is told of errors and bugs."""

import asyncio
import json
import logging
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Message

from schema.limits import Limits
from tests.web.edge.asking import Told, asking, call
from tests.web.edge.conftest import METADATA, SECRET, Hall

NEWER = "application/graphql-response+json"


async def test_the_context_is_made_for_the_run_and_left_after_it(app: ASGIApp, hall: Hall) -> None:
    await call(app, **asking("{ hello }"))
    assert (hall.contexts_made, hall.contexts_open) == (1, 0)


async def test_no_context_is_made_for_what_is_refused(app: ASGIApp, hall: Hall) -> None:
    for query in (
        "{",
        "{ nope }",
        "{ __schema { types { fields { type { fields { name } } } } } }",
    ):
        await call(app, **asking(query))
    assert hall.contexts_made == 0


@pytest.mark.parametrize("accept", [NEWER, "application/json"])
async def test_a_token_that_is_no_good_is_401(app: ASGIApp, hall: Hall, accept: str) -> None:
    told = await call(app, **asking('mutation { rename(title: "x") }', accept, token="old"))
    assert (told.status, told.codes) == (401, ["UNAUTHENTICATED"])
    assert told.headers["www-authenticate"] == (
        f'Bearer error="invalid_token", resource_metadata="{METADATA}"'
    )
    assert told.json["errors"][0]["message"] == "The token has expired. Ask for a new one."
    assert hall.titles == []


async def test_a_bug_in_making_the_context_is_logged_once_and_not_told(
    app: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    told = await call(app, **asking("{ hello }", NEWER, token="broken"))
    assert (told.status, told.codes) == (500, ["INTERNAL"])
    assert told.json["errors"][0]["extensions"]["requestId"] == "0001020304050607"
    assert SECRET not in told.body.decode()
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


async def test_what_else_takes_too_long_is_not_called_the_callers_doing(
    app: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    told = await call(app, **asking("{ hello }", NEWER, token="slow"))
    assert (told.status, told.codes) == (500, ["INTERNAL"])
    assert "type=builtins.TimeoutError" in caplog.text


async def test_a_client_that_goes_away_is_no_bug(
    app: ASGIApp, hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def nobody(message: Message) -> None:
        pytest.fail(f"answered: {message}")

    headers = [(b"content-type", b"application/json")]
    await app({"type": "http", "method": "POST", "path": "/", "headers": headers}, gone, nobody)
    assert caplog.records == []
    assert hall.contexts_made == 0


async def test_a_bug_in_a_list_is_one_line_without_its_message(
    app: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        told = await call(app, **asking("query Plans { events { nodes { title secretPlan } } }"))
    assert told.status == 200
    assert told.json["data"]["events"]["nodes"][1] == {"title": "Soup 1", "secretPlan": None}
    assert told.codes == ["INTERNAL"] * 10  # of twenty
    assert told.json["errors"][0] == {
        "message": "A fault of this hub, now in its log.",
        "locations": [{"line": 1, "column": 38}],
        "path": ["events", "nodes", 0, "secretPlan"],
        "extensions": {"code": "INTERNAL", "requestId": "0001020304050607"},
    }
    (record,) = [each for each in caplog.records if each.name == "convoke.graphql"]
    line = record.getMessage()
    assert line.startswith(
        "bug request=0001020304050607 operation=Plans path=['events', 'nodes', 0"
    )
    assert "type=builtins.RuntimeError" in line
    assert "conftest.py" in line
    assert "secret_plan" in line
    for forbidden in (SECRET, "hunter2", "\n", "title"):
        assert forbidden not in line


async def test_a_problem_is_told_with_its_code_and_field(app: ASGIApp) -> None:
    told = await call(app, **asking("{ missing hello }"))
    assert told.json["data"] == {"missing": None, "hello": "Hello, you"}
    (error,) = told.json["errors"]
    assert error["message"] == "There is no such event, or you may not see it."
    assert error["extensions"] == {"code": "NOT_FOUND", "field": ["id"]}


async def test_an_error_of_ours_is_told_and_a_librarys_is_not(
    app: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    told = await call(app, **asking("{ ours theirs }"))
    assert sorted(told.codes) == ["INSUFFICIENT_SCOPE", "INTERNAL"]
    assert "hunter2" not in told.body.decode()
    assert "hunter2" not in caplog.text


async def test_an_argument_that_fails_only_when_run_is_the_callers(app: ASGIApp) -> None:
    query = "query Q($if: Boolean) { hello @include(if: $if) }"
    told = await call(app, **asking(query, NEWER, variables={"if": None}))
    assert told.codes[0] in ("GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT")


async def test_a_message_is_cut_short(app: ASGIApp) -> None:
    told = await call(
        app, **asking("{ hello(name: {" + "a" * 79 + ": 1, " + "b: 2, " * 90 + "}) }")
    )
    assert all(len(each["message"]) <= 200 for each in told.json["errors"])
    assert told.json["errors"][-1]["message"].endswith(("…", "aborted."))


async def test_what_takes_too_long_is_stopped(
    app_with: Callable[[Limits], ASGIApp], hall: Hall
) -> None:
    app = app_with(Limits(run_seconds=0.05))
    for accept in (NEWER, "application/json"):
        told = await call(app, **asking("{ enter }", accept))
        assert (told.status, told.codes) == (504, ["TIMEOUT"])
        assert "data" not in told.json
        assert (hall.inside, hall.contexts_open) == (0, 0)


async def test_a_change_that_takes_too_long_is_not_made_and_says_what_to_do(
    app_with: Callable[[Limits], ASGIApp], hall: Hall
) -> None:
    told = await call(
        app_with(Limits(run_seconds=0.05)), **asking('mutation { renameSlowly(title: "x") }')
    )
    hall.doors.set()
    await asyncio.sleep(0)
    assert hall.titles == []
    assert "Look whether the change was made" in told.json["errors"][0]["message"]


async def test_nothing_works_on_behind_a_field_that_failed(app: ASGIApp, hall: Hall) -> None:
    # `enter` has begun when `failsAtOnce` fails the whole answer: it must end before the context.
    async def open_the_doors() -> None:
        async with asyncio.timeout(5):
            await hall.entered.wait()
        assert hall.contexts_open == 1
        hall.doors.set()

    opening = asyncio.create_task(open_the_doors())
    told = await call(app, **asking("{ enter failsAtOnce }"))
    await opening
    assert told.json["data"] is None
    assert (told.codes, hall.inside, hall.contexts_open) == (["NOT_FOUND"], 0, 0)


async def test_so_many_run_at_a_time_and_the_rest_wait_or_are_sent_away(
    app_with: Callable[[Limits], ASGIApp], hall: Hall
) -> None:
    app = app_with(Limits(running_per_processor=2, waiting_per_processor=3))
    asked = [asyncio.create_task(call(app, **asking("{ enter }"))) for _ in range(8)]
    done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 3:
        more, _ = await asyncio.wait(set(asked) - done, return_when=asyncio.FIRST_COMPLETED)
        done |= more
    assert all(
        (each.result().status, each.result().codes) == (503, ["OVERLOADED"]) for each in done
    )
    assert all(each.result().headers["retry-after"] == "2" for each in done)
    assert hall.inside == 2
    hall.doors.set()
    told: list[Told] = await asyncio.gather(*(set(asked) - done))
    assert [each.json for each in told] == [{"data": {"enter": True}}] * 5
    assert hall.most_inside == 2


async def test_whoever_asks_for_much_waits_behind_their_own_requests(
    app_with: Callable[[Limits], ASGIApp], hall: Hall
) -> None:
    app = app_with(Limits(running_per_processor=4, running_per_address=2))
    greedy = [asyncio.create_task(call(app, **asking("{ enter }"))) for _ in range(10)]
    async with asyncio.timeout(5):
        await hall.entered.wait()
        told = await call(app, **asking("{ hello }"), client="192.0.2.2")
    assert told.json == {"data": {"hello": "Hello, you"}}
    assert hall.inside == 2
    hall.doors.set()
    assert {each.status for each in await asyncio.gather(*greedy)} == {200}
    assert hall.most_inside == 2


async def test_addresses_of_one_network_of_ipv6_are_one_client(
    app_with: Callable[[Limits], ASGIApp], hall: Hall
) -> None:
    app = app_with(Limits(running_per_processor=4, running_per_address=1, waiting_seconds=0.05))
    first = asyncio.create_task(call(app, **asking("{ enter }"), client="2001:db8::1"))
    async with asyncio.timeout(5):
        await hall.entered.wait()
    neighbour = await call(app, **asking("{ hello }"), client="2001:db8::ffff:2")
    other = await call(app, **asking("{ hello }"), client="2001:db8:0:1::1")
    assert (neighbour.codes, other.status) == (["OVERLOADED"], 200)
    hall.doors.set()
    assert (await first).status == 200


async def test_a_turn_that_does_not_come_in_time_is_an_overload(
    app_with: Callable[[Limits], ASGIApp], hall: Hall
) -> None:
    app = app_with(Limits(running_per_processor=1, waiting_seconds=0.05))
    first = asyncio.create_task(call(app, **asking("{ enter }")))
    async with asyncio.timeout(5):
        await hall.entered.wait()
    told = await call(app, **asking("{ hello }"))
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    hall.doors.set()
    assert (await first).status == 200


async def test_an_answer_too_large_is_not_sent(app: ASGIApp, hall: Hall) -> None:
    told = await call(app, **asking("{ hello long(characters: 1000000) }", NEWER))
    assert (told.status, told.codes, told.json["data"]) == (200, ["TOO_LARGE"], None)
    with_errors = await call(app, **asking("{ long(characters: 999900) missing }"))
    assert with_errors.codes == ["TOO_LARGE"]
    almost = await call(app, **asking("{ long(characters: 999900) }"))
    assert len(almost.body) > 999_900
    assert "errors" not in almost.json


async def test_no_number_that_json_lacks_is_sent(app: ASGIApp) -> None:
    told = await call(app, **asking("{ number }"))
    assert b"NaN" not in told.body
    assert json.loads(told.body)["data"] is None
    assert told.codes == ["INTERNAL"]


async def test_one_of_several_operations_is_chosen_by_name(app: ASGIApp, hall: Hall) -> None:
    query = 'query A { hello } mutation B { rename(title: "B") }'
    assert (await call(app, **asking(query, operationName="A"))).json["data"] == {
        "hello": "Hello, you"
    }
    assert hall.titles == []
    unknown = await call(app, **asking(query, NEWER, operationName="C"))
    assert (unknown.status, unknown.codes) == (400, ["OPERATION_RESOLUTION_FAILURE"])
    await call(app, **asking(query, operationName="B"))
    assert hall.titles == ["B"]


async def test_the_same_document_may_be_asked_with_other_variables(app: ASGIApp) -> None:
    query = "query Q($n: Int!) { events(first: $n) { nodes { id } } }"
    for n in (1, 3, 2):
        told = await call(app, **asking(query, variables={"n": n}))
        assert len(told.json["data"]["events"]["nodes"]) == n
    told = await call(app, **asking(query, NEWER, variables={"n": 101}))
    assert (told.status, told.codes) == (400, ["BAD_USER_INPUT"])
