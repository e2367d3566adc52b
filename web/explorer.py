"""The explorer: a page at GET /graphql on which to write a query, run it, and read the schema.

GraphiQL loads itself from other people's servers; this page is three small files of ours, sent as
one, under a policy that lets it run nothing else and talk to nobody but this hub.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

_FILES = Path(__file__).parent / "static"


def explorer_page() -> Response:
    page, policy = _page()
    return Response(
        page,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-cache",
            "Vary": "Accept",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
    )


@cache
def _page() -> tuple[bytes, str]:
    """The page, and the policy that allows its own script and style by their digests."""
    style, script, page = (
        (_FILES / name).read_text("utf-8")
        for name in ("explorer.css", "explorer.js", "explorer.html")
    )
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return page.replace("/*style*/", style).replace("/*script*/", script).encode(), policy


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
