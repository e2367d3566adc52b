"""A person lets the command line act for them: a code here, and their answer in a browser.

RFC 8628, as the hub's own app (`auth/built_in.py`). With a file to keep it in, the next token needs
no browser: the refresh token in it is changed each time, under a lock, because a hub that is shown
one twice takes it for stolen.
"""

import fcntl
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auth import addresses
from auth.built_in import COMMAND_LINE
from auth.scopes import DEFAULT
from domain.apps import GrantType
from domain.errors import Invalid
from federation.addresses import FetchProblem, FetchReason
from web.commands._asking_a_hub import Hub, NoToken, said

Wait = Callable[[float], Awaitable[None]]

# RFC 8628 s3.2, s3.5: where the hub names none, and how much longer to wait when told to.
INTERVAL_SECONDS = 5
SLOWER_BY_SECONDS = 5
_LONGEST_INTERVAL, _LONGEST_LIFE = 60, 3_600


async def token_of_person(hub: Hub, scopes: Sequence[str], wait: Wait) -> dict[str, Any]:
    """Once they have answered. What they are to do is told on standard error, so that what is
    printed is the token alone."""
    begun = await hub.asked(
        addresses.DEVICE_AUTHORIZATION,
        {"client_id": COMMAND_LINE, "scope": " ".join(scopes)},
    )
    texts = [begun.get(name) for name in ("device_code", "user_code", "verification_uri")]
    device_code, user_code, page = (text if isinstance(text, str) else "" for text in texts)
    if not device_code or not user_code or urlsplit(page).scheme not in {"https", "http"}:
        raise hub.is_no_hub("it gave no code")
    interval = _seconds(begun.get("interval"), INTERVAL_SECONDS, _LONGEST_INTERVAL)
    left = _seconds(begun.get("expires_in"), 600, _LONGEST_LIFE)
    print(
        f"To let the command line act for you, open\n\n    {said(page)}\n\nand type the code\n\n"
        f"    {said(user_code)}\n\nIt is good for {max(1, left // 60)} minutes. Waiting …",
        file=sys.stderr,
        flush=True,
    )
    asked = {
        "grant_type": str(GrantType.DEVICE_CODE),
        "client_id": COMMAND_LINE,
        "device_code": device_code,
    }
    while left > 0:
        await wait(interval)
        left -= interval
        try:
            return await hub.token(asked)
        except NoToken as not_yet:
            if not_yet.error == "slow_down":
                interval += SLOWER_BY_SECONDS
            elif not_yet.error != "authorization_pending":
                raise
        except FetchProblem as away:
            if away.reason not in {FetchReason.TIMEOUT, FetchReason.RATE_LIMITED}:
                raise
            interval += SLOWER_BY_SECONDS
    raise NoToken(f"{hub.url} gives no token: nobody answered in time. Begin anew.")


async def token_kept(hub: Hub, scopes: Sequence[str], file: Path, wait: Wait) -> dict[str, Any]:
    """By what the file keeps; where that is over, the person is asked, and it is kept again."""
    with _opened(file) as kept:
        if kept.refresh_token and kept.url == hub.url:
            try:
                answer = await hub.token(
                    {
                        "grant_type": str(GrantType.REFRESH_TOKEN),
                        "client_id": COMMAND_LINE,
                        "refresh_token": kept.refresh_token,
                        "scope": " ".join(scopes),
                    }
                )
            except NoToken as over:
                if over.error not in {"invalid_grant", "invalid_scope"}:
                    raise
            else:
                kept.keep(hub.url, answer)
                return answer
        wanted = ("offline_access", *(scopes or DEFAULT))
        answer = await token_of_person(hub, wanted, wait)
        kept.keep(hub.url, answer)
        return answer


async def forget(file: Path, hub_at: Callable[[str], Hub]) -> None:
    """What the file keeps ends at its hub, and the file goes."""
    with _opened(file) as kept:
        if kept.refresh_token:
            await hub_at(kept.url).given_back(COMMAND_LINE, kept.refresh_token)
        os.unlink(file)


@dataclass(slots=True)
class _Kept:
    """A file of ours, open and locked."""

    descriptor: int
    url: str
    refresh_token: str

    def keep(self, url: str, answer: dict[str, Any]) -> None:
        """Nothing, where the person did not want the command line to stay."""
        refresh_token = answer.pop("refresh_token", None)
        text = json.dumps({"hub": url, "refresh_token": refresh_token}, indent=2) + "\n"
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)
        os.fsync(self.descriptor)


@contextmanager
def _opened(file: Path) -> Iterator[_Kept]:
    """For its owner's eyes alone. Of two commands at once, the second waits."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags, 0o600)
    except OSError as error:
        raise Invalid(f"{file} cannot be used: {error.strerror}. Name another file.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.fchmod(descriptor, 0o600)
        yield _read(descriptor, file)
    finally:
        os.close(descriptor)


def _read(descriptor: int, file: Path) -> _Kept:
    text = os.pread(descriptor, 16_384, 0)
    if not text.strip():
        return _Kept(descriptor, "", "")
    try:
        read = json.loads(text)
        url, refresh_token = read["hub"], read["refresh_token"] or ""
    except (ValueError, TypeError, KeyError):
        url = refresh_token = None
    if not isinstance(url, str) or not isinstance(refresh_token, str):
        # Nothing of somebody else's is written over.
        raise Invalid(f"{file} holds something else. Name a new file.")
    return _Kept(descriptor, url, refresh_token)


def _seconds(value: object, otherwise: int, most: int) -> int:
    return min(value, most) if type(value) is int and value > 0 else otherwise
