"""Hostile questions to the real contract: variables, ids, cursors, filters, and tokens."""

import base64
import json
from typing import Any

from tests.hostile.sending import Case, asked, posted, request, with_token

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
ONE = "query($id: ID!) { node(id: $id) { id } event(id: $id) { id } group(id: $id) { id } }"
LISTED = "query($filter: EventFilter) { events(filter: $filter) { nodes { id } totalCount } }"
PAGED = "query($n: Int, $after: String) { events(first: $n, after: $after) { nodes { id } } }"
NEAR = "query($near: NearInput!) { events(filter: {near: $near}) { nodes { id } } }"
SEARCH = "query($text: String!) { search(text: $text) { nodes { __typename } } }"
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
TIMES = (
    "query($from: DateTime!, $to: DateTime!) { occurrences(from: $from, to: $to) { totalCount } }"
)
GIVEN = "query($id: ID!, $v: Int!) { __typename }"


def nested(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = [value]
    return value


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


VARIABLES = [
    Case("variables", name, asked(query, variables), status, code)
    for name, query, variables, status, code in (
        ("lists 100 deep", NODES, {"ids": nested("x", 100)}, [400], "BAD_REQUEST"),
        ("lists 20 deep", NODES, {"ids": nested("x", 20)}, [400], "BAD_USER_INPUT"),
        ("20,000 ids", NODES, {"ids": ["x"] * 20_000}, [400], "BAD_REQUEST"),
        ("1,000 ids", NODES, {"ids": ["x"] * 1_000}, [400], "BAD_USER_INPUT"),
        ("1,000 ids that are objects", NODES, {"ids": [{}] * 1_000}, [400], "BAD_USER_INPUT"),
        ("100,000 characters", ONE, {"id": "x" * 100_000}, [400], "BAD_REQUEST"),
        ("a list for an id", ONE, {"id": ["x"]}, [400], "BAD_USER_INPUT"),
        ("an object for an id", ONE, {"id": {"a": 1}}, [400], "BAD_USER_INPUT"),
        ("true for an id", ONE, {"id": True}, [400], "BAD_USER_INPUT"),
        ("null for an id", ONE, {"id": None}, [400], "BAD_USER_INPUT"),
        ("nothing for an id", ONE, {}, [400], "BAD_USER_INPUT"),
        ("first: a string", PAGED, {"n": "20"}, [400], "BAD_USER_INPUT"),
        ("first: true", PAGED, {"n": True}, [400], "BAD_USER_INPUT"),
        ("first: 1e308", PAGED, {"n": 1e308}, [400], "BAD_USER_INPUT"),
        ("first: -1", PAGED, {"n": -1}, [400], "BAD_USER_INPUT"),
        ("first: null", PAGED, {"n": None}, [200], None),
        ("first: 0", PAGED, {"n": 0}, [200], None),
        ("2,000 variables of nobody", PAGED, {f"v{n}": n for n in range(2_000)}, [400], None),
        ("900 variables of nobody", "{ __typename }", {f"v{n}": n for n in range(900)}, [200], None),
        ("unknown fields of an input", LISTED, {"filter": {f"f{n}": n for n in range(900)}}, [400], "BAD_USER_INPUT"),
        ("400 objects for an object", LISTED, {"filter": [{}] * 400}, [400], "BAD_USER_INPUT"),
        ("the wrong type in a list 900 times", LISTED, {"filter": {"statuses": [1] * 900}}, [400], "BAD_USER_INPUT"),
        ("a name that is __proto__", LISTED, {"filter": {"__proto__": {}}}, [400], "BAD_USER_INPUT"),
        ("wrong for what is not used", GIVEN, {"id": [], "v": []}, [400], None),
    )
]  # fmt: skip

# Somebody with every scope asks, so that what is asked reaches the database.
QUESTIONS = [
    Case("run", name, with_token(query, variables), status, code)
    for name, query, variables, status, code in (
        ("an id of nothing", ONE, {"id": ""}, [200], None),
        ("an id of 20,000 letters", ONE, {"id": "evt_" + "x" * 19_000}, [200], None),
        ("an id with a zero byte", ONE, {"id": "evt_\x00@localhost"}, [200], None),
        ("an id of SQL", ONE, {"id": "evt_' or 1=1; drop table events --"}, [200], None),
        ("an id of right to left", ONE, {"id": "evt_\u202e\u2066\ud83d\ude00"}, [200], None),
        ("an id that is another kind's", "query($id: ID!) { event(id: $id) { id } }", {"id": "%(groups)s"}, [200], None),
        ("an id of another hub", ONE, {"id": "evt_01JD8X5V0M7Q2K3B4N6P8R9S1T@evil.example:1"}, [200], None),
        ("the same id 100 times", NODES, {"ids": ["%(events)s"] * 100}, [200], None),
        ("100 ids of nothing", NODES, {"ids": [f"evt_{n}" for n in range(100)]}, [200], None),
        ("a cursor of nothing", PAGED, {"after": ""}, [200], None),
        ("a cursor of 20,000 letters", PAGED, {"after": "A" * 20_000}, [200], "BAD_USER_INPUT"),
        ("a cursor of deep lists", PAGED, {"after": base64.b64encode(b"[" * 9_000).decode()}, [200], "BAD_USER_INPUT"),
        ("a cursor of another list", PAGED, {"after": cursor("NAME", "x", "y")}, [200], "BAD_USER_INPUT"),
        ("a cursor of the year 10^15", PAGED, {"after": cursor("STARTS_AT_ASC", 10**22, "x")}, [200], "BAD_USER_INPUT"),
        ("a cursor of a number too large", PAGED, {"after": cursor("STARTS_AT_ASC", 10**40, "x")}, [200], "BAD_USER_INPUT"),
        ("a cursor of null", PAGED, {"after": cursor("STARTS_AT_ASC", None, None)}, [200], "BAD_USER_INPUT"),
        ("a cursor of true", PAGED, {"after": cursor("STARTS_AT_ASC", True, "x")}, [200], "BAD_USER_INPUT"),
        ("a cursor with a zero byte", PAGED, {"after": cursor("STARTS_AT_ASC", 1, "\x00")}, [200], "BAD_USER_INPUT"),
        ("a cursor that is an object", PAGED, {"after": base64.b64encode(b'{"a":1}').decode()}, [200], "BAD_USER_INPUT"),
        ("a cursor of no base64", PAGED, {"after": "\u00e9\u00e9\u00e9"}, [200], "BAD_USER_INPUT"),
        ("near the north pole", NEAR, {"near": {"latitude": 90, "longitude": 0, "radiusKm": 500}}, [200], None),
        ("near the south pole", NEAR, {"near": {"latitude": -90, "longitude": 180, "radiusKm": 500}}, [200], None),
        ("near the date line", NEAR, {"near": {"latitude": 0, "longitude": -180, "radiusKm": 500}}, [200], None),
        ("near nowhere", NEAR, {"near": {"latitude": 91, "longitude": 181}}, [200], "INVALID"),
        ("near 1e308", NEAR, {"near": {"latitude": 1e308, "longitude": -1e308}}, [200], "INVALID"),
        ("within 1e308", NEAR, {"near": {"latitude": 0, "longitude": 0, "radiusKm": 1e308}}, [200], "INVALID"),
        ("within 0", NEAR, {"near": {"latitude": 0, "longitude": 0, "radiusKm": 0}}, [200], "INVALID"),
        ("within 1e-320", NEAR, {"near": {"latitude": 0, "longitude": 0, "radiusKm": 1e-320}}, [200], None),
        ("near a string", NEAR, {"near": {"latitude": "0", "longitude": "0"}}, [400], "BAD_USER_INPUT"),
        ("words of operators", SEARCH, {"text": "& | ! <-> () :* '' \\ or or -or - \"" * 10}, [200], None),
        ("words of quotes", SEARCH, {"text": '"' * 400}, [200], None),
        ("200 words left out", SEARCH, {"text": "-a " * 130}, [200], None),
        ("200 choices", SEARCH, {"text": "a or " * 79 + "a"}, [200], None),
        ("a phrase of 200 words", SEARCH, {"text": '"' + "a " * 190 + '"'}, [200], None),
        ("words with a zero byte", SEARCH, {"text": "soup\x00food"}, [200], None),
        ("words of many alphabets", SEARCH, {"text": "\u0645\u0631\u062d\u0628\u0627 \u4f60\u597d \U0001f372 \u0301" * 20}, [200], None),
        ("words of combining marks", SEARCH, {"text": "e" + "\u0301" * 390}, [200], None),
        ("words too long", SEARCH, {"text": "x" * 401}, [200], "BAD_USER_INPUT"),
        ("one word of 400 letters", SEARCH, {"text": "x" * 400}, [200], None),
        ("no words", SEARCH, {"text": ""}, [200], None),
        ("filters of 100 values each", LISTED, {"filter": {**{name: [f"{name}{n}" for n in range(100)] for name in ("organizations", "groups", "alliances", "hubs", "causes")}, "languages": ["en"] * 100, "statuses": ["CANCELLED"] * 100, "hostRoles": ["HOST"] * 100}}, [200], None),
        ("a filter of 101 values", LISTED, {"filter": {"causes": ["x"] * 101}}, [200], "BAD_USER_INPUT"),
        ("causes of 20,000 letters", LISTED, {"filter": {"causes": ["x" * 1_000] * 100}}, [200], None),
        ("causes with zero bytes", LISTED, {"filter": {"causes": ["\x00"], "organizations": ["\x00"]}}, [200], "BAD_USER_INPUT"),
        ("languages of nowhere", LISTED, {"filter": {"languages": ["-" * 90] * 90}}, [400], "BAD_USER_INPUT"),
        ("a window that ends first", TIMES, {"from": "2027-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, [200], "BAD_USER_INPUT"),
        ("a window of all time", TIMES, {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}, [200], None),
        ("a window before time", TIMES, {"from": "0001-01-01T00:00:00+14:00", "to": "9999-12-31T23:59:59-14:00"}, [400], "BAD_USER_INPUT"),
        ("the year 99999", TIMES, {"from": "99999-01-01T00:00:00Z", "to": "x" * 9_000}, [400], "BAD_USER_INPUT"),
        ("a moment in other digits", TIMES, {"from": "\u0662\u0660\u0662\u0667-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}, [400], "BAD_USER_INPUT"),
        ("entities of nothing", ENTITIES, {"r": []}, [200], None),
        ("entities that are numbers", ENTITIES, {"r": [1, None, "x"]}, [400], "BAD_USER_INPUT"),
        ("entities of no type", ENTITIES, {"r": [{}] * 100}, [200], "BAD_USER_INPUT"),
        ("entities of the type Query", ENTITIES, {"r": [{"__typename": "Query"}] * 10}, [200], "BAD_USER_INPUT"),
        ("entities of the type __class__", ENTITIES, {"r": [{"__typename": "__class__", "id": "x"}] * 10}, [200], "BAD_USER_INPUT"),
        ("entities with a list for an id", ENTITIES, {"r": [{"__typename": "Event", "id": ["x"]}]}, [200], "BAD_USER_INPUT"),
        ("entities with other keys", ENTITIES, {"r": [{"__typename": "Event", "id": "x", "title": "y", "__init__": 1}]}, [200], None),
        ("entities without a key", ENTITIES, {"r": [{"__typename": "Event"}]}, [200], "BAD_USER_INPUT"),
        ("100 entities", ENTITIES, {"r": [{"__typename": "Event", "id": "%(events)s"}] * 100}, [200], None),
        ("101 entities", ENTITIES, {"r": [{"__typename": "Event", "id": "x"}] * 101}, [400], "BAD_USER_INPUT"),
        ("entities of types that are lists", ENTITIES, {"r": [{"__typename": ["Event"], "id": "x"}] * 10}, [200], "BAD_USER_INPUT"),
        ("the SDL of the subgraph", "{ _service { sdl } }", {}, [200], None),
        ("the SDL of the subgraph 20 times", "{" + " ".join(f"s{n}: _service {{ sdl }}" for n in range(20)) + "}", {}, [200], None),
        ("a change of nothing", 'mutation { updateEvent(input: {id: "x", version: 1}) { event { id } } }', {}, [200], None),
    )
]  # fmt: skip


def bearer(*tokens: str) -> bytes:
    headers = [f"Authorization: Bearer {token}".encode("latin-1") for token in tokens]
    return posted(b'{"query": "{ __typename }"}', *headers)


def jwt(header: object, claims: object, signature: str = "AAAA") -> str:
    def part(of: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(of).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}.{signature}"


def form(body: bytes, *headers: bytes) -> bytes:
    kind = b"Content-Type: application/x-www-form-urlencoded"
    return request("POST", "/oauth/token", body, kind, *headers)


MACHINE = b"grant_type=client_credentials"
ES256 = {"alg": "ES256", "typ": "at+jwt", "kid": "x"}
TOKENS = [
    *(
        Case("tokens", name, bearer(*tokens), [401], "UNAUTHENTICATED")
        for name, tokens in (
            ("nothing", [""]),
            ("nonsense", ["x"]),
            ("60,000 letters", ["x" * 60_000]),
            ("30,000 dots", ["." * 30_000]),
            ("bytes", ["\xff\xfe.\xff.\xff"]),
            ("two of them", ["x", "y"]),
            ("the algorithm none", [jwt({"alg": "none", "typ": "at+jwt", "kid": "x"}, {}, "")]),
            ("the algorithm HS256", [jwt({"alg": "HS256", "typ": "at+jwt", "kid": "x"}, {})]),
            ("a key nobody has", [jwt(ES256, {})]),
            ("a key that is a list", [jwt({**ES256, "kid": ["x"]}, {})]),
            ("a key that it brings along", [jwt({**ES256, "jwk": {"kty": "EC"}}, {})]),
            ("a key to be fetched", [jwt({**ES256, "jku": "http://127.0.0.1:1/"}, {})]),
            ("a critical extension", [jwt({**ES256, "crit": ["b64"], "b64": False}, {})]),
            ("a header of deep lists", [f"{base64.urlsafe_b64encode(b'[' * 2_000).decode()}.x.y"]),
            ("encrypted", ["a.b.c.d.e"]),
        )
    ),
    Case("tokens", "another scheme", posted(b"{}", b"Authorization: Basic " + b"x" * 9_000), [400, 401]),
    Case("tokens", "a scheme alone", posted(b'{"query": "{ hub { name } }"}', b"Authorization: Bearer"), [401]),
    Case("tokens", "a form of nothing", form(b""), [400, 401]),
    Case("tokens", "a form of 16,000 letters", form(MACHINE + b"&a=" + b"x" * 16_000), [400, 401]),
    Case("tokens", "a form of 1 MB", form(b"a=" + b"x" * 1_000_000), [413]),
    Case("tokens", "a form of 5,000 fields", form(b"a=1&" * 4_000), [400]),
    Case("tokens", "a form of bytes", form(b"grant_type=%ff%fe&\xff"), [400, 401]),
    Case("tokens", "a form in JSON", request("POST", "/oauth/token", b"{}", b"Content-Type: application/json"), [400]),
    Case("tokens", "another grant", form(b"grant_type=password&username=a&password=b", b"Authorization: Basic YTpi"), [400, 401]),
    Case("tokens", "a client nobody knows", form(MACHINE, b"Authorization: Basic " + base64.b64encode(b"app_x:y")), [401]),
    Case("tokens", "a secret of 8,000 letters", form(MACHINE, b"Authorization: Basic " + base64.b64encode(b"app_x:" + b"y" * 8_000)), [401]),
    Case("tokens", "a client of bytes", form(MACHINE, b"Authorization: Basic " + base64.b64encode(b"\xff\x00:\xff")), [401]),
    Case("tokens", "two ways to authenticate", form(MACHINE + b"&client_secret=x", b"Authorization: Basic YTpi"), [400]),
    Case("tokens", "a scope of 15,000 letters", form(MACHINE + b"&scope=" + b"a+" * 7_500, b"Authorization: Basic YTpi"), [400, 401]),
]  # fmt: skip

ASKING = [*VARIABLES, *QUESTIONS, *TOKENS]
