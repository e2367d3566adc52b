"""Forms that anybody may send, without an account: read, and known to come from a page of this hub.

There is no session and no cookie, so that nothing of the visitor's own could be abused; but another
site shall not have its visitors send our forms for it (Fetch s3.2, Fetch Metadata s2.4).
"""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, Request

from domain.errors import Refused

MOST_BYTES = 16_000
MOST_FIELDS = 100

Form = Mapping[str, list[str]]


async def sent_from_here(request: Request, base_url: str) -> Form:
    """Its fields. Raises `Refused`."""
    parts = urlsplit(base_url)
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in {"same-origin", "none"} or origin not in {
        None,
        f"{parts.scheme}://{parts.netloc}",
    }:
        raise Refused(
            "This form came from another site. Open the page here, and send it from there."
        )
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise Refused(f"A form has at most {MOST_BYTES} bytes.")
    except ClientDisconnect:
        raise Refused("The form did not arrive whole.") from None
    try:
        return parse_qs(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Refused("This is no form in UTF-8.") from None


def first(form: Form, name: str) -> str:
    return form.get(name, [""])[0].strip()
