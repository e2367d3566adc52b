"""What a form sent, read from the body of its request."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, Request

from domain.errors import Refused

MOST_FIELDS = 500


class Form(Mapping[str, str]):
    """The fields by name. Of one that was sent several times, such as boxes to tick, `every` gives
    all that were sent."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name][-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def every(self, name: str) -> list[str]:
        return self._values.get(name, [])


async def sent(request: Request, most_bytes: int) -> Form:
    """Raises `Refused`."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise Refused(f"A form has at most {most_bytes} bytes.")
    except ClientDisconnect:
        raise Refused("The form did not arrive whole.") from None
    try:
        return Form(
            parse_qs(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
        )
    except ValueError:
        raise Refused("This is no form in UTF-8.") from None


def is_from_here(request: Request, base_url: str) -> bool:
    """Browsers say where a form comes from (Fetch s3.2, Fetch Metadata s2.4)."""
    parts = urlsplit(base_url)
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in {"same-origin", "none"} and origin in {
        None,
        f"{parts.scheme}://{parts.netloc}",
    }
