"""A GraphQL request's body: read within its limit, and parsed into what is asked or refused.

Strict where others are lenient, since each leniency has been a hole or a 500 somewhere: plain
JSON in UTF-8 only (a form can be sent across sites without asking, graphql-over-http "Exercise
caution"), no content-encoding (a small body that unpacks to a large one), one object.
"""

from typing import Any

import orjson
from starlette.requests import Request

from schema.codes import Code, refusal
from schema.documents import Asked, Refused
from schema.limits import Limits

_JSON = "application/json"


async def read_asked(request: Request, limits: Limits) -> Asked:
    """What is asked, or `Refused` naming the header or the member that is wrong."""
    _check_headers(request)
    return _parsed(await _read(request, limits.body_bytes), limits)


def _check_headers(request: Request) -> None:
    given = request.headers.getlist("content-type")
    media, *parameters = (given[0] if len(given) == 1 else "").split(";")
    if media.strip().lower() != _JSON or not all(map(_is_utf_8, parameters)):
        raise Refused(
            refusal(
                Code.UNSUPPORTED_MEDIA_TYPE,
                "Send the request as JSON: content-type: application/json; charset=utf-8.",
            )
        )
    if "content-encoding" in request.headers:
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


async def _read(request: Request, most: int) -> bytes:
    """The body. One that says it is too large is not waited for."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Refused:
    return Refused(
        refusal(
            Code.TOO_LARGE,
            f"The body is larger than {most:,} bytes. Send long values in several requests.",
            limit=most,
        )
    )


def _parsed(body: bytes, limits: Limits) -> Asked:
    try:
        given: Any = orjson.loads(body)  # refuses NaN, lone surrogates, a BOM, endless nesting
    except orjson.JSONDecodeError:
        raise _bad("The body is not JSON in UTF-8.") from None
    if not isinstance(given, dict):
        raise _bad("The body must be one JSON object with a `query`; lists are not served.")
    query = given.get("query")
    if not isinstance(query, str):
        raise _bad("`query` must be a string, the text of a GraphQL document.", "query")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _bad("`operationName` must be a string or null.", "operationName")
    for member in ("variables", "extensions"):
        value = given.get(member)
        if value is not None and not isinstance(value, dict):
            raise _bad(f"`{member}` must be an object or null.", member)
    variables: dict[str, Any] = given.get("variables") or {}
    _check_sizes(variables, limits)
    # An empty name is no name (graphql-over-http, "Request Parameters").
    return Asked(query, name or None, variables)


def _check_sizes(variables: dict[str, Any], limits: Limits) -> None:
    """How deep, how long: without recursion, so that the depth cannot hurt."""
    waiting: list[tuple[Any, int]] = [(variables, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            if len(value) > limits.variables_string:
                raise _bad(
                    f"A text is longer than {limits.variables_string:,} characters.", "variables"
                )
            continue
        if not isinstance(value, dict | list):
            continue
        if depth > limits.variables_depth:
            raise _bad(f"Nested more than {limits.variables_depth} levels deep.", "variables")
        if len(value) > limits.variables_list:
            raise _bad(
                f"A list or object has more than {limits.variables_list:,} items.", "variables"
            )
        inner = value.values() if isinstance(value, dict) else value
        waiting.extend((each, depth + 1) for each in inner)


def _bad(message: str, *field: str) -> Refused:
    if field:
        return Refused(refusal(Code.BAD_REQUEST, message, field=list(field)))
    return Refused(refusal(Code.BAD_REQUEST, message))
