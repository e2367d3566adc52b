"""Trusted documents: asked for by their ids, and on a hub that says so the only ones that run."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import ASGIApp

from domain.errors import Busy
from resolvers import documents
from resolvers.documents import New
from resolvers.operating import operator_for
from schema.limits import Limits
from storage.engine import Database
from tests.cast import MakeContext
from tests.conftest import Contents
from tests.web.edge.asking import Told, asking, call, getting, persisted, sha256
from tests.web.edge.conftest import Hall
from web.app import create_app
from web.service import Service
from web.settings import SettingProblem, read_settings
from web.trusted import PAUSE_SECONDS, TrustedDocuments

NEWER = "application/graphql-response+json"
HUB = "query Hub { hub { name } }"
NAMED = {"data": {"hub": {"name": "Convoke hub"}}}
HELLO = 'query Hello($name: String = "you") { hello(name: $name) }'
CHANGE = 'mutation Name { rename(title: "x") }'
SCHEMA = "{ __schema { queryType { name } } }"


class Shelf:
    """What a test's operator trusts, and how often a process asked for it."""

    def __init__(self, *texts: str) -> None:
        self.texts = {sha256(text): text for text in texts}
        self.asked: list[set[str]] = []
        self.asked_at: list[float] = []
        self.trouble: Exception | None = None
        self.reached = asyncio.Event()

    async def find(self, digests: Collection[str]) -> Mapping[str, str]:
        self.asked.append(set(digests))
        self.asked_at.append(asyncio.get_running_loop().time())
        self.reached.set()
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        return {digest: self.texts[digest] for digest in digests if digest in self.texts}


@pytest.fixture
def trusting(app_with: Callable[..., ASGIApp]) -> Callable[..., ASGIApp]:
    """A hub of the small schema that trusts what is on a shelf; `only` that, if it says so."""

    def build(shelf: Shelf, limits: Limits | None = None, **more: Any) -> ASGIApp:
        return app_with(limits or Limits(), trusted=TrustedDocuments(shelf.find, **more))

    return build


async def by_id(app: ASGIApp, text: str, accept: str = NEWER, **members: Any) -> Told:
    return await call(app, **asking(None, accept, documentId=f"sha256:{sha256(text)}", **members))


async def add(context: MakeContext, *texts: str) -> None:
    new = [New(sha256(text), text, ("Hub",)) for text in texts]
    await documents.add(context(operator_for()), new)


@pytest.mark.parametrize(
    "request_",
    [
        asking(None, documentId=f"sha256:{sha256(HUB)}"),
        asking(None, documentId=sha256(HUB)),
        asking(None, extensions=persisted(HUB)),
        asking(None, documentId=sha256(HUB), extensions=persisted(HUB)),
        asking(HUB, documentId=sha256(HUB)),
        getting(documentId=f"sha256:{sha256(HUB)}"),
        getting(extensions=persisted(HUB)),
    ],
)
async def test_a_trusted_document_is_asked_for_by_its_id(
    whole_app: ASGIApp, context: MakeContext, request_: dict[str, Any]
) -> None:
    await add(context, HUB)
    told = await call(whole_app, **request_)
    assert (told.status, told.json) == (200, NAMED)


@pytest.mark.parametrize(("accept", "status"), [(NEWER, 404), ("application/json", 200)])
async def test_an_id_of_nothing_is_told_with_a_way_out(
    whole_app: ASGIApp, accept: str, status: int
) -> None:
    told = await by_id(whole_app, HUB, accept)
    assert (told.status, told.codes) == (status, ["DOCUMENT_NOT_FOUND"])
    assert "Send its text" in told.json["errors"][0]["message"]
    assert "data" not in told.json


async def test_an_id_and_a_digest_of_two_documents_are_refused(whole_app: ASGIApp) -> None:
    told = await call(whole_app, **asking(HUB, documentId=sha256(HELLO), extensions=persisted(HUB)))
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])


