"""How public things are sent: with a name for their content, so that who has it is not sent it again."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

# Short: a date that is called off must be seen to be so.
KEPT = "public, max-age=60"
GUARDED = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def sent(request: Request, body: bytes, media: str, headers: dict[str, str]) -> Response:
    """The body, or 304 where the client says that it has it (RFC 9110 s13.1.2, s15.4.5)."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {**GUARDED, "Cache-Control": KEPT, **headers, "ETag": tag}
    if has(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type=media)


def has(condition: str | None, tag: str) -> bool:
    if condition is None:
        return False
    named = (each.strip().removeprefix("W/") for each in condition[:2_000].split(","))
    return any(each in ("*", tag) for each in named)


def not_there(media: str, body: bytes, headers: dict[str, str]) -> Response:
    """The same for what never was, what nobody may see, and what is no id at all."""
    return Response(
        body, 404, {**GUARDED, "Cache-Control": "no-cache", **headers}, media_type=media
    )


def wants_linked_data(accept: str | None) -> bool:
    """It is named, and no page of HTML is liked better (RFC 9110 s12.5.1)."""
    liked = {"application/ld+json": 0.0, "text/html": 0.0}
    for part in (accept or "").lower().split(",")[:50]:
        media, *parameters = (each.strip() for each in part.split(";"))
        if media in liked:
            liked[media] = _quality(parameters)
    return liked["application/ld+json"] > liked["text/html"]


def _quality(parameters: list[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
