"""What other ways to sign in put on the sign-in page and on the security page.

A part is named like its template without `.html`: `sign_in_passkey`, `sign_in_providers`,
`security_passkeys`, `security_providers`. Its template is included where there is such a part, and
finds what the part says as `part`, beside all that the page has: `then` and `again` on the sign-in
page, `ways` and `is_fresh` on the security page, and `form_token` and `session` on both. A part that
says None is left out.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from web.account.visits import HEADERS, Visit

# Where it leads afterwards is told on the sign-in page.
Part = Callable[[Visit, str | None], Awaitable[Mapping[str, Any] | None]]
Parts = Mapping[str, Part]

# A passkey is asked for by a script of ours; without one, the other ways are there.
WITH_SCRIPT = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; script-src 'self'"
}


async def said(
    parts: Parts, page: str, visit: Visit, then: str | None = None
) -> dict[str, Mapping[str, Any]]:
    """What the parts of this page say, by their names."""
    told = {
        name: await part(visit, then) for name, part in parts.items() if name.startswith(f"{page}_")
    }
    return {name: each for name, each in told.items() if each is not None}
