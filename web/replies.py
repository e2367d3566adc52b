"""An answer as HTTP: its status, its headers, and for whom caches may keep it.

What anybody may read, asked by GET and by an id, may be kept by caches between (RFC 9111) and is
known again by its `ETag` (RFC 9110 s8.8.3). What was read with a token is kept by nobody, and
neither is a mistake.
"""

from dataclasses import dataclass
from hashlib import blake2b

from starlette.types import Send

from schema.codes import Code
from schema.run import Answer
from web.media import JSON

Header = tuple[bytes, bytes]

RETRY_AFTER = b"2"
ASKED_BY = b"GET, HEAD, POST"
# What is refused after the request was well-formed: clients that take application/json expect 200
# for it (graphql-over-http, "application/json"); the others get the code's own status.
_HTTP_REFUSALS = {
    Code.BAD_REQUEST,
    Code.METHOD_NOT_ALLOWED,
    Code.NOT_ACCEPTABLE,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.TOO_LARGE,
    Code.UNAUTHENTICATED,
    Code.INSUFFICIENT_SCOPE,
    Code.FORBIDDEN,
    Code.DOCUMENT_NOT_TRUSTED,
    Code.IDEMPOTENCY_KEY_REUSED,
    Code.IDEMPOTENCY_KEY_IN_USE,
    Code.IDEMPOTENCY_ANSWER_LOST,
}
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_VARY = (b"vary", b"Accept, Authorization")


@dataclass(slots=True)
class Reply:
    status: int
    headers: list[Header]
    body: bytes = b""

    async def send(self, send: Send, method: str) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        body = b"" if method == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})


class Replies:
    """How this hub answers. `resource_metadata` is the address that says where tokens are had
    (RFC 9728); `cache_seconds`, how long a cache may keep what anybody may read."""

    def __init__(self, resource_metadata: str, cache_seconds: int) -> None:
        seconds = b"%d" % cache_seconds
        kept = b"public, max-age=%b, stale-while-revalidate=%b" % (seconds, seconds)
        self._public = (b"cache-control", kept)
        self._by_code: dict[Code, tuple[Header, ...]] = {
            Code.METHOD_NOT_ALLOWED: ((b"allow", ASKED_BY),),
            # RFC 6750 s3: what was sent was a bearer token, and it is no good. RFC 9728 s5.1.
            Code.UNAUTHENTICATED: (
                (
                    b"www-authenticate",
                    b'Bearer error="invalid_token", resource_metadata="%b"'
                    % resource_metadata.encode(),
                ),
            ),
            Code.INSUFFICIENT_SCOPE: ((b"www-authenticate", b'Bearer error="insufficient_scope"'),),
            Code.OVERLOADED: ((b"retry-after", RETRY_AFTER),),
            Code.IDEMPOTENCY_KEY_IN_USE: ((b"retry-after", RETRY_AFTER),),
            # The rest of the body is not read.
            Code.TOO_LARGE: ((b"connection", b"close"),),
        }

    def plain(self, answer: Answer, media: str, *, private: bool = False) -> Reply:
        """One that no cache keeps. `private` where a token was shown by GET."""
        control = b"private, no-store" if private else b"no-store"
        headers = _described(answer.body, media)
        headers.append((b"cache-control", control))
        if answer.code is not None:
            headers += self._by_code.get(answer.code, ())
        return Reply(_status(answer.code, media), headers, answer.body)

    def change_by_get(self, answer: Answer, media: str) -> Reply:
        """What asks for a change is to be posted, whatever else may be gotten here."""
        refused = self.plain(answer, media)
        headers = [each for each in refused.headers if each[0] != b"allow"]
        return Reply(refused.status, [*headers, (b"allow", b"POST")], refused.body)

    def public(self, answer: Answer, media: str, known: bytes | None) -> Reply:
        """One that caches keep; 304 where the client has it, as `known` (If-None-Match) says."""
        tag = entity_tag(answer.body, media)
        kept = [(b"etag", tag), self._public, _VARY]
        if known is not None and is_known(tag, known):
            return Reply(304, kept)  # these headers and no others: RFC 9110 s15.4.5
        return Reply(200, [*_described(answer.body, media), *kept], answer.body)


def is_whole(answer: Answer) -> bool:
    """Whether it was answered without any error: a response begins with those it has."""
    return answer.code is None and answer.body.startswith(b'{"data":')


def entity_tag(body: bytes, media: str) -> bytes:
    """A strong one: the same text as another media type is another representation."""
    return b'"%b"' % blake2b(body, digest_size=16, key=media.encode()).hexdigest().encode()


def is_known(tag: bytes, known: bytes) -> bool:
    """Whether If-None-Match has it: weak comparison, of a list or of `*` (RFC 9110 s13.1.2)."""
    if known.strip() == b"*":
        return True
    return tag in (each.strip().removeprefix(b"W/") for each in known.split(b","))


def _described(body: bytes, media: str) -> list[Header]:
    return [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"%b; charset=utf-8" % media.encode()),
        _NOSNIFF,
    ]


def _status(code: Code | None, media: str) -> int:
    if code is None:
        return 200
    if media == JSON and code.status < 500 and code not in _HTTP_REFUSALS:
        return 200
    return code.status