async def test_every_process_knows_what_is_added_while_it_serves(
    service: Service, context: MakeContext
) -> None:
    processes = [create_app(service), create_app(service)]
    for process in processes:
        assert (await by_id(process, HUB)).codes == ["DOCUMENT_NOT_FOUND"]
    await add(context, HUB)
    for process in processes:
        assert (await by_id(process, HUB)).json == NAMED


async def test_a_hub_may_be_set_to_run_no_others(
    service: Service, context: MakeContext, contents: Contents
) -> None:
    settings = replace(service.settings, trusted_documents_only=True)
    app = create_app(replace(service, settings=settings))
    await add(context, HUB)
    before = await contents()
    assert (await by_id(app, HUB)).json == NAMED
    assert (await call(app, **asking(HUB))).json == NAMED
    other = "{ hub { id name } }"
    for request in (
        asking(other),
        asking(other, extensions=persisted(other)),
        asking(None, extensions=persisted(other)),
        asking(None, documentId=sha256(other)),
        getting(query=other),
        getting(documentId=sha256(other)),
        asking("{"),
        asking(SCHEMA),
    ):
        told = await call(app, **request)
        assert (told.status, told.codes) == (403, ["DOCUMENT_NOT_TRUSTED"])
        assert "./convoke documents add" in told.json["errors"][0]["message"]
        assert told.headers["cache-control"] == "no-store"
    assert await contents() == before


async def test_what_is_not_trusted_is_not_run(trusting: Callable[..., ASGIApp], hall: Hall) -> None:
    app = trusting(Shelf(HELLO), only=True)
    assert (await call(app, **asking(CHANGE))).codes == ["DOCUMENT_NOT_TRUSTED"]
    assert (await call(app, **asking(CHANGE, documentId=sha256(CHANGE)))).status == 403
    # Nobody is taken at their word: the id of a trusted document, with another text.
    told = await call(app, **asking(CHANGE, NEWER, documentId=sha256(HELLO)))
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])
    assert (await by_id(app, HELLO)).status == 200
    told = await call(app, **asking(CHANGE, NEWER, documentId=sha256(HELLO)))
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])
    assert hall.titles == []
    assert hall.contexts_made == 1


async def test_the_schema_may_be_asked_for_where_the_operator_trusts_the_question(
    trusting: Callable[..., ASGIApp],
) -> None:
    app = trusting(Shelf(SCHEMA), only=True)
    told = await by_id(app, SCHEMA)
    assert told.json == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_a_removed_document_is_forgotten(
    trusting: Callable[..., ASGIApp], hall: Hall
) -> None:
    shelf = Shelf(CHANGE)
    app = trusting(shelf, only=True, known_seconds=0)
    assert (await by_id(app, CHANGE)).status == 200
    shelf.texts.clear()
    assert (await by_id(app, CHANGE)).codes == ["DOCUMENT_NOT_TRUSTED"]
    assert (await call(app, **asking(CHANGE))).codes == ["DOCUMENT_NOT_TRUSTED"]
    assert hall.titles == ["x"]


async def test_a_known_document_is_not_looked_up_again(trusting: Callable[..., ASGIApp]) -> None:
    shelf = Shelf(HELLO)
    app = trusting(shelf, only=True)
    for _ in range(20):
        assert (await by_id(app, HELLO)).status == 200
        assert (await call(app, **asking(HELLO))).status == 200
    assert shelf.asked == [{sha256(HELLO)}]


async def test_ids_of_nothing_do_not_reach_the_database_one_by_one(
    trusting: Callable[..., ASGIApp],
) -> None:
    shelf = Shelf()
    many = Limits(running_per_processor=200, running_per_address=200)
    app = trusting(shelf, many)
    texts = [f"{{ hello }} # {n}" for n in range(200)]
    told = await asyncio.gather(*(by_id(app, text) for text in texts))
    assert {each.codes[0] for each in told} == {"DOCUMENT_NOT_FOUND"}
    assert len(shelf.asked) <= 2
    assert set().union(*shelf.asked) == {sha256(text) for text in texts}


