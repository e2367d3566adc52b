"""What a form sent, read from the body of its request."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from domain.errors import Refused
from domain.words import say

MOST_FIELDS = 500
_WITH_FILES = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody chose, and what it is called there."""

    name: str
    body: bytes


class Form(Mapping[str, str]):
    """The fields by name. Of one that was sent several times, such as boxes to tick, `every` gives
    all that were sent. `files` are those that were chosen, by the names of their fields."""

    def __init__(
        self, values: Mapping[str, list[str]], files: Mapping[str, Upload] | None = None
    ) -> None:
        self._values = values
        self.files = files or {}

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
    body = await _body(request, most_bytes)
    if request.headers.get("content-type", "").startswith(_WITH_FILES):
        return await _with_files(request, body)
    try:
        return Form(
            parse_qs(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
        )
    except ValueError:
        raise Refused("This is no form in UTF-8.") from None


async def _body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise Refused(say("A form has at most %(most)s bytes.", most=most_bytes))
    except ClientDisconnect:
        raise Refused("The form did not arrive whole.") from None
    return bytes(body)


async def _with_files(request: Request, body: bytes) -> Form:
    """A field in which no file was chosen is sent as an empty file (HTML s4.10.21.8)."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, stream(), max_fields=MOST_FIELDS, max_part_size=len(body)
    )
    try:
        parts = await parser.parse()
    except (MultiPartException, ValueError):
        raise Refused("This is no form that a browser sends.") from None
    values: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for name, part in parts.multi_items():
        if isinstance(part, UploadFile):
            files[name] = Upload(part.filename or name, await part.read())
        else:
            values.setdefault(name, []).append(part)
    await parts.close()
    return Form(values, {name: found for name, found in files.items() if found.body})


def is_from_here(request: Request, base_url: str) -> bool:
    """Browsers say where a form comes from (Fetch s3.2, Fetch Metadata s2.4)."""
    parts = urlsplit(base_url)
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in {"same-origin", "none"} and origin in {
        None,
        f"{parts.scheme}://{parts.netloc}",
    }
