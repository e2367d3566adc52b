"""One line for each entry, whatever is in it, and nothing of what was asked."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter

from tests.cast import Cast
from tests.web.edge.asking import asking, call
from web.operating.logs import Json, counted, log_as
from web.operating.observed import Observed

SECRET = "Bearer hunter2"


@contextmanager
def in_json() -> Iterator[None]:
    """The log of the process, which is pytest's otherwise."""
    root, names = logging.getLogger(), ("convoke", "convoke.access")
    before = root.handlers[:], root.level
    levels = [logging.getLogger(name).level for name in names]
    log_as(json=True)
    try:
        yield
    finally:
        root.handlers[:], root.level = before
        for name, level in zip(names, levels, strict=True):
            logging.getLogger(name).setLevel(level)


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def formatted(message: str, *arguments: object, error: BaseException | None = None) -> str:
    given = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("convoke", logging.ERROR, "", 1, message, arguments, given)
    return Json().format(record)


def test_an_entry_is_one_line_whatever_is_in_it() -> None:
    line = formatted("%s", "first\nsecond\r\x1b[31mred\x00\u2028 ünï")
    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["message"] == "first\nsecond\r\x1b[31mred\x00\u2028 ünï"


def test_of_an_exception_its_kind_and_place_are_told_and_never_what_it_says() -> None:
    try:
        raise LookupError(SECRET)
    except LookupError as error:
        line = formatted("It failed.", error=error)
    told = json.loads(line)
    assert told["error"] == "builtins.LookupError"
    assert told["raised_in"][-1].startswith("operating/test_logs.py:")
    assert "hunter2" not in line


def test_what_text_cannot_be_is_told_all_the_same() -> None:
    assert json.loads(formatted("%s", "a lone surrogate: \ud800"))["level"] == "error"


def test_a_long_message_is_cut() -> None:
    assert len(formatted("%s", "x" * 1_000_000)) < 5_000


async def test_each_request_is_a_line_without_what_was_asked(
    app: Observed, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    query = 'query Mine { event(id: "evt_hunter2") { id } }'
    asked = asking(query, token="hunter2")
    page: dict[str, Any] = {"headers": (), "method": "GET", "path": "/events/evt_hunter2"}
    with in_json():
        told = await call(app, **asked, client="192.0.2.77")
        await call(app, **page, query_string=b"a=hunter2")
    whole = capsys.readouterr().err
    assert "hunter2" not in whole
    assert "192.0.2.77" not in whole
    first, second = (json.loads(line) for line in whole.splitlines())
    assert first["request"] == told.headers["x-request-id"]
    assert (first["logger"], first["level"]) == ("convoke.access", "info")
    assert (first["method"], first["route"], first["status"]) == ("POST", "/graphql", 401)
    assert (first["refusal"], first["document"]) == ("UNAUTHENTICATED", "other")
    assert (second["route"], second["status"]) == ("/events/{id:path}", 404)
    assert first["ms"] >= 0


async def test_for_people_requests_are_not_told(
    app: Observed, capsys: pytest.CaptureFixture[str]
) -> None:
    await call(app, **asking("{ hub { name } }"))
    assert capsys.readouterr() == ("", "")


def test_lines_are_counted_by_their_level_and_still_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Counter("lines", "Lines.", ["level"], registry=CollectorRegistry())
    log = logging.getLogger("convoke.tests")
    with in_json():
        with counted(lines):
            log.warning("one")
            log.error("two")
            log.info("not of the wrong kind")
        log.error("nobody counts any more")
    assert [each["message"] for each in entries(capsys)] == [
        "one",
        "two",
        "not of the wrong kind",
        "nobody counts any more",
    ]
    assert lines.labels("warning")._value.get() == 1
    assert lines.labels("error")._value.get() == 1