async def test_nor_one_after_the_other_as_fast_as_they_come(
    trusting: Callable[..., ASGIApp],
) -> None:
    shelf = Shelf()
    app = trusting(shelf)
    for n in range(3):
        await by_id(app, f"{{ hello }} # {n}")
    first, second, third = shelf.asked_at
    assert min(second - first, third - second) >= PAUSE_SECONDS


async def test_strangers_do_not_crowd_the_operators_documents_out(
    trusting: Callable[..., ASGIApp],
) -> None:
    shelf = Shelf(HELLO)
    app = trusting(shelf, Limits(cached_document_characters=100))
    assert (await by_id(app, HELLO)).status == 200
    for n in range(20):
        await call(app, **asking(f"{{ hello }} # {n}" + "x" * 60))
    assert (await by_id(app, HELLO)).status == 200
    assert len(shelf.asked) == 1


async def test_a_database_that_is_away_is_a_busy_hub_and_comes_back(
    trusting: Callable[..., ASGIApp], caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(HELLO)
    app = trusting(shelf)
    shelf.trouble = Busy("The database of this hub does not answer just now.")
    told = await by_id(app, HELLO)
    assert (told.status, told.codes) == (503, ["OVERLOADED"])
    assert told.headers["retry-after"] == "2"
    shelf.trouble = None
    assert (await by_id(app, HELLO)).status == 200
    assert caplog.records == []


async def test_who_leaves_takes_nobodys_answer_away(
    trusting: Callable[..., ASGIApp],
) -> None:
    shelf = Shelf(HELLO)
    app = trusting(shelf, Limits(running_per_address=2))
    leaves = asyncio.create_task(by_id(app, HELLO))
    stays = asyncio.create_task(by_id(app, HELLO))
    await shelf.reached.wait()
    leaves.cancel()
    assert (await stays).json == {"data": {"hello": "Hello, you"}}
    assert (leaves.cancelled(), len(shelf.asked)) == (True, 1)


async def test_a_document_that_fits_no_longer_is_told_why(
    trusting: Callable[..., ASGIApp],
) -> None:
    app = trusting(Shelf("{ gone }"), only=True)
    told = await by_id(app, "{ gone }")
    assert (told.status, told.codes) == (400, ["GRAPHQL_VALIDATION_FAILED"])


async def test_one_of_its_operations_is_named(trusting: Callable[..., ASGIApp], hall: Hall) -> None:
    text = 'query A { hello } mutation B { rename(title: "B") }'
    app = trusting(Shelf(text), only=True)
    assert (await by_id(app, text)).codes == ["OPERATION_RESOLUTION_FAILURE"]
    assert (await by_id(app, text, operationName="A")).json == {"data": {"hello": "Hello, you"}}
    assert hall.titles == []
    await by_id(app, text, operationName="B")
    assert hall.titles == ["B"]


async def test_a_row_that_was_changed_by_hand_is_not_trusted(
    trusting: Callable[..., ASGIApp], hall: Hall
) -> None:
    shelf = Shelf(HELLO)
    shelf.texts[sha256(HELLO)] = CHANGE
    told = await by_id(trusting(shelf, only=True), HELLO)
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])
    assert hall.titles == []


async def test_the_texts_of_many_are_found_at_once(
    database: Database, context: MakeContext
) -> None:
    await add(context, HUB, HELLO)
    found = await documents.texts(database, [sha256(HUB), sha256(HELLO), sha256("x")])
    assert found == {sha256(HUB): HUB, sha256(HELLO): HELLO}


def test_an_operator_says_which_documents_run_and_what_caches_keep() -> None:
    usual = read_settings({})
    assert (usual.trusted_documents_only, usual.cache_seconds) == (False, 30)
    given = read_settings({"CONVOKE_DOCUMENTS": "trusted", "CONVOKE_CACHE_SECONDS": "0"})
    assert (given.trusted_documents_only, given.cache_seconds) == (True, 0)
    with pytest.raises(SettingProblem, match="CONVOKE_DOCUMENTS must be any or trusted"):
        read_settings({"CONVOKE_DOCUMENTS": "yes"})
