"""What a GraphQL request asks: read from its body or its address within limits, or refused.

Strict where others are lenient, since each leniency has been a hole or a 500 somewhere: plain
JSON in UTF-8 only (a form can be sent across sites without asking, graphql-over-http "Exercise
caution"), no content-encoding (a small body that unpacks to a large one), one object; in an
address each parameter once.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from schema.codes import Code, refusal
from schema.documents import Asked, Refused
from schema.limits import Limits

Headers = Mapping[bytes, bytes]

_JSON = "application/json"
_TEXTS = ("query", "documentId", "operationName")
_OBJECTS = ("variables", "extensions")
_MOST_PARAMETERS = 20
# Lower case, as the draft has it, so that a document has one id (and a cache one address for it).
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PREFIX = "sha256:"


async def read_posted(headers: Headers, receive: Receive, limits: Limits) -> Asked:
    """What is asked by POST, or `Refused` naming the header or the member that is wrong."""
    if headers.get(b"content-type") != b"application/json" or b"content-encoding" in headers:
        _check_headers(headers)
    body = await _read(headers, receive, limits.body_bytes)
    try:
        given: Any = orjson.loads(body)  # refuses NaN, lone surrogates, a BOM, endless nesting
    except orjson.JSONDecodeError:
        raise _bad("The body is not JSON in UTF-8.") from None
    if not isinstance(given, dict):
        raise _bad("The body must be one JSON object with a `query`; lists are not served.")
    return asked_of(given, limits)


async def read_gotten(
    headers: Headers, receive: Receive, query_string: bytes, limits: Limits
) -> Asked:
    """What is asked by GET, in the address (graphql-over-http, "GET"). A body means nothing
    (RFC 9110 s9.3.1), and is read only so that the client's leaving is noticed behind it."""
    await _read(headers, receive, limits.body_bytes)
    if len(query_string) > limits.body_bytes:
        raise _too_large(limits.body_bytes)
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        raise _bad(
            f"The address must have at most {_MOST_PARAMETERS} parameters, in UTF-8 and escaped as "
            "a form's are."
        ) from None
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given and name in (*_TEXTS, *_OBJECTS):
            raise _bad(f"`{name}` stands in the address more than once.", name)
        given[name] = value or None  # an empty parameter is as good as none
    for name in _OBJECTS:
        text = given.get(name)
        if text is not None:
            try:
                given[name] = orjson.loads(text)
            except orjson.JSONDecodeError:
                raise _bad(f"`{name}` must be an object, as JSON.", name) from None
    return asked_of(given, limits)


def _check_headers(headers: Headers) -> None:
    media, *parameters = headers.get(b"content-type", b"").decode("latin-1").split(";")
    if media.strip().lower() != _JSON or not all(map(_is_utf_8, parameters)):
        raise Refused(
            refusal(
                Code.UNSUPPORTED_MEDIA_TYPE,
                "Send the request as JSON: content-type: application/json; charset=utf-8.",
            )
        )
    if b"content-encoding" in headers:
        raise Refused(
            refusal(
                Code.UNSUPPORTED_MEDIA_TYPE, "Send the body as it is, without content-encoding."
            )
        )


def _is_utf_8(parameter: str) -> bool:
    """Whether the parameter leaves the body in UTF-8, the only charset of JSON (RFC 8259 s8.1)."""
    name, _, value = parameter.partition("=")
    charset = value.strip().strip('"').lower()
    return name.strip().lower() != "charset" or charset in ("utf-8", "utf8")


async def _read(headers: Headers, receive: Receive, most: int) -> bytes:
    """The body. One that says it is too large is not waited for."""
    said = headers.get(b"content-length", b"")
    if said.isdigit() and int(said[:20]) > most:
        raise _too_large(most)
    body: bytes | bytearray = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) + len(chunk) > most:
            raise _too_large(most)
        if not (body or more):
            return chunk  # the usual: it came in one piece
        if isinstance(body, bytes):
            body = bytearray(body)
        body += chunk
        if not more:
            return bytes(body)


