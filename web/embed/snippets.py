"""What somebody puts into a page of theirs: a frame, or the element `convoke-events`.

Both have a link to the hub's page, in plain HTML. The frame's stands beneath it, because nothing within
a frame is shown where frames are taken out or refused; the element's is shown until the dates are there.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from languages import SOURCE, speaking
from languages import gettext as _
from web.embed.routes import EMBED, SCRIPT
from web.pages.views import View

USUAL_HEIGHT = 600
HEIGHTS = (200, 2_000)
_FRAME = Markup(
    '<iframe src="{address}" title="{title}" width="100%" height="{height}" loading="lazy" '
    'frameborder="0"></iframe>\n<p><a href="{page}">{words}</a></p>'
)
_ELEMENT = Markup(
    '<script type="module" src="{script}"></script>\n'
    '<convoke-events src="{address}" view="{view}" lang="{language}">'
    '<a href="{page}">{words}</a></convoke-events>'
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`path` is where the dates are on this hub (`/organizations/…`), `page` the address to link to."""

    path: str
    name: str
    page: str
    view: View
    language: str
    height: int


@dataclass(frozen=True, slots=True)
class Snippets:
    frame: str
    element: str
    preview: str  # the address of what the frame shows, on this hub


def snippets_of(hub_url: str, wanted: Wanted) -> Snippets:
    path = f"{EMBED}{wanted.path}"
    query = urlencode({"view": wanted.view.value, "lang": wanted.language})
    page = wanted.page
    if wanted.language != SOURCE:
        page = f"{page}{'&' if '?' in page else '?'}{urlencode({'lang': wanted.language})}"
    with speaking(wanted.language):
        words = _("All dates of %(name)s", name=wanted.name)
        title = _("Dates of %(name)s", name=wanted.name)
    frame = _FRAME.format(
        address=f"{hub_url}{path}?{query}",
        title=title,
        height=wanted.height,
        page=page,
        words=words,
    )
    element = _ELEMENT.format(
        script=hub_url + SCRIPT,
        address=hub_url + path,
        view=wanted.view.value,
        language=wanted.language,
        page=page,
        words=words,
    )
    return Snippets(str(frame), str(element), f"{path}?{query}")
