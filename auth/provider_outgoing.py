"""Asking an organization's sign-in provider: what is handed in for it, and strict reading of JSON.

Only `federation/client.py` opens connections, and nothing here imports it: `web/` hands it in.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Protocol

from domain.errors import Problem
from domain.words import say

JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


class ProviderProblem(Problem):
    """The provider could not be asked, or what it says is not believed. Nothing was changed."""

    code: ClassVar[str] = "PROVIDER_FAILED"


class Said(Protocol):
    """An answer, as `federation.client.Fetched` is one."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


class Outgoing(Protocol):
    """`federation.client.OutgoingClient`: guarded, with a deadline, and no redirect is followed."""

    async def fetch(
        self,
        url: str,
        *,
        accept: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        media_types: frozenset[str] = frozenset(),
    ) -> Said: ...

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        media_types: frozenset[str] = frozenset(),
    ) -> Said: ...


async def asked(
    outgoing: Outgoing,
    url: str,
    most_bytes: int,
    *,
    what: str,
    media_types: frozenset[str] = frozenset({JSON}),
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object there, or a `ProviderProblem` that says what of the provider's it is about."""
    try:
        answer = await outgoing.fetch(
            url, accept=JSON, max_bytes=most_bytes, headers=headers, media_types=media_types
        )
    except Problem as problem:
        raise ProviderProblem(say("%(what)s: %(why)s", what=what, why=problem.message)) from problem
    return json_object(answer.body, what)


async def posted(
    outgoing: Outgoing,
    url: str,
    form: bytes,
    most_bytes: int,
    *,
    what: str,
    headers: Mapping[str, str],
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object answered."""
    try:
        answer = await outgoing.post(
            url,
            body=form,
            content_type=_FORM,
            accept=JSON,
            max_bytes=most_bytes,
            headers=headers,
            media_types=frozenset({JSON}),
        )
    except Problem as problem:
        raise ProviderProblem(say("%(what)s: %(why)s", what=what, why=problem.message)) from problem
    return answer.status, json_object(answer.body, what)


def json_object(text: bytes, what: str) -> dict[str, Any]:
    """RFC 8259, without what Python adds; a name that stands twice is no object either."""
    try:
        read = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ProviderProblem(say("%(what)s: the provider answered no JSON.", what=what)) from None
    if not isinstance(read, dict):
        raise ProviderProblem(say("%(what)s: the provider answered no JSON object.", what=what))
    return read


def plain(text: object, most: int = 200) -> str:
    """A stranger's words for a page: one line, no controls, not long."""
    if not isinstance(text, str):
        return ""
    line = "".join(letter for letter in text if letter.isprintable()).strip()
    return line if len(line) <= most else line[: most - 1] + "…"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice")
    return read


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
