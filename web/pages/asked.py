"""What the address of a page says beside the thing it is of; and data that stand in a page."""

import json
from collections.abc import Awaitable, Callable, Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from domain import texts
from domain.errors import Busy, Invalid, Problem
from languages import current
from languages import gettext as _
from web.feeds.asking import NotUnderstood, Unanswered
from web.feeds.told import Translation
from web.pages import rendering
from web.speaking import refusal
from web.trouble import RETRY_AFTER_SECONDS

Page = Callable[[Request], Awaitable[Response]]


def language_in(request: Request) -> str | None:
    """The language asked for by `?lang=`, also one that we speak not; an address with another word in it is still good."""
    try:
        return texts.language(request.query_params.get("lang", ""))
    except Invalid:
        return None


def language_of_page(request: Request) -> str:
    """What people wrote is shown in the language of the page, where it is there in that."""
    return language_in(request) or current()


def translation_of(language: str | None, translations: Sequence[Translation]) -> str | None:
    """The translation that the contract chooses for the language asked for, if there is one."""
    tags = {each["language"] for each in translations}
    wished = (language, language.split("-")[0]) if language else ()
    return next((tag for tag in wished if tag in tags), None)


def in_page(linked_data: bytes) -> Markup:
    """JSON that cannot end the element it stands in (HTML s4.12.1.3)."""
    compact = json.dumps(json.loads(linked_data), ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        compact = compact.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(compact)  # noqa: S704 - nothing is left in it that HTML could read


def unbroken(page: Page, site: str) -> Page:
    """Whoever reads pages is told what is wrong on a page, and never the details."""

    async def told(request: Request) -> Response:
        try:
            return await page(request)
        except Busy as busy:
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return rendering.trouble(site, 503, refusal(busy.message), retry)
        except (NotUnderstood, Problem) as problem:
            return rendering.trouble(site, 400, refusal(problem.message), {})
        except Unanswered:
            said = _("A fault of this hub, now in its log. Try again later.")
            return rendering.trouble(site, 500, said, {})

    return told