def _too_large(most: int) -> Refused:
    return Refused(
        refusal(
            Code.TOO_LARGE,
            f"The body is larger than {most:,} bytes. Send long values in several requests.",
            limit=most,
        )
    )


def asked_of(given: dict[str, Any], limits: Limits) -> Asked:
    """What the members say, each of the kind it must be; unknown ones say nothing."""
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _bad("`operationName` must be a string or null.", "operationName")
    variables: Any = given.get("variables")
    if variables is not None:
        if not isinstance(variables, dict):
            raise _bad("`variables` must be an object or null.", "variables")
        _check_sizes(variables, limits)
    extensions: Any = given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("`extensions` must be an object or null.", "extensions")
    query = given.get("query")
    # An empty name is no name (graphql-over-http, "Request Parameters").
    if extensions is None and "documentId" not in given and isinstance(query, str):
        return Asked(query, name or None, variables or {})
    return _by_digest(given, query, name or None, variables or {}, extensions or {})


def _by_digest(
    given: dict[str, Any],
    query: Any,
    name: str | None,
    variables: dict[str, Any],
    extensions: dict[str, Any],
) -> Asked:
    """A document may be named by its id, by its digest as Apollo's clients do, and by its text."""
    by_id = _document_id(given.get("documentId"))
    by_hash = _persisted_query(extensions.get("persistedQuery"))
    digest = by_id or by_hash
    if by_id and by_hash and by_id != by_hash:
        raise _bad("`documentId` and `extensions.persistedQuery` name two documents.", "documentId")
    if query is None and digest:
        query = ""
    if not isinstance(query, str):
        raise _bad(
            "`query` must be a string, the text of a GraphQL document; or name one by its "
            "`documentId`.",
            "query",
        )
    return Asked(query, name, variables, digest, automatic=by_hash is not None)


def _document_id(given: Any) -> str | None:
    """Its digest (graphql-over-http, appendix "Persisted Documents")."""
    if given is None:
        return None
    digest = given.removeprefix(_PREFIX) if isinstance(given, str) else ""
    if not _DIGEST.fullmatch(digest):
        raise _bad(
            "`documentId` must be sha256: and the SHA-256 of the document's text, as 64 digits "
            "and letters a to f.",
            "documentId",
        )
    return digest


def _persisted_query(given: Any) -> str | None:
    """Apollo's automatic persisted queries, version 1, the only one there is."""
    if given is None:
        return None
    field = ("extensions", "persistedQuery")
    if not isinstance(given, dict) or given.get("version") != 1:
        raise _bad("Unsupported persisted query version: send version 1.", *field)
    digest = given.get("sha256Hash")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise _bad(
            "`sha256Hash` must be the SHA-256 of the document's text, as 64 digits and letters a "
            "to f.",
            *field,
            "sha256Hash",
        )
    return digest


def _check_sizes(variables: dict[str, Any], limits: Limits) -> None:
    """How deep, how long: without recursion, so that the depth cannot hurt."""
    longest, most, deepest = (
        limits.variables_string,
        limits.variables_list,
        limits.variables_depth,
    )
    waiting: list[tuple[Any, int]] = [(variables, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > deepest:
            raise _bad(f"Nested more than {deepest} levels deep.", "variables")
        if len(value) > most:
            raise _bad(f"A list or object has more than {most:,} items.", "variables")
        for each in value.values() if isinstance(value, dict) else value:
            if isinstance(each, str):
                if len(each) > longest:
                    raise _bad(f"A text is longer than {longest:,} characters.", "variables")
            elif isinstance(each, dict | list):
                waiting.append((each, depth + 1))


def _bad(message: str, *field: str) -> Refused:
    if field:
        return Refused(refusal(Code.BAD_REQUEST, message, field=list(field)))
    return Refused(refusal(Code.BAD_REQUEST, message))
